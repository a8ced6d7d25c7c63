"""A Python that has loaded everything already, and forks itself for each script that the engine starts.

Two thirds of a `pulumi up` are interpreters that load the same modules: language host, program, pack and two
plugins. Under the fork server each is still a process of its own, with streams, environment and signals of its own.
Tests of starting, killing and packaging do without it.
"""

from __future__ import annotations

import gc
import importlib
import marshal
import os
import runpy
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

from paidsw.cloud import emulated

LOADED = (
    "pulumi_alicloud.pai",
    "pulumi_policy",
    "grpc.aio",
    "aiohttp",
    "darabonba.runtime",
    "alibabacloud_aiworkspace20210204.client",
    "alibabacloud_bssopenapi20171214.client",
    "alibabacloud_pai_dsw20220101.client",
    "alibabacloud_tea_openapi.models",
    "components.package",
    "paidsw.emulator.server",
    "paidsw.provider.server",
    "paidsw.provider.servicer",
    "paidsw.setup.language_host.server",
    "policies.pack",
    "rehearsal.alicloud.servicer",
)


class ForkServer:
    """Forks for each launcher and tells it how its child ended; kills the child of a launcher that is gone."""

    def __init__(self, listener: socket.socket) -> None:
        self._events = selectors.DefaultSelector()
        self._listener = listener
        self._on(listener.fileno(), self._accept)
        # Standard input ends with the tests.
        self._on(0, partial(os._exit, 0))

    def serve(self) -> None:
        """Serve until the tests have ended."""
        while True:
            for key, _ in self._events.select():
                if key.fd in self._events.get_map():  # an event before it may have closed this one
                    key.data()

    def _on(self, descriptor: int, action: Callable[[], None]) -> None:
        self._events.register(descriptor, selectors.EVENT_READ, action)

    def _accept(self) -> None:
        launcher, _ = self._listener.accept()
        length, streams, _, _ = socket.recv_fds(launcher, 4, 3)
        with launcher.makefile("rb") as file:
            directory, command, environment = marshal.loads(file.read(int.from_bytes(length, "big")))
        child = os.fork()
        if child == 0:
            for key in self._events.get_map().values():
                os.close(key.fd)
            os.close(launcher.fileno())
            _run(streams, directory, command, environment)
        for stream in streams:
            os.close(stream)
        launcher.sendall(child.to_bytes(4, "big"))
        ended = os.pidfd_open(child)
        self._on(ended, partial(self._reap, child, ended, launcher))
        self._on(launcher.fileno(), partial(self._kill, ended, launcher))

    def _reap(self, child: int, ended: int, launcher: socket.socket) -> None:
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        self._events.unregister(ended)
        os.close(ended)
        with suppress(KeyError):
            self._events.unregister(launcher.fileno())
        with suppress(OSError):
            launcher.sendall((code if code >= 0 else 128 - code).to_bytes(4, "big"))
        launcher.close()

    def _kill(self, ended: int, launcher: socket.socket) -> None:
        self._events.unregister(launcher.fileno())
        signal.pidfd_send_signal(ended, signal.SIGKILL)


def _run(
    streams: Sequence[int], directory: str, command: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Be the interpreter that was asked for."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if "VIRTUAL_ENV" in environment:
        # The same code is in each copy of the project; where the copy is decides whose emulator it asks.
        emulated.CHECKOUT = Path(environment["VIRTUAL_ENV"]).parent
    gc.enable()
    code: object = None
    try:
        if command[0] == "-m":
            sys.argv[:] = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv[:] = command
            runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def main(address: str) -> None:
    """Load, then serve on a socket's path."""
    gc.disable()
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        ForkServer(listener).serve()


if __name__ == "__main__":
    main(sys.argv[1])
