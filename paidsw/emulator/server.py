"""The HTTP side: one port on loopback for all services and the control interface."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import secrets
import socket
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from paidsw.core.record import NONCE_HEADER

from . import console
from .cloud import Cloud
from .control_api import PREFIX, ControlApi
from .dispatch import Dispatcher
from .errors import ApiError, EmulatorError
from .regions import LOOPBACK, is_loopback
from .wire import Request

DEFAULT_PORT = 8790


class Server:
    """Serves one account until it is stopped."""

    def __init__(self, cloud: Cloud, folder: Path | None = None, nonce: str = "") -> None:
        self.cloud = cloud
        self.nonce = nonce or secrets.token_hex(16)
        self.port = 0
        self.stopping = asyncio.Event()
        self._dispatcher = Dispatcher(cloud)
        self.control = ControlApi(cloud, nonce=self.nonce, folder=str(folder or ""), stop=self.stopping.set)
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None))

    async def start(self, port: int, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes any free one. EmulatorError when the address isn't loopback or is taken."""
        if host not in LOOPBACK:
            raise EmulatorError(f"the emulator listens on loopback only, and {host} is not", "use 127.0.0.1")
        await self._runner.setup()
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

    async def _handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        _acknowledge(raw)
        request = await _read(raw)
        meant = request.header(NONCE_HEADER)
        answer = _misdirected() if meant and meant != self.nonce else await self._answer(raw, request)
        answer.headers[NONCE_HEADER] = self.nonce
        return answer

    async def _answer(self, raw: web.BaseRequest, request: Request) -> web.Response:
        if request.raw_path.rstrip("/") + "/" == PREFIX or request.raw_path.startswith(PREFIX):
            return self._manage(request)
        latency = self.cloud.state.settings.latency_ms
        if latency:
            await self._pause(latency)
        answer = self._dispatcher.answer(request)
        if answer.hold_ms:
            await self._pause(answer.hold_ms)
        if answer.cut and raw.transport is not None:
            raw.transport.abort()
        return web.Response(status=answer.status or 500, body=answer.body, headers=answer.headers)

    async def _pause(self, milliseconds: int) -> None:
        """Real time: a test of a client's timeout needs it, and a stop must not wait for it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), milliseconds / 1000)

    def _manage(self, request: Request) -> web.Response:
        try:
            _admit(request)
            name = request.raw_path[len(PREFIX) :].strip("/")
            if not name:
                return self._page(request)
            query = dict(parse_qsl(request.raw_query))
            text = self.control.handle(request.method, name, query, request.json().values)
        except ApiError as error:
            body = json.dumps({"code": error.code, "message": error.message})
            return web.Response(status=error.status, text=body, content_type="application/json")
        return web.Response(text=text, content_type="application/json")

    def _page(self, request: Request) -> web.Response:
        if request.method != "GET":
            raise ApiError(405, "NotAllowed", "the console page is only for reading")
        self.cloud.settle()
        text = console.page(self.cloud, self.control.status())
        return web.Response(text=text, content_type="text/html", headers=console.HEADERS)


def _misdirected() -> web.Response:
    """The answer to a request that is meant for another emulator; nothing was done."""
    message = "another emulator was meant: this one was started later, or in another folder"
    error = ApiError(421, "MisdirectedRequest", message)
    body = error.body(str(uuid.uuid4()).upper(), "") | {"code": error.code, "message": message}
    return web.Response(status=421, text=json.dumps(body), content_type="application/json")


def _acknowledge(raw: web.BaseRequest) -> None:
    """Ask for the body at once: towards a proxy, urllib3 sends it only when the headers are acknowledged.

    Without this, Linux may wait 40 ms before it acknowledges them.
    """
    connection = raw.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def _read(raw: web.BaseRequest) -> Request:
    # A client that takes us for its HTTP proxy sends the whole address as the target.
    host, path, query = _target(_text(raw.raw_path))
    headers = {key.lower(): _text(value) for key, value in raw.headers.items()}
    return Request(raw.method, host or headers.get("host", ""), path, query, headers, await raw.read())


def _text(raw: str) -> str:
    """Without the half surrogates that stand for bytes which are no UTF-8."""
    return raw.encode(errors="surrogateescape").decode(errors="replace")


def _target(target: str) -> tuple[str, str, str]:
    host = ""
    if target.lower().startswith("http://"):
        host, slash, rest = target[len("http://") :].partition("/")
        target = slash + rest or "/"
    path, _, query = target.partition("?")
    return host, path, query


def _admit(request: Request) -> None:
    """Only callers on this machine who mean it: no page of another site, no name that merely points here."""
    if not is_loopback(request.host) or not is_loopback(request.header("host")):
        raise ApiError(403, "Forbidden", "the control interface answers on the loopback address only")
    origin = request.header("origin")
    if origin and not is_loopback(urlsplit(origin).netloc):
        raise ApiError(403, "Forbidden", "the control interface answers no other site's pages")
    if request.method != "GET" and request.header("content-type").partition(";")[0] != "application/json":
        raise ApiError(415, "UnsupportedMediaType", "the control interface takes application/json")


def _cannot_listen(port: int, error: OSError) -> EmulatorError:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return EmulatorError(
            f"port {port} is in use by another program", "stop that, or choose another port with --port"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return EmulatorError(f"port {port} may not be used by this user", "choose one above 1023 with --port")
    return EmulatorError(f"the emulator can't listen on port {port}: {error.strerror}")
