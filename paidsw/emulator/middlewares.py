"""What every request passes through before it reaches its endpoint."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from paidsw.core.record import NONCE_HEADER

from . import signature
from .application import CONTROL, GATEWAY, PLACE, SEEN_NONCES, no_action, pause, response, target, text
from .clock import system_time
from .control_api import PREFIX
from .errors import ApiError
from .gateway import new_request_id
from .hosts import host_only, is_loopback
from .request import Fields
from .routing import Service
from .services import SERVICES, locate

KEPT_NONCES = 10_000
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def addressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add this emulator's nonce to every answer; refuse requests that are meant for another emulator."""
    nonce = request.app[CONTROL].nonce
    meant = request.headers.get(NONCE_HEADER)
    answer = _misdirected() if meant and meant != nonce else await handler(request)
    answer.headers[NONCE_HEADER] = nonce
    return answer


@web.middleware
async def acknowledge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Acknowledge the headers at once: urllib3 sends a proxy the body only after that.

    Without this, Linux may wait 40 ms.
    """
    connection = request.get_extra_info("socket")
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return await handler(request)


@web.middleware
async def control(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve the control interface and the console page; signatures and faults don't apply to them."""
    path = target(request).path
    if not (path + "/").startswith(PREFIX):
        return await handler(request)
    try:
        _admit(request)
        name = path[len(PREFIX) :].strip("/")
        if not name:
            return _page(request)
        body = Fields.of_body(await _body(request)).values
        answer = request.app[CONTROL].handle(request.method, name, dict(request.query), body)
    except ApiError as error:
        return web.json_response({"code": error.code, "message": error.message}, status=error.status)
    return web.Response(text=answer, content_type="application/json")


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer in the services' form what is refused before its operation is known."""
    try:
        return await handler(request)
    except ApiError as error:
        refused = error
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        refused = no_action(request)
    gateway, asked = request.app[GATEWAY], target(request)
    gateway.record("-", "-", asked.path, refused.status, refused.code)
    return response(gateway.refuse(refused, host_only(asked.host)))


@web.middleware
async def latency(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Delay every answer by the latency in the settings."""
    if milliseconds := request.app[GATEWAY].account.state.settings.latency_ms:
        await pause(request, milliseconds)
    return await handler(request)


@web.middleware
async def signed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Require a known host, a valid signature and a nonce that is new."""
    settings = request.app[GATEWAY].account.state.settings
    host, path, query = target(request)
    request[PLACE] = (None, settings.home_region) if is_loopback(host) else _locate(host)
    headers = {key.lower(): text(value) for key, value in request.headers.items()}
    sent = signature.Request(request.method, path, query, headers, await _body(request))
    signature.check(sent, system_time(), settings.skew_seconds * 1000)
    _once(request.app[SEEN_NONCES], sent.header("x-acs-signature-nonce"))
    return await handler(request)


# The outermost first. Latency is outside of errors: a refusal takes as long as any answer.
MIDDLEWARES = (addressed, acknowledge, control, latency, errors, signed)


def _misdirected() -> web.Response:
    """The answer to a request that is meant for another emulator; nothing was done."""
    message = "another emulator was meant: this one was started later, or in another folder"
    error = ApiError(421, "MisdirectedRequest", message)
    body = error.body(new_request_id(), "") | {"code": error.code, "message": message}
    return web.json_response(body, status=421)


def _admit(request: web.Request) -> None:
    """Accept callers on this machine only: no other site's pages, no host name that merely resolves to loopback."""
    if not is_loopback(target(request).host) or not is_loopback(request.headers.get("host", "")):
        raise ApiError(403, "Forbidden", "the control interface answers on the loopback address only")
    origin = request.headers.get("origin")
    if origin and not is_loopback(urlsplit(origin).netloc):
        raise ApiError(403, "Forbidden", "the control interface answers no other site's pages")
    if request.method != "GET" and request.content_type != "application/json":
        raise ApiError(415, "UnsupportedMediaType", "the control interface takes application/json")


def _page(request: web.Request) -> web.Response:
    if request.method != "GET":
        raise ApiError(405, "NotAllowed", "the console page is only for reading")
    # Jinja2, which no other request needs.
    from . import console

    account = request.app[GATEWAY].account
    account.settle()
    page = console.page(account, request.app[CONTROL].status())
    return web.Response(text=page, content_type="text/html", headers=console.HEADERS)


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


def _once(seen: dict[str, None], nonce: str) -> None:
    """Refuse a used nonce, so that a transport that retries after a lost answer doesn't act twice."""
    if nonce in seen:
        raise ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    seen[nonce] = None
    if len(seen) > KEPT_NONCES:
        del seen[next(iter(seen))]


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(413, "RequestEntityTooLarge", str(error.text)) from error
