"""One port on loopback for all services and the control interface.

A request passes the middlewares in their order; the endpoint of its operation hands it to the gateway.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
from pathlib import Path

from aiohttp import web

from .account import Account
from .control_api import ControlApi
from .endpoints import RESOURCES
from .errors import EmulatorError
from .gateway import Gateway
from .hosts import LOOPBACK
from .middlewares import MIDDLEWARES
from .wire import CONTROL, GATEWAY, SEEN_NONCES, STOPPING

DEFAULT_PORT = 8790


class Server:
    """Serves one account until it is stopped."""

    def __init__(self, account: Account, folder: Path | None = None, nonce: str = "") -> None:
        self.account = account
        self.nonce = nonce or secrets.token_hex(16)
        self.port = 0
        self.stopping = asyncio.Event()
        self.control = ControlApi(account, nonce=self.nonce, folder=str(folder or ""), stop=self.stopping.set)
        app = web.Application(middlewares=MIDDLEWARES)
        app[GATEWAY] = Gateway(account)
        app[CONTROL] = self.control
        app[STOPPING] = self.stopping
        app[SEEN_NONCES] = {}
        for resource in RESOURCES:
            app.router.register_resource(resource)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, port: int, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes any free one. EmulatorError when the address isn't loopback or is taken."""
        if host not in LOOPBACK:
            raise EmulatorError(f"The emulator listens on loopback only, and {host} is not: use 127.0.0.1.")
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=None)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise EmulatorError(_cannot_listen(port, error)) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and end what is under way."""
        self.stopping.set()
        await self._runner.cleanup()


def _cannot_listen(port: int, error: OSError) -> str:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return f"Port {port} is in use by another program: stop that, or choose another port with --port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used by this user: choose one above 1023 with --port."
    return f"The emulator cannot listen on port {port}: {error.strerror}."
