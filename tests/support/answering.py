"""A server on loopback that answers whatever it is told to, seen by the client through the official SDKs."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from paidsw.cloud.connection import Connection
from tests.support.waiting import PATIENCE

REGION = "cn-wulanchabu"
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def action(self) -> str:
        return self.headers["x-acs-action"]


@dataclass
class Reply:
    """An answer; ``cut`` closes the connection without one."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    def octets(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Script = Callable[[Asked], Reply]


class Answers:
    """The server's side: what it was asked, and the script by which it answers."""

    def __init__(self, url: str, script: Script) -> None:
        self.url = url
        self.script = script
        self.asked: list[Asked] = []

    @property
    def actions(self) -> list[str]:
        return [one.action for one in self.asked]

    def always(self, body: Any = None, **more: Any) -> None:
        """One answer to everything, and nothing asked yet."""
        reply = Reply({} if body is None else body, **more)
        self.script = lambda _: reply
        self.asked.clear()

    def pages(self, member: str, pages: list[list[Any]], total: object) -> None:
        """A list operation's pages; past the last one an empty one."""

        def script(asked: Asked) -> Reply:
            number = int(asked.query["PageNumber"])
            shown = pages[number - 1] if number <= len(pages) else []
            return Reply({member: shown, "TotalCount": total, "RequestId": "R"})

        self.script = script
        self.asked.clear()

    def run(self, client: Callable[[Connection, str], T], work: Callable[[T], Awaitable[Any]]) -> Any:
        """What some work with a client of this server comes to."""

        async def body() -> Any:
            return await work(client(Connection(self.url), REGION))

        return asyncio.run(body())


def _handler(answers: list[Answers]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            octets = self.rfile.read(length)
            target = urlsplit(self.path)
            asked = Asked(
                self.command,
                target.netloc,
                target.path,
                dict(parse_qsl(target.query)),
                json.loads(octets) if octets.startswith(b"{") else None,
                {key.lower(): value for key, value in self.headers.items()},
            )
            answers[0].asked.append(asked)
            reply = answers[0].script(asked)
            self.close_connection = True
            if reply.cut:
                return
            self.send_response(reply.status)
            for key, value in (reply.headers | {"Content-Length": str(len(reply.octets()))}).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(reply.octets())

        do_GET = do_PUT = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests look at what was asked."""

    return Handler


@contextmanager
def answering() -> Iterator[Answers]:
    """The server, until the block ends."""
    holder: list[Answers] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(holder))
    holder.append(Answers(f"http://127.0.0.1:{server.server_port}", lambda _: Reply()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)
