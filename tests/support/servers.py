"""Servers on loopback with a certificate of a private authority, as a corporate network's proxy has."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.authority import Authority
from tests.support.wheels import Wheel


class _Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


class Server:
    """Files by path; `asked` are the paths that were asked for, `moved` where a path sends on to."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                content = server.files.get(self.path)
                if self.path in server.moved:
                    self.send_response(302)
                    self.send_header("Location", server.moved[self.path])
                else:
                    self.send_response(404 if content is None else 200)
                self.send_header(
                    "Content-Type", "text/html" if self.path.endswith("/") else "application/zip"
                )
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content or b"")

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def encrypt(self, certificate: Path) -> None:
        """Speak TLS with a file of key and certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # A client that doesn't trust us hangs up in the handshake, which belongs to the thread that serves it.
        self.http.socket = context.wrap_socket(
            self.http.socket, server_side=True, do_handshake_on_connect=False
        )
        # Some versions of pip can't verify a certificate for an address without a name.
        self.url = f"https://localhost:{self.http.server_port}"

    def offer(self, *wheels: Wheel) -> None:
        """Be a package index with these files."""
        for name in {wheel.name for wheel in wheels}:
            links = [wheel for wheel in wheels if wheel.name == name]
            page = "".join(
                f'<a href="/files/{one.path.name}#{one.digest.replace(":", "=")}">{one.path.name}</a>\n'
                for one in links
            )
            self.files[f"/simple/{name}/"] = f"<!DOCTYPE html><html><body>{page}</body></html>".encode()
        self.files.update({f"/files/{wheel.path.name}": wheel.path.read_bytes() for wheel in wheels})


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    """A running server, with TLS if there is a certificate."""
    server = Server()
    if certificate is not None:
        server.encrypt(certificate)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def authority(folder: Path) -> tuple[Path, Path]:
    """A new certificate authority's certificate, and a key with a certificate of it for localhost."""
    own = Authority(folder)
    return own.bundle, own.issued("localhost")
