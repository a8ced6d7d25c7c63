"""A key service that the engine asks for a stack's key: Vault's transit engine, as far as Pulumi uses it.

From a passphrase the engine derives the key by a million rounds, a fifth of the time of a whole `pulumi up`. It hides
nothing: what tests look for in a state is whether the engine encrypted it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROVIDER = "hashivault://tests"
_PREFIX = "vault:v1:"


def kept(key: bytes) -> str:
    """A stack's key as configuration and state keep it, encrypted by the service."""
    text = _PREFIX + base64.b64encode(key).decode()
    return base64.b64encode(text.encode()).decode()


@cache
def derived(passphrase: str, salt: str) -> str:
    """The key of a stack that has a passphrase and this `encryptionsalt`, kept by the service from now on."""
    _, drawn, *_ = salt.split(":")
    return kept(hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(drawn), 1_000_000))


class _Transit(BaseHTTPRequestHandler):
    """`PUT /v1/transit/encrypt/KEY` and `decrypt`, each with one text in base64."""

    def do_PUT(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/v1/transit/encrypt/"):
            data = {"ciphertext": _PREFIX + sent["plaintext"]}
        else:
            data = {"plaintext": sent["ciphertext"].removeprefix(_PREFIX)}
        answer = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@cache
def variables() -> Mapping[str, str]:
    """The environment variables by which the engine finds the one service of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}", "VAULT_SERVER_TOKEN": "tests"}
