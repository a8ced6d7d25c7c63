"""The HTTP side: one port on loopback for all services and the control interface.

A request passes the middlewares in the order of `MIDDLEWARES`, then the gateway carries out its operation.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from paidsw.core.record import NONCE_HEADER

from . import signature
from .account import Account
from .clock import system_time
from .control_api import PREFIX, ControlApi
from .errors import ApiError, EmulatorError
from .gateway import Answer, Gateway, new_request_id
from .messages import Text
from .regions import LOOPBACK, host_only, is_loopback
from .request import Fields
from .routing import Operation, Service
from .services import OPERATIONS, SERVICES, locate

DEFAULT_PORT = 8790
KEPT_NONCES = 10_000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves one account until it is stopped."""

    def __init__(self, account: Account, folder: Path | None = None, nonce: str = "") -> None:
        self.account = account
        self.nonce = nonce or secrets.token_hex(16)
        self.port = 0
        self.stopping = asyncio.Event()
        self.gateway = Gateway(account)
        self.control = ControlApi(account, nonce=self.nonce, folder=str(folder or ""), stop=self.stopping.set)
        self.seen_nonces: dict[str, None] = {}
        app = web.Application(middlewares=MIDDLEWARES)
        app[SERVER] = self
        for resource in RESOURCES:
            app.router.register_resource(resource)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, port: int, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes any free one. EmulatorError when the address isn't loopback or is taken."""
        if host not in LOOPBACK:
            raise EmulatorError(Text.LOOPBACK_ONLY(host=host), Text.USE_LOOPBACK())
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

    async def pause(self, milliseconds: int) -> None:
        """Real time: a test of a client's timeout needs it, and a stop must not wait for it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), milliseconds / 1000)


SERVER = web.AppKey("server", Server)
PLACE = web.RequestKey("place", tuple[Service | None, str])


# --- middlewares ---


@web.middleware
async def addressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer says which emulator gives it; a request that is meant for another one is refused."""
    nonce = request.app[SERVER].nonce
    meant = request.headers.get(NONCE_HEADER)
    answer = _misdirected() if meant and meant != nonce else await handler(request)
    answer.headers[NONCE_HEADER] = nonce
    return answer


@web.middleware
async def acknowledge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the body at once: towards a proxy, urllib3 sends it only when the headers are acknowledged.

    Without this, Linux may wait 40 ms before it acknowledges them.
    """
    connection = request.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return await handler(request)


@web.middleware
async def control(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The control interface and the console page, which know neither signatures nor faults."""
    path = _target(request)[1]
    if not (path + "/").startswith(PREFIX):
        return await handler(request)
    server = request.app[SERVER]
    try:
        _admit(request)
        name = path[len(PREFIX) :].strip("/")
        if not name:
            return _page(request)
        body = Fields.of_body(await request.read()).values
        text = server.control.handle(request.method, name, dict(request.query), body)
    except ApiError as error:
        return web.json_response({"code": error.code, "message": error.message}, status=error.status)
    return web.Response(text=text, content_type="application/json")


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is refused before an operation is known, in the services' form."""
    try:
        return await handler(request)
    except ApiError as error:
        refused = error
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        refused = _no_action(request)
    except web.HTTPRequestEntityTooLarge as error:
        refused = ApiError(413, "RequestEntityTooLarge", str(error.text))
    gateway = request.app[SERVER].gateway
    host, path, _ = _target(request)
    gateway.record("-", "-", path, refused.status, refused.code)
    return _response(gateway.refuse(refused, host_only(host)))


@web.middleware
async def latency(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The time that every answer takes."""
    server = request.app[SERVER]
    if milliseconds := server.account.state.settings.latency_ms:
        await server.pause(milliseconds)
    return await handler(request)


@web.middleware
async def signed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only what one of the services is asked, and signed, and not sent again."""
    server = request.app[SERVER]
    settings = server.account.state.settings
    host, path, query = _target(request)
    request[PLACE] = (None, settings.home_region) if is_loopback(host) else _locate(host)
    headers = {key.lower(): _text(value) for key, value in request.headers.items()}
    sent = signature.Request(request.method, path, query, headers, await request.read())
    signature.check(sent, system_time(), settings.skew_seconds * 1000)
    _once(server.seen_nonces, sent.header("x-acs-signature-nonce"))
    return await handler(request)


MIDDLEWARES = (addressed, acknowledge, control, latency, errors, signed)


# --- operations ---


class Endpoint:
    """The operations of one method and path; the host or a header says which is meant."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Carry out the operation that the request means."""
        server, (service, region) = request.app[SERVER], request[PLACE]
        operation = self._meant(service, request.headers.get("x-acs-action", ""))
        if operation is None:
            raise _no_action(request)
        version = operation.service.version
        if request.headers.get("x-acs-version") != version:
            raise ApiError(400, "InvalidVersion", f"{operation.name} belongs to version {version}")
        host, _, query = _target(request)
        answer = server.gateway.perform(
            operation,
            region,
            dict(request.match_info),
            query=query,
            body=await request.read(),
            host=host_only(host),
        )
        if answer.hold_ms:
            await server.pause(answer.hold_ms)
        if answer.cut and request.transport is not None:
            request.transport.abort()
        return _response(answer)

    def _meant(self, service: Service | None, action: str) -> Operation | None:
        for operation in self.operations:
            if service in (None, operation.service) and (operation.path != "/" or operation.name == action):
                return operation
        return None


def _resources() -> list[web.Resource]:
    """The routes of all operations, made once for all servers of a process."""
    paths: dict[str, dict[str, list[Operation]]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {}).setdefault(operation.method, []).append(operation)
    made = []
    for path, methods in paths.items():
        for ending in ("", "/") if path != "/" else ("",):
            resource = _resource(path + ending)
            for method, operations in methods.items():
                resource.add_route(method, Endpoint(operations).__call__)
            made.append(resource)
    return made


def _resource(path: str) -> web.Resource:
    if "{" not in path:
        return web.PlainResource(path)
    # aiohttp's own pattern for a parameter takes no braces.
    return web.DynamicResource(re.sub(r"{(\w+)}", r"{\1:[^/]+}", path))


RESOURCES = _resources()


# --- helpers ---


def _misdirected() -> web.Response:
    """The answer to a request that is meant for another emulator; nothing was done."""
    message = "another emulator was meant: this one was started later, or in another folder"
    error = ApiError(421, "MisdirectedRequest", message)
    body = error.body(new_request_id(), "") | {"code": error.code, "message": message}
    return web.json_response(body, status=421)


def _target(request: web.Request) -> tuple[str, str, str]:
    """Host, path and query as they were sent: a client that takes us for its proxy sends the whole address."""
    host, target = "", _text(request.raw_path)
    if target.lower().startswith("http://"):
        host, slash, rest = target[len("http://") :].partition("/")
        target = slash + rest or "/"
    path, _, query = target.partition("?")
    return host or _text(request.headers.get("host", "")), path, query


def _text(raw: str) -> str:
    """Without the half surrogates that stand for bytes which aren't UTF-8."""
    return raw.encode(errors="surrogateescape").decode(errors="replace")


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status or 500, body=answer.body, headers=answer.headers)


def _locate(host: str) -> tuple[Service, str]:
    place = locate(host)
    if place is None:
        names = [f"{service.host}.<region>.aliyuncs.com" for service in SERVICES if not service.central]
        central = [f"{service.host}.aliyuncs.com" for service in SERVICES if service.central]
        raise ApiError(
            404,
            "InvalidRegionId.NotFound",
            f"The emulator serves no host {host!r}, and passes nothing on: it knows"
            f" {', '.join(names)} in the regions of each, and {', '.join(central)}.",
        )
    return place


def _no_action(request: web.Request) -> ApiError:
    path = _target(request)[1]
    return ApiError(404, "InvalidAction.NotFound", f"No action at {request.method} {path}")


def _once(seen: dict[str, None], nonce: str) -> None:
    """A transport that sends a request again, after it lost the answer, is not to do the thing twice."""
    if nonce in seen:
        raise ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    seen[nonce] = None
    if len(seen) > KEPT_NONCES:
        del seen[next(iter(seen))]


def _page(request: web.Request) -> web.Response:
    if request.method != "GET":
        raise ApiError(405, "NotAllowed", "the console page is only for reading")
    # Jinja2, which no other request needs.
    from . import console

    server = request.app[SERVER]
    server.account.settle()
    text = console.page(server.account, server.control.status())
    return web.Response(text=text, content_type="text/html", headers=console.HEADERS)


def _admit(request: web.Request) -> None:
    """Only callers on this machine who mean it: no page of another site, no name that merely points here."""
    if not is_loopback(_target(request)[0]) or not is_loopback(request.headers.get("host", "")):
        raise ApiError(403, "Forbidden", "the control interface answers on the loopback address only")
    origin = request.headers.get("origin")
    if origin and not is_loopback(urlsplit(origin).netloc):
        raise ApiError(403, "Forbidden", "the control interface answers no other site's pages")
    if request.method != "GET" and request.content_type != "application/json":
        raise ApiError(415, "UnsupportedMediaType", "the control interface takes application/json")


def _cannot_listen(port: int, error: OSError) -> EmulatorError:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)):
        return EmulatorError(Text.PORT_IN_USE(port=port), Text.ANOTHER_PORT())
    if error.errno in (errno.EACCES, errno.EPERM):
        return EmulatorError(Text.PORT_REFUSED(port=port), Text.HIGHER_PORT())
    return EmulatorError(Text.CANNOT_LISTEN(port=port, reason=error.strerror))
