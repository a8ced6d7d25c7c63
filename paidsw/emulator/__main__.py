"""Runs the emulator in the foreground: ``python -m paidsw.emulator --folder FOLDER [--port PORT] [--frozen]``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from paidsw.core.record import FILE, Record, read
from paidsw.trial.regions import DSW
from paidsw.trial.terms import TERMS

from .account import Account, open_account
from .errors import EmulatorError
from .hosts import DEFAULT_PORT
from .lock import FolderLock
from .process import NONCE, write_record
from .server import Server

LOOK_SECONDS = 2.0  # how often it looks whether its folder is still there


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 0 then, 2 with one sentence on stderr when it can't."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)  # state, record and log are their owner's alone
    try:
        asyncio.run(_serve(options))
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m paidsw.emulator", description="A local PAI-DSW on loopback."
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the state and the log are kept")
    parser.add_argument(
        "--port",
        type=int,
        help=f"default: the last one, else {DEFAULT_PORT}, else a free one; 0 takes a free one",
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument(
        "--region", choices=DSW, help=f"region of requests to loopback, default {TERMS.home_region}"
    )
    parser.add_argument("--frozen", action="store_true", help="a clock that stands still until it is moved")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    with FolderLock(options.folder):
        account = open_account(options.folder, frozen=options.frozen)
        if options.region:
            account.state.settings.home_region = options.region
        server = await _listening(options, account)
        try:
            _stop_on_signals(server.stopping)
            write_record(options.folder, Record.of(options.folder, server.port, server.nonce))
            print(f"The emulator listens on http://127.0.0.1:{server.port}", flush=True)
            await _stopped(server, options.folder / FILE)
        finally:
            await server.stop()


async def _stopped(server: Server, record: Path) -> None:
    """Until it is asked to stop, or its folder is deleted: then nobody could find it to ask."""
    while not server.stopping.is_set() and await asyncio.to_thread(os.path.lexists, record):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.stopping.wait(), LOOK_SECONDS)


async def _listening(options: argparse.Namespace, account: Account) -> Server:
    """A server on the port that was asked for, or on the first of the usual ones that is free."""
    *wanted, last = ports_to_try(options.folder) if options.port is None else [options.port]
    for port in wanted:
        with contextlib.suppress(EmulatorError):
            return await _serving(options, account, port)
    return await _serving(options, account, last)


def ports_to_try(folder: Path) -> list[int]:
    """The port of the last time, the usual one, any free one (0)."""
    before = read(folder)
    return [*([before.port] if before else []), DEFAULT_PORT, 0]


async def _serving(options: argparse.Namespace, account: Account, port: int) -> Server:
    server = Server(account, options.folder, os.environ.get(NONCE, ""))
    await server.start(port, options.host)
    return server


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers in its event loop; there the process just ends, the state is on disk.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping.set)


if __name__ == "__main__":
    sys.exit(main())
