"""What middlewares and endpoints share: the parts of the server, and a request's target."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

from aiohttp import web

from .control_api import ControlApi
from .errors import ApiError
from .gateway import Answer, Gateway
from .routing import Service

GATEWAY = web.AppKey("gateway", Gateway)
CONTROL = web.AppKey("control", ControlApi)
STOPPING = web.AppKey("stopping", asyncio.Event)
SEEN_NONCES = web.AppKey("seen_nonces", dict[str, None])
# The service that a request's host means, None for any, and the region.
PLACE = web.RequestKey("place", tuple[Service | None, str])


class Target(NamedTuple):
    """Where a request was sent: host, path and query as they came."""

    host: str
    path: str
    query: str


def target(request: web.Request) -> Target:
    """The target; a client that uses the emulator as its proxy sends a whole URL."""
    host, rest = "", text(request.raw_path)
    if rest.lower().startswith("http://"):
        host, slash, rest = rest[len("http://") :].partition("/")
        rest = slash + rest or "/"
    path, _, query = rest.partition("?")
    return Target(host or text(request.headers.get("host", "")), path, query)


def text(raw: str) -> str:
    """The text with bytes that aren't UTF-8 replaced."""
    return raw.encode(errors="surrogateescape").decode(errors="replace")


def response(answer: Answer) -> web.Response:
    """The answer as aiohttp sends it."""
    # aiohttp needs a status even for an answer that is never sent.
    return web.Response(status=answer.status or 500, body=answer.body, headers=answer.headers)


def no_action(request: web.Request) -> ApiError:
    """HTTP 404: no operation has this method and path."""
    return ApiError(404, "InvalidAction.NotFound", f"No action at {request.method} {target(request).path}")


async def pause(request: web.Request, milliseconds: int) -> None:
    """Wait in real time, for tests of a client's timeouts; ends early when the server stops."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(request.app[STOPPING].wait(), milliseconds / 1000)
