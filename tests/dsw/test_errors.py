"""How a call's end is named, by the one question that matters: may it have changed something?"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException

from dsw import CloudError, NotFound, NotSent, Refused, Throttled, Uncertain
from dsw.connection import Connection, call, classify, is_loopback_url
from dsw.errors import one_line


def client_error(status: int, code: str, message: str = "no") -> Exception:
    data = {"Message": message, "Code": code}
    error: Exception = ClientException(
        status_code=status, code=code, message=message, data=data, request_id="R1"
    )
    return error


@pytest.mark.parametrize(
    ("error", "kind", "may_have_happened"),
    [
        (client_error(400, "ValidationError"), Refused, False),
        (client_error(403, "NoPermissionError"), Refused, False),
        (client_error(404, "ValidationError"), NotFound, False),
        (client_error(429, "TooMany"), Throttled, False),
        (client_error(400, "Throttling.User"), Throttled, False),
        (ThrottlingException(status_code=400, code="x", message="m", retry_after=1500), Throttled, False),
        (ServerException(status_code=500, code="InternalError", message="m"), Uncertain, True),
        (ServerException(status_code=503, code="ServiceUnavailable", message="m"), Uncertain, True),
        (ConnectionRefusedError(), NotSent, False),
        (ConnectionResetError(), Uncertain, True),
        (aiohttp.ServerDisconnectedError(), Uncertain, True),
        (TimeoutError(), Uncertain, True),
        (ValueError("Expecting value: line 1"), Uncertain, True),
        (KeyError("x"), Uncertain, True),
    ],
)
def test_kinds(error: Exception, kind: type[CloudError], may_have_happened: bool) -> None:
    named = classify("CreateInstance", error)
    assert type(named) is kind
    assert named.may_have_happened is may_have_happened
    assert named.operation == "CreateInstance"
    assert "CreateInstance" in str(named)


def test_the_cause_decides_even_when_wrapped() -> None:
    error = RuntimeError("wrapped")
    error.__cause__ = ConnectionRefusedError()
    assert isinstance(classify("GetInstance", error), NotSent)


def test_a_throttled_call_says_how_long() -> None:
    named = classify("X", ThrottlingException(status_code=429, code="x", message="m", retry_after=1500))
    assert isinstance(named, Throttled)
    assert named.retry_after == 1.5


def test_sentence_has_code_status_and_request_id() -> None:
    text = str(classify("StopInstance", client_error(400, "ValidationError", "instance is not running")))
    assert text == "StopInstance: instance is not running (code ValidationError, HTTP 400, request id R1)"


def test_signature_details_and_line_breaks_stay_out() -> None:
    assert one_line("bad signature\n server string to sign is:GET secret-header") == "bad signature"
    assert len(one_line("x" * 1000)) == 500


def test_success_false_counts_as_perhaps_done() -> None:
    class Body:
        def to_map(self) -> dict[str, Any]:
            return {"Success": False, "Code": "InternalError", "Message": "oops", "RequestId": "R2"}

    class Response:
        body = Body()

    async def send() -> Any:
        return Response()

    with pytest.raises(Uncertain, match=r"oops.*R2"):
        asyncio.run(call("CreateInstance", send))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8790", True),
        ("http://localhost:1", True),
        ("http://[::1]:8790", True),
        ("http://127.8.0.9:80/x", True),
        ("https://127.0.0.1:8790", False),
        ("http://pai-dsw.cn-beijing.aliyuncs.com", False),
        ("http://10.0.0.1:8790", False),
        ("http://127.0.0.1@evil.example:80", False),
        ("http://localhost.evil.example", False),
        ("127.0.0.1:8790", False),
        ("", False),
    ],
)
def test_an_emulator_is_on_this_machine(url: str, local: bool) -> None:
    assert is_loopback_url(url) is local
    if not local:
        with pytest.raises(ValueError, match="not on this machine"):
            Connection(url)
