"""A language host as the engine starts it: a process, its port on standard output, calls over gRPC."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from paidsw.setup.layout import ROOT
from tests.support.waiting import PATIENCE

ENVIRONMENT = sys.prefix


class Host:
    """A running language host."""

    def __init__(self, *arguments: str, parent: Sequence[str] = ()) -> None:
        """`parent`: the command line of a script, to be written, that starts it instead of the tests' own process."""
        command = [sys.executable, "-m", "paidsw.setup.language_host", *arguments]
        if parent:
            Path(parent[0]).write_text(f"import subprocess; subprocess.run({command!r})")
            command = [sys.executable, *parent]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "the host has not told its port"
        port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Signal the whole process group, as the engine does."""
        os.killpg(self.process.pid, number)

    def end(self) -> str:
        """Stop it; what it and its children wrote after the port."""
        self.channel.close()
        with suppress(ProcessLookupError):
            self.interrupt(signal.SIGTERM)
        return self.rest()

    def rest(self) -> str:
        """What the host and its children still wrote, once all of them have ended."""
        self.process.wait(PATIENCE)  # what it writes in a test fits into the pipes
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        return (self.process.stdout.read() + self.process.stderr.read()).decode()

    def close(self) -> None:
        """Kill what is left and close all files."""
        self.channel.close()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def info(folder: Path, *, program: Path | None = None, **options: Any) -> language_pb2.ProgramInfo:
    """A project in `folder` that runs in the environment of these tests unless `options` say otherwise."""
    message = language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(program or folder), entry_point="."
    )
    message.options.update(options or {"virtualenv": ENVIRONMENT})
    return message
