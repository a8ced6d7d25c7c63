"""The processes that the host runs, and how they are stopped: asked first, ended at last, none left behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import IO

# The engine gives a language host 5 s between its interrupt and the kill of the whole process group.
ASK_SECONDS = 2.0
TERMINATE_SECONDS = 1.5
# Without an engine there is no hurry, and a provider may be about to release what it just created.
ORPHAN_SECONDS = 10.0

Chunk = tuple[str, bytes]


class Child:
    """One running process of the host; `stopped` tells that its end was asked for here."""

    def __init__(
        self, command: Sequence[str], *, cwd: str | None, env: Mapping[str, str], piped: bool, program: bool
    ) -> None:
        pipe = subprocess.PIPE if piped else None
        self.program = program
        self.stopped = False
        self.process = subprocess.Popen(
            command, cwd=cwd or None, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )

    def output(self) -> Iterator[Chunk]:
        """What the process writes, as it comes: ("stdout" | "stderr", bytes), until both streams have ended."""
        queue: SimpleQueue[Chunk | None] = SimpleQueue()
        streams = [("stdout", self.process.stdout), ("stderr", self.process.stderr)]
        readers = [
            threading.Thread(target=_forward, args=(name, stream, queue), daemon=True)
            for name, stream in streams
            if stream is not None
        ]
        for reader in readers:
            reader.start()
        for _ in readers:
            yield from iter(queue.get, None)

    def signal(self, number: int) -> None:
        """Ask the process to end; on Windows, which has no such signals, it is ended."""
        self.stopped = True
        if self.process.poll() is not None:
            return
        try:
            if os.name == "nt":
                self.process.terminate()
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass

    def stop(self, ask: float = ASK_SECONDS) -> None:
        """Interrupt, then terminate, then kill; returns when the process is gone."""
        self.signal(signal.SIGINT)
        self.finish(ask)

    def finish(self, ask: float) -> None:
        """Wait `ask` seconds for the process to end by itself, then end it."""
        for seconds, escalate in ((ask, self.process.terminate), (TERMINATE_SECONDS, self.process.kill)):
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                escalate()
            else:
                return
        self.process.wait()


def _forward(name: str, stream: IO[bytes], queue: "SimpleQueue[Chunk | None]") -> None:
    # Read to the end even if nobody listens any more: a process that blocks on a full pipe can't clean up.
    with stream:
        while data := os.read(stream.fileno(), 65536):
            queue.put((name, data))
    queue.put(None)


class Children:
    """All running processes of the host. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Child] = set()
        self._closed = False

    @contextmanager
    def run(
        self,
        command: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str],
        piped: bool = False,
        program: bool = False,
    ) -> Iterator[Child]:
        """Start a process and stop it when the block is left, however it is left.

        OSError if the command can't be started. `piped`: its streams are read through `Child.output`, otherwise
        it writes to the host's own. `program`: a Pulumi program, which `interrupt_programs` stops.
        """
        with self._lock:
            if self._closed:
                raise OSError("the language host is shutting down")
            child = Child(command, cwd=cwd, env=env, piped=piped, program=program)
            self._running.add(child)
        try:
            yield child
        finally:
            if child.process.poll() is None:
                child.stop()
            with self._lock:
                self._running.discard(child)

    def interrupt_programs(self) -> None:
        """Interrupt what runs as a program; plugins are not touched."""
        for child in self._snapshot():
            if child.program:
                child.signal(signal.SIGINT)

    def stop_all(self, received: int | None) -> None:
        """Stop everything. `received`: the signal that told the host to stop, None if the engine has vanished.

        The engine interrupts the whole process group, so plugins have had their SIGINT already; a second one would
        tell them to drop what they are doing.
        """
        with self._lock:
            self._closed = True
        children = self._snapshot()
        for child in children:
            if child.program or received != signal.SIGINT:
                child.signal(signal.SIGTERM if received == signal.SIGTERM else signal.SIGINT)
        deadline = time.monotonic() + (ORPHAN_SECONDS if received is None else ASK_SECONDS)
        for child in children:
            child.finish(max(0.0, deadline - time.monotonic()))

    def _snapshot(self) -> list[Child]:
        with self._lock:
            return list(self._running)
