"""Signatures by hand: every part that is signed counts, dates count, and a request counts once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidsw.emulator.clock import system_time
from paidsw.emulator.errors import ApiError
from paidsw.emulator.middlewares import KEPT_NONCES
from paidsw.emulator.request import Fields
from paidsw.emulator.signature import MAX_SKEW, REHEARSAL_SECRET, Request, check
from paidsw.emulator.testing import Emulator
from tests.support.account import signed
from tests.support.cloud import Cloud
from tests.support.waiting import PATIENCE

HOST = "pai-dsw.cn-wulanchabu.aliyuncs.com"
PATH = "/api/v2/instances"
NOW = datetime(2026, 1, 5, 2, 0, 0, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
SIGNED = (
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
)
_NONCES = count()


def acs3(
    method: str = "GET",
    path: str = PATH,
    query: str = "",
    body: bytes = b"",
    *,
    names: tuple[str, ...] = SIGNED,
    secret: str = REHEARSAL_SECRET,
    **headers: str,
) -> Request:
    """A request with the services' present signature; the query must be in order and encoded."""
    sent = {
        "host": HOST,
        "x-acs-action": "ListInstances",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": f"signing-{next(_NONCES)}",
        "x-acs-version": "2022-01-01",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}:{sent.get(name, '').strip()}\n" for name in sorted(names))
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join([method, path, query, lines, ";".join(sorted(names)), digest])
    hashed = hashlib.sha256(text.encode()).hexdigest()
    mac = hmac.new(secret.encode(), f"ACS3-HMAC-SHA256\n{hashed}".encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = f"ACS3-HMAC-SHA256 Credential=me,SignedHeaders={';'.join(names)},Signature={mac}"
    return Request(method, path, query, sent, body)


def roa(date: str = "", **headers: str) -> Request:
    made = signed("GET", PATH, date=date or NOW.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    return replace(made, headers={**made.headers, **headers})


def code(request: Request, now: int = NOW_MS, skew: int = 0) -> str:
    try:
        check(request, now, skew)
    except ApiError as error:
        return error.code
    return "ok"


# --- what is signed ---


@pytest.mark.parametrize(
    "request_",
    [
        acs3(),
        acs3("POST", body=b'{"a":1}'),
        acs3(query="PageNumber=1&PageSize=10"),
        acs3(query="InstanceName=a%20b&Labels=%7B%22a%22%3A%22%2B%22%7D"),
        acs3(path="/api/v2/instances/dsw-a%20b"),
        acs3(names=(*SIGNED, "content-type"), content_type="application/json; charset=utf-8"),
        acs3(names=tuple(reversed(SIGNED))),
        acs3(host=" " + HOST + " "),
        roa(),
    ],
)
def test_a_good_signature_is_taken(request_: Request) -> None:
    assert code(request_) == "ok"


def changed(request: Request, **headers: str) -> Request:
    new = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **new})


TAMPERED: dict[str, tuple[Callable[[], Request], str]] = {
    "method": (lambda: replace(acs3(), method="DELETE"), "SignatureDoesNotMatch"),
    "path": (lambda: replace(acs3(), path=PATH + "/dsw-1"), "SignatureDoesNotMatch"),
    "path's encoding": (
        lambda: replace(acs3(path="/a%20b"), path="/a b"),
        "SignatureDoesNotMatch",
    ),
    "a parameter more": (lambda: replace(acs3(), query="SaveImage=true"), "SignatureDoesNotMatch"),
    "a parameter less": (lambda: replace(acs3(query="a=1"), query=""), "SignatureDoesNotMatch"),
    "a parameter's value": (lambda: replace(acs3(query="a=1"), query="a=2"), "SignatureDoesNotMatch"),
    "body": (lambda: replace(acs3("POST", body=b"{}"), body=b"{ }"), "IncompleteSignature"),
    "body and hash": (
        lambda: changed(
            replace(acs3("POST", body=b"{}"), body=b"[]"),
            x_acs_content_sha256=hashlib.sha256(b"[]").hexdigest(),
        ),
        "SignatureDoesNotMatch",
    ),
    "action": (lambda: changed(acs3(), x_acs_action="DeleteInstance"), "SignatureDoesNotMatch"),
    "version": (lambda: changed(acs3(), x_acs_version="2021-02-04"), "SignatureDoesNotMatch"),
    "nonce": (lambda: changed(acs3(), x_acs_signature_nonce="other"), "SignatureDoesNotMatch"),
    "host": (lambda: changed(acs3(), host="pai-dsw.cn-beijing.aliyuncs.com"), "SignatureDoesNotMatch"),
    "date": (
        lambda: changed(acs3(), x_acs_date=(NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")),
        "SignatureDoesNotMatch",
    ),
    "secret": (lambda: acs3(secret="other"), "SignatureDoesNotMatch"),
    "no secret": (lambda: acs3(secret=""), "SignatureDoesNotMatch"),
    "no nonce": (lambda: acs3(x_acs_signature_nonce=""), "MissingSignatureNonce"),
    "roa method": (lambda: replace(roa(), method="POST"), "SignatureDoesNotMatch"),
    "roa path": (lambda: replace(roa(), path="/"), "SignatureDoesNotMatch"),
    "roa query": (lambda: replace(roa(), query="a=1"), "SignatureDoesNotMatch"),
    "roa accept": (lambda: roa(accept="text/html"), "SignatureDoesNotMatch"),
    "roa header": (lambda: changed(roa(), x_acs_action="X"), "SignatureDoesNotMatch"),
}


@pytest.mark.parametrize("part", TAMPERED)
def test_every_part_counts(part: str) -> None:
    make, expected = TAMPERED[part]
    assert code(make()) == expected


@pytest.mark.parametrize("missing", [name for name in SIGNED if name != "x-acs-action"])
def test_what_must_be_signed(missing: str) -> None:
    names = tuple(name for name in SIGNED if name != missing)
    with pytest.raises(ApiError) as error:
        check(acs3(names=names), NOW_MS)
    assert (error.value.code, error.value.message) == (
        "IncompleteSignature",
        f"the signature leaves out {missing}",
    )


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic bWU6cHc=",
        "Bearer token",
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=00",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=XYZ",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
        "ACS3-HMAC-SHA1 Credential=a,SignedHeaders=host,Signature=00",
        "acs :sig",
        "acs a:",
        "acs a",
        "ACS a:b",
    ],
)
def test_what_is_no_authorization(authorization: str) -> None:
    assert code(changed(acs3(), authorization=authorization)) == "MissingAuthorization"


@settings(max_examples=40)
@given(
    pairs=st.dictionaries(
        st.text("abcXYZ", min_size=1, max_size=4),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
        max_size=4,
    )
)
def test_any_query_is_signed_as_it_was_meant(pairs: dict[str, str]) -> None:
    text = "&".join(f"{key}={value.replace('&', '')}" for key, value in pairs.items())
    request = signed("GET", PATH, text)
    assert code(request, system_time()) == "ok"
    assert Fields.of_query(request.query).values == {
        key: value.replace("&", "") for key, value in pairs.items()
    }


# --- dates ---


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "ok"),
        (899, "ok"),
        (900, "ok"),
        (901, "InvalidTimeStamp.Expired"),
        (-900, "ok"),
        (-901, "InvalidTimeStamp.Expired"),
        (86_400, "InvalidTimeStamp.Expired"),
    ],
)
@pytest.mark.parametrize("skew", [0, 5 * MAX_SKEW])
def test_a_quarter_of_an_hour(seconds: int, expected: str, skew: int) -> None:
    later = NOW_MS + seconds * 1000
    assert code(acs3(), later - skew, skew) == code(roa(), later - skew, skew) == expected


@pytest.mark.parametrize(
    "date",
    [
        *("", "now", "2026-01-05", "2026-13-05T02:00:00Z", "02:00:00Z", "Z", "Mon, 99 Jan 2026 02:00:00 GMT"),
        *("Fri, 31 Dec 9999 23:59:59 -2300", "0", "1767578400", "²Z"),
    ],
)
def test_a_date_that_cannot_be_read(date: str) -> None:
    assert code(changed(roa(), date=date)) == "InvalidTimeStamp.Format"
    assert code(acs3(x_acs_date=date)) == "InvalidTimeStamp.Format"


@pytest.mark.parametrize(
    "date", ["2026-01-05T02:00:00Z", "Mon, 05 Jan 2026 02:00:00 GMT", "Mon, 05 Jan 2026 10:00:00 +0800"]
)
def test_dates_that_can(date: str) -> None:
    assert code(acs3(x_acs_date=date)) == "ok"


# --- once ---


def send(emulator: Emulator, request: Request) -> tuple[int, Any]:
    """A request as the clients send it, taking the emulator for a proxy; status and body of the answer."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(emulator.url.rpartition(":")[2]), timeout=PATIENCE
    )
    target = f"http://{HOST}{request.path}" + (f"?{request.query}" if request.query else "")
    try:
        connection.request(request.method, target, request.body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_the_same_request_is_carried_out_once(emulator: Emulator, cloud: Cloud) -> None:
    made = cloud.running()
    request = signed("PUT", f"{PATH}/{made}/stop")
    assert send(emulator, request)[0] == 200
    status, again = send(emulator, request)
    assert (status, again["Code"]) == (400, "SignatureNonceUsed")
    emulator.clock.advance(minutes=1)
    (instance,) = emulator.instances
    assert instance.status == "Stopped"
    assert [phase.status for phase in instance.phases].count("Stopping") == 1


def test_a_refused_signature_uses_no_nonce_up(emulator: Emulator) -> None:
    request = signed("GET", PATH)
    assert send(emulator, changed(request, authorization="acs a:b"))[0] == 403
    assert send(emulator, request)[0] == 200


def test_old_nonces_are_forgotten(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paidsw.emulator.middlewares.KEPT_NONCES", 3)
    requests = [signed("GET", PATH) for _ in range(4)]
    assert [send(emulator, request)[0] for request in requests] == [200] * 4
    assert send(emulator, requests[-1])[0] == 400
    assert send(emulator, requests[0])[0] == 200
    assert KEPT_NONCES > 100


# --- bytes on the wire ---


def raw(emulator: Emulator, text: bytes) -> tuple[int, Any]:
    """Bytes as they are; status and body of the answer."""
    with socket.create_connection(
        ("127.0.0.1", int(emulator.url.rpartition(":")[2])), timeout=PATIENCE
    ) as wire:
        wire.sendall(text)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        octets = answer.read()
    return answer.status, octets


@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/v2/instances/\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /api/v2/instances HTTP/1.1\r\nHost: 127.0.0.1\r\nx-acs-date: \xff\r\n",
        b"GET /api/v2/instances HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: acs \xff:\xfe\r\n",
        b"GET /api/v2/instances?a=\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET http://pai-dsw.cn-beijing.aliyuncs.com/\xf0\x28 HTTP/1.1\r\nHost: x\r\n",
        b"GET http://\xff.aliyuncs.com/ HTTP/1.1\r\nHost: x\r\n",
        b"GET /_emulator/status?\xff HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: \xff\r\n",
    ],
)
def test_bytes_that_are_no_text_are_an_answer_too(emulator: Emulator, line: bytes) -> None:
    status, body = raw(emulator, line + b"Connection: close\r\n\r\n")
    assert 400 <= status < 500
    assert b"Traceback" not in body
    # It lives on.
    assert emulator.clock.now_ms() > 0


def test_a_signature_over_such_bytes_does_not_match(emulator: Emulator) -> None:
    mac = base64.b64encode(b"x" * 20)
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: \xff\r\nAuthorization: acs a:" + mac
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").encode()
    status, body = raw(emulator, head + b"\r\nDate: " + date + b"\r\nConnection: close\r\n\r\n")
    assert (status, json.loads(body)["Code"]) == (403, "SignatureDoesNotMatch")
