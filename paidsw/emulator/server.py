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
from .application import CONTROL, GATEWAY, SEEN_NONCES, STOPPING
from .control_api import ControlApi
from .endpoints import RESOURCES
from .errors import EmulatorError
from .gateway import Gateway
from .hosts import LOOPBACK
from .messages import Text
from .middlewares import MIDDLEWARES


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
            raise EmulatorError(Text.LOOPBACK_ONLY(host=host), Text.USE_LOOPBACK())
        await self._runner.setup()
        # None is asyncio's default: on Windows, True would let two servers share a port.
        site = web.TCPSite(self._runner, host, port, reuse_address=None)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise _cannot_listen(port, error) from error
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and end what is under way."""
        self.stopping.set()
        await self._runner.cleanup()


def _cannot_listen(port: int, error: OSError) -> EmulatorError:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return EmulatorError(Text.PORT_IN_USE(port=port), Text.ANOTHER_PORT())
    if error.errno in (errno.EACCES, errno.EPERM):
        return EmulatorError(Text.PORT_REFUSED(port=port), Text.HIGHER_PORT())
    return EmulatorError(Text.CANNOT_LISTEN(port=port, reason=error.strerror))
