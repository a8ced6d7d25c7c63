"""How a call's end is named, by the one question that matters: may it have changed something?"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException

from paidsw.cloud import CloudError, NotFound, NotSent, Refused, Throttled, Uncertain
from paidsw.cloud.classify import call, classify
from paidsw.cloud.connection import Connection
from paidsw.cloud.errors import one_line
from paidsw.core.emulator_name import is_loopback_url


def client_error(status: int, code: str, message: str = "no") -> Exception:
    data = {"Message": message, "Code": code}
    error: Exception = ClientException(
        status_code=status, code=code, message=message, data=data, request_id="R1"
    )
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error(400, "ValidationError"), Refused),
        (client_error(403, "NoPermissionError"), Refused),
        (client_error(404, "ValidationError"), NotFound),
        (client_error(429, "TooMany"), Throttled),
        (client_error(400, "Throttling.User"), Throttled),
        (ThrottlingException(status_code=400, code="x", message="m", retry_after=1500), Throttled),
        (ServerException(status_code=500, code="InternalError", message="m"), Uncertain),
        (ServerException(status_code=503, code="ServiceUnavailable", message="m"), Uncertain),
        (ConnectionRefusedError(), NotSent),
        (ConnectionResetError(), Uncertain),
        (aiohttp.ServerDisconnectedError(), Uncertain),
        (TimeoutError(), Uncertain),
        (ValueError("Expecting value: line 1"), Uncertain),
        (KeyError("x"), Uncertain),
    ],
)
def test_kinds(error: Exception, kind: type[CloudError]) -> None:
    named = classify("CreateInstance", error)
    assert type(named) is kind
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


class Odd(Exception):
    """An SDK's exception with members of any kind."""

    def __init__(self, **members: Any) -> None:
        vars(self).update(dict.fromkeys(("status_code", "code", "message", "request_id"), None) | members)


@pytest.mark.parametrize("status", [None, "x", [], 1.5, -1, "404", 404, 10**30])
@pytest.mark.parametrize("data", [None, "text", [1], {"Message": None}, {"Message": ["m"]}, {"other": 1}])
def test_members_of_any_kind_are_named_all_the_same(status: object, data: object) -> None:
    named = classify("X", Odd(status_code=status, code=None, message="said", data=data, retry_after=None))
    assert type(named) is (NotFound if status in ("404", 404) else Uncertain)
    assert str(named).startswith("X: ")


@pytest.mark.parametrize("wait", ["7", 7, 0, "soon", [], None, -1])
def test_a_wait_that_is_no_number_is_none(wait: object) -> None:
    named = classify("X", Odd(status_code=429, code="Throttling", message="m", retry_after=wait))
    assert isinstance(named, Throttled)
    assert named.retry_after == (0.007 if wait in ("7", 7) else 0)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "ValidationError", NotFound),
        (404, "", NotFound),
        (404, "100400027", NotFound),
        (404, "InvalidRegionId.NotFound", Refused),
        (404, "InvalidAction.NotFound", Refused),
        (400, "SignatureNonceUsed", Uncertain),
        (400, "InvalidTimeStamp.Expired", Refused),
        (403, "InvalidSecurityToken.Expired", Refused),
        (409, "Conflict", Refused),
        (418, "THROTTLING.API", Throttled),
        (499, "x", Refused),
        (500, "x", Uncertain),
        (599, "x", Uncertain),
        (302, "x", Uncertain),
        (0, "x", Uncertain),
    ],
)
def test_status_and_code_decide(status: int, code: str, kind: type[CloudError]) -> None:
    named = classify("X", Odd(status_code=status, code=code, message="m"))
    assert type(named) is kind


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert isinstance(classify("X", first), Uncertain)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        (" a\r\n\tb  c ", "a b c"),
        ("a\x1b[31mb\x07", "a\ufffd[31mb\ufffd"),
        ("a\u202eb\u200bc", "a\ufffdb\ufffdc"),
        ("名称已存在", "名称已存在"),
        ("no. Server String To Sign is:[secret]", "no."),
        ("no. StringToSign: secret", "no."),
        ("x" * 500, "x" * 500),
        ("x" * 501, "x" * 499 + "…"),
    ],
)
def test_a_message_is_one_line_that_a_terminal_shows(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "X: m"),
        ({"code": "C"}, "X: m (code C)"),
        ({"status": 500}, "X: m (HTTP 500)"),
        ({"code": "C", "status": 500, "request_id": "R"}, "X: m (code C, HTTP 500, request id R)"),
    ],
)
def test_a_sentence_says_what_is_known(members: dict[str, Any], sentence: str) -> None:
    assert str(CloudError("X", "m", **members)) == sentence


@pytest.mark.parametrize(
    ("operation", "status", "code", "advice"),
    [
        ("GetUserConfig", 403, "NoPermissionError", "grant this RAM user paidsw:GetUserConfig (docs/ram has"),
        ("ListImages", 403, "Forbidden.RAM", "grant this RAM user paiimage:ListImages (docs/ram has"),
        (
            "DeleteInstance",
            403,
            "NoPermission",
            "grant this RAM user paidsw:DeleteInstance and paidsw:DeletePostPaidInstance",
        ),
        ("Unheard", 403, "Denied", "grant this RAM user Unheard"),
        ("GetInstance", 403, "InvalidSecurityToken.Expired", "sign in again"),
        ("GetInstance", 400, "InvalidTimeStamp.Expired", "clock"),
        ("GetInstance", 404, "InvalidAccessKeyId.NotFound", "check the access key and its secret"),
        ("GetInstance", 400, "SignatureDoesNotMatch", "check the access key and its secret"),
        ("GetInstance", 400, "ValidationError", ""),
        ("GetInstance", 404, "ValidationError", ""),
        ("GetInstance", 500, "InternalError", ""),
    ],
)
def test_a_refusal_that_no_retry_ends_says_what_does(
    operation: str, status: int, code: str, advice: str
) -> None:
    error = classify(operation, client_error(status, code))
    assert advice in str(error.advice)
    assert bool(error.advice) is bool(advice)
