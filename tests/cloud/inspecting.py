"""A proxy that inspects HTTPS, as corporate ones do: it answers for every host with a certificate of its own CA."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BODY = {"RequestId": "R", "Instances": [], "TotalCount": 0}


class Authority:
    """A private CA, and the files that hold what it signed."""

    def __init__(self, folder: Path, name: str = "A corporate CA") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder(self._name, self._key, timedelta(days=-1), timedelta(days=30))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._certificate = builder.add_extension(identifier, critical=False).sign(self._key, hashes.SHA256())
        self.bundle = folder / "ca.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, since: timedelta, until: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return builder.not_valid_before(now + since).not_valid_after(now + until)

    def issued(self, host: str, *, until: timedelta = timedelta(days=30)) -> Path:
        """A certificate and its key for one host name, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A proxy")])
        builder = self._builder(name, key, timedelta(days=-2), until)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return file


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
        thread.join(10)
