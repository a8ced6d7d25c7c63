"""Runs other programs and passes on what they say, line by line; several at the same time."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

_running: set[subprocess.Popen[str]] = set()
_stopped = threading.Event()


class Stopped(Exception):
    """Work was abandoned because parallel work failed or was interrupted."""


def run(
    command: Sequence[str],
    on_line: Callable[[str], None],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: int | None = None,
) -> int:
    """Run a command, give each line of its output and errors to `on_line`, and return its exit code.

    `keep`: a file descriptor that the command inherits. OSError if it can't be started; an interrupt ends it. Stopped
    if work beside it failed.
    """
    check_stopped()
    inherited = (keep,) if keep is not None and os.name != "nt" else ()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        pass_fds=inherited,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        _running.add(process)
        if _stopped.is_set():
            process.terminate()
        try:
            for line in process.stdout or ():
                on_line(line.rstrip())
            code = process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            _running.discard(process)
    check_stopped()
    return code


def check_stopped() -> None:
    """Raise Stopped if parallel work has failed."""
    if _stopped.is_set():
        raise Stopped


def together(*jobs: Callable[[], object]) -> None:
    """Do several jobs at the same time. The first failure, or an interrupt, ends the programs of the others."""
    try:
        with ThreadPoolExecutor(len(jobs)) as pool:
            try:
                futures = [pool.submit(job) for job in jobs]
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:
                _stop()
                raise
    finally:
        _stopped.clear()


def _stop() -> None:
    _stopped.set()
    for process in tuple(_running):
        process.terminate()
