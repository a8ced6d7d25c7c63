"""Previews of stacks under the policy pack, on an emulator and with states that nobody else uses."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from paidsw.cli import stack
from paidsw.cli.check.generated import Generated
from paidsw.cli.check.messages import Text
from paidsw.cli.errors import CliError, ExitCode
from paidsw.cli.rehearsal import Rehearsal
from paidsw.core.stack_file import ConfigFile

INTERRUPT_SECONDS = 15
# A preview takes some seconds; a program that never ends must not hold a runner for hours.
LONGEST_MINUTES = 10
# Each is a process for the engine, the program, the pack and two providers.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """The engine's events, its exit code and what it wrote to standard error."""

    events: tuple[Mapping[str, Any], ...]
    code: int
    errors: str

    def of(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """The events of one kind, such as policyEvent."""
        return (event[kind] for event in self.events if kind in event)


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack to preview: its name, the file of its settings, and the providers' settings that are left out."""

    name: str
    file: Path
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Task:
    """What is previewed: `checkout` judges `project`, with the program in the folder `program`."""

    checkout: Path
    project: ConfigFile
    name: str
    program: Path
    levels: Path | None = None


def previews(task: Task, stacks: Sequence[Stack]) -> list[Preview]:
    """Preview each stack as a new one, two at a time; CliError when that can't be begun for any.

    The emulator lives in this process, and the states in a folder that goes with it.
    """
    from paidsw.emulator.testing import (
        running_emulator,
    )  # a web server, which no other command needs in this process

    rehearsal = Rehearsal(task.checkout)
    with ExitStack() as outer:
        outer.enter_context(rehearsal.private())
        place = TemporaryDirectory(prefix="check-", dir=rehearsal.folder, ignore_cleanup_errors=True)
        folder = Path(outer.enter_context(place))
        generated = Generated(folder, task.checkout, task.program)
        generated.write(task.project, task.name)
        levels = generated.levels(task.levels)
        engine = _Engine(rehearsal.pulumi(), generated.environment(), folder)
        pack = ["--policy-pack", str(task.checkout / "policies"), "--policy-pack-config", str(levels)]
        with _pool(engine) as pool:
            made = [pool.submit(engine.make, one.name) for one in stacks]
            with running_emulator(any_reference=True) as cloud:

                def one(wanted: Stack, made: Future[None]) -> Preview:
                    target = folder / f"Pulumi.{wanted.name}.yaml"
                    try:
                        made.result()
                        stack.write_config(
                            wanted.file,
                            target,
                            cloud.url,
                            keep_salt=True,
                            import_real=False,
                            without=wanted.without,
                            project=task.name,
                        )
                        return engine.preview(wanted.name, pack)
                    except CliError as error:
                        # What one stack fails with says nothing about the others.
                        return Preview((), ExitCode.FAILED, str(error))

                return list(pool.map(one, stacks, made))


class _Engine:
    """Runs `pulumi` in a folder, and ends it when the check ends before it."""

    def __init__(self, pulumi: str, environment: Mapping[str, str], folder: Path) -> None:
        self.folder = folder
        self._pulumi = pulumi
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._ended = False

    def make(self, name: str) -> None:
        """Make a stack; CliError where that fails."""
        # --stack=NAME, since a name may begin with a hyphen.
        init = [self._pulumi, "stack", "init", f"--stack={name}", "--no-select", "--non-interactive"]
        stack.ask(init, self._environment, self.folder)

    def preview(self, name: str, options: Sequence[str]) -> Preview:
        """Preview a stack; CliError where it takes too long, or where everything has been ended."""
        command = [self._pulumi, "preview", f"--stack={name}", "--json", "--non-interactive", *options]
        with self._start(command) as process:
            try:
                output, errors = process.communicate(timeout=LONGEST_MINUTES * 60)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
                _end(process)
                cause = Text.TOO_LONG(stack=name, minutes=LONGEST_MINUTES)
                raise CliError(cause, Text.MAKE_SHORTER()) from None
            finally:
                self._running.discard(process)
        return Preview(tuple(_events(output)), process.returncode, errors)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._ended:
                raise CliError(Text.ENDED())
            process = subprocess.Popen(
                command,
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            self._running.add(process)
        return process

    def end(self) -> None:
        """Wait until everything has ended. A Ctrl-C has reached each `pulumi`, which ends what it started."""
        with self._lock:
            self._ended = True
        for process in list(self._running):
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(INTERRUPT_SECONDS)
    process.kill()


@contextmanager
def _pool(engine: _Engine) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        engine.end()
        raise
    finally:
        pool.shutdown()


def _events(output: str) -> Iterator[Mapping[str, Any]]:
    """The events in what `pulumi` wrote, one a line; CliError for one that can't be read, of which nobody knows."""
    # Not splitlines(), which knows more ends of a line than JSON escapes.
    for line in output.split("\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            if line.startswith("{"):
                raise CliError(Text.UNREADABLE_EVENT(), Text.MAKE_SHORTER_VALUES()) from None
            continue
        if isinstance(event, dict):
            yield event
