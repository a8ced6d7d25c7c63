"""Runs other programs and passes on what they say, line by line."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str],
    on_line: Callable[[str], None],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: int | None = None,
) -> int:
    """Run a command, give each line of its output and errors to `on_line`, and return its exit code.

    `keep`: a file descriptor that the command inherits. OSError if it can't be started; an interrupt ends it.
    """
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
        try:
            for line in process.stdout or ():
                on_line(line.rstrip())
            return process.wait()
        except BaseException:
            process.terminate()
            raise
