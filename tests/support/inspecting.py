"""A proxy that inspects HTTPS, as corporate ones do: it answers for every host with a certificate of its own CA."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.waiting import PATIENCE

BODY = {"RequestId": "R", "Instances": [], "TotalCount": 0}


@dataclass
class Proxy:
    """The proxy as a client sees it: what it was asked to connect to, and how it answers."""

    port: int
    certificate: Path | None = None
    status: int = 200
    body: object = field(default_factory=lambda: dict(BODY))
    connected: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        """One CONNECT, and one request in the tunnel."""
        client.settimeout(30)
        head = _head(client)
        self.connected.append(head.split(b" ")[1].decode())
        if self.status != 200:
            client.sendall(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if self.certificate is None:
            # Read first: an answer before the handshake, or a close with something unread, resets the connection.
            client.recv(4096)
            client.sendall(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        with context.wrap_socket(client, server_side=True) as secure:
            _head(secure)
            content = json.dumps(self.body).encode()
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))


def _head(client: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        part = client.recv(4096)
        if not part:
            raise ConnectionResetError
        read += part
    return read


@contextmanager
def inspecting(certificate: Path | None, status: int = 200) -> Iterator[Proxy]:
    """The proxy on a free port, until the block ends."""
    server = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(server.getsockname()[1], certificate, status)

    def one(client: socket.socket) -> None:
        # A client that trusts no certificate closes the connection.
        with client, suppress(OSError):
            proxy.serve(client)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=one, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(PATIENCE)
