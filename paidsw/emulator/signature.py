"""Checks that a request is signed, as the services do.

The emulator knows no accounts: any access key id is let in whose secret is `REHEARSAL_SECRET`. So nobody can
use it by accident with real keys, and a client that signs wrongly is found out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote

from .clock import Millis, parse_iso
from .errors import ApiError

REHEARSAL_SECRET = "rehearsal-secret"  # noqa: S105 - public on purpose: it opens nothing but this emulator
MAX_SKEW: Millis = 15 * 60 * 1000
_ACS3 = re.compile(r"^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]+)$")
_ROA = re.compile(r"^acs ([^:]+):(\S+)$")
_REQUIRED = ("host", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")


@dataclass(frozen=True)
class Request:
    """What is signed of a request: path and query as they came, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, empty when there is none."""
        return self.headers.get(name, "")


def check(request: Request, now: Millis, skew: Millis = 0) -> str:
    """The access key id of a signed request; ApiError with the gateway's codes otherwise.

    ``now`` is the machine's own time, since clients sign with theirs; ``skew`` is how far the cloud's is off.
    """
    authorization = request.header("authorization")
    if found := _ACS3.match(authorization):
        key, names, signature = found.groups()
        expected = _acs3(request, names.split(";"))
        _compare(request, signature, expected, now + skew, request.header("x-acs-date"))
    elif found := _ROA.match(authorization):
        key, signature = found.groups()
        _compare(request, signature, _roa(request), now + skew, request.header("date"))
    else:
        raise ApiError(400, "MissingAuthorization", "Authorization is mandatory: the request must be signed")
    return key


def _compare(request: Request, signature: str, expected: str, now: Millis, date: str) -> None:
    if abs(now - _time(date)) > MAX_SKEW:
        raise ApiError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        raise ApiError(
            403,
            "SignatureDoesNotMatch",
            "Specified signature does not match our calculation. The emulator takes any access key id"
            f" with the secret {REHEARSAL_SECRET!r}.",
        )
    if not request.header("x-acs-signature-nonce"):
        raise ApiError(400, "MissingSignatureNonce", "x-acs-signature-nonce is mandatory")


def _time(date: str) -> Millis:
    try:
        if date.endswith("Z"):
            return parse_iso(date)
        moment = parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ApiError(400, "InvalidTimeStamp.Format", "The date of the request cannot be read") from error
    return round((moment - datetime.fromtimestamp(0, UTC)).total_seconds() * 1000)


def _acs3(request: Request, names: list[str]) -> str:
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise ApiError(400, "IncompleteSignature", f"the signature leaves out {', '.join(missing)}")
    digest = hashlib.sha256(request.body).hexdigest()
    if request.header("x-acs-content-sha256") != digest:
        raise ApiError(400, "IncompleteSignature", "x-acs-content-sha256 is not the hash of the body")
    headers = "".join(f"{name}:{request.header(name).strip()}\n" for name in sorted(names))
    canonical = "\n".join(
        (request.method, request.path, _query(request), headers, ";".join(sorted(names)), digest)
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(REHEARSAL_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def _query(request: Request) -> str:
    pairs = sorted(parse_qsl(request.query, keep_blank_values=True))
    return "&".join(f"{key}={quote(value, safe='~')}" for key, value in pairs)


def _roa(request: Request) -> str:
    """The older signature: HMAC-SHA1 over method, four headers, the x-acs headers and the resource."""
    lines = [request.method]
    lines += [request.header(name) for name in ("accept", "content-md5", "content-type", "date")]
    acs = sorted(name for name in request.headers if name.startswith("x-acs-"))
    lines += [f"{name}:{request.headers[name]}" for name in acs]
    pairs = sorted(parse_qsl(request.query, keep_blank_values=True))
    query = "&".join(f"{key}={value}" if value else key for key, value in pairs)
    lines.append(request.path + (f"?{query}" if query else ""))
    mac = hmac.new(REHEARSAL_SECRET.encode(), "\n".join(lines).encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()
