"""Requests must be signed, in either of the two ways that clients sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from alibabacloud_aiworkspace20210204 import models as ws
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_pai_dsw20220101 import models as m
from alibabacloud_pai_dsw20220101.client import Client as DswClient
from darabonba.exceptions import DaraException

from paidsw.emulator.testing import Emulator
from tests.support.cloud import config


def send(
    emulator: Emulator, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def roa_headers(method: str, path: str, secret: str, **more: str) -> dict[str, str]:
    """Signs as the Go client under the alicloud plugin does: HMAC-SHA1, no action header."""
    headers = {
        "accept": "application/json",
        "date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "x-acs-signature-method": "HMAC-SHA1",
        "x-acs-signature-nonce": uuid4().hex,
        "x-acs-signature-version": "1.0",
        "x-acs-version": "2021-02-04",
    } | {key.replace("_", "-"): value for key, value in more.items()}
    lines = [method, headers["accept"], "", headers.get("content-type", ""), headers["date"]]
    lines += [f"{key}:{headers[key]}" for key in sorted(headers) if key.startswith("x-acs-")]
    text = "\n".join([*lines, path])
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return headers | {"authorization": f"acs anyone:{base64.b64encode(digest).decode()}"}


def test_a_hand_made_v2_request_to_the_bare_address_is_the_home_region(emulator: Emulator) -> None:
    body = json.dumps({"WorkspaceName": "space", "Description": "d", "EnvTypes": ["prod"]})
    path = "/api/v1/workspaces"
    headers = roa_headers("POST", path, emulator.secret, content_type="application/json; charset=utf-8")
    status, made = send(emulator, "POST", path, headers, body)
    assert status == 200
    assert made.keys() == {"RequestId", "WorkspaceId"}
    one = f"{path}/{made['WorkspaceId']}"
    status, found = send(emulator, "GET", one, roa_headers("GET", one, emulator.secret))
    assert (status, found["WorkspaceName"]) == (200, "space")
    status, _ = send(emulator, "DELETE", one, roa_headers("DELETE", one, emulator.secret))
    assert status == 200
    status, gone = send(emulator, "GET", one, roa_headers("GET", one, emulator.secret))
    assert (status, gone["Code"]) == (404, "100400027")
    assert {call.region for call in emulator.calls} == {"cn-wulanchabu"}


def test_the_sdk_signs_v2_too(emulator: Emulator) -> None:
    client = DswClient(config(emulator, signature_algorithm="v2"))
    request = m.ListInstancesRequest(instance_name="a b/~*&=ü", labels={"k": "v w"})
    assert client.list_instances(request).body.total_count == 0


def test_names_that_need_encoding_are_signed_right(emulator: Emulator) -> None:
    client = DswClient(config(emulator))
    request = m.ListInstancesRequest(instance_name="a b/~*&=ü+%", labels={"k": "v w"})
    assert client.list_instances(request).body.total_count == 0
    with pytest.raises(DaraException) as error:
        client.get_instance("dsw-a b%ü", m.GetInstanceRequest())
    assert "dsw-a b%ü does not exist" in error.value.message


def test_temporary_credentials_are_taken(emulator: Emulator) -> None:
    client = DswClient(config(emulator, security_token="token", type="sts"))
    assert client.list_instances(m.ListInstancesRequest()).body.total_count == 0


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_a_wrong_secret_is_refused_and_not_repeated(emulator: Emulator, algorithm: str | None) -> None:
    client = DswClient(config(emulator, access_key_secret="planted-secret", signature_algorithm=algorithm))
    with pytest.raises(DaraException) as error:
        client.list_instances(m.ListInstancesRequest())
    assert (error.value.status_code, error.value.code) == (403, "SignatureDoesNotMatch")
    assert "planted-secret" not in str(error.value.data)


def test_no_signature(emulator: Emulator) -> None:
    status, body = send(emulator, "GET", "/api/v2/instances", {"x-acs-version": "2022-01-01"})
    assert (status, body["Code"]) == (400, "MissingAuthorization")
    status, _ = send(emulator, "GET", "/api/v2/instances", {"authorization": "Bearer x"})
    assert status == 400


def test_a_changed_body_is_found_out(emulator: Emulator) -> None:
    path = "/api/v1/workspaces"
    headers = roa_headers("POST", path, emulator.secret)
    acs3 = "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=00"
    status, body = send(emulator, "POST", path, headers | {"authorization": acs3}, "{}")
    assert (status, body["Code"]) == (400, "IncompleteSignature")
    names = "host;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    acs3 = f"ACS3-HMAC-SHA256 Credential=a,SignedHeaders={names},Signature=00"
    status, body = send(emulator, "POST", path, headers | {"authorization": acs3}, "{}")
    assert (status, body["Code"]) == (400, "IncompleteSignature")
    assert "hash of the body" in body["Message"]


def test_an_old_date(emulator: Emulator) -> None:
    old = (datetime.now(UTC) - timedelta(minutes=16)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    path = "/api/v1/workspaces"
    status, body = send(emulator, "GET", path, roa_headers("GET", path, emulator.secret, date=old))
    assert (status, body["Code"]) == (400, "InvalidTimeStamp.Expired")
    status, body = send(emulator, "GET", path, roa_headers("GET", path, emulator.secret, date="today"))
    assert (status, body["Code"]) == (400, "InvalidTimeStamp.Format")


def test_a_cloud_whose_clock_is_off(emulator: Emulator) -> None:
    emulator.settings(skew_seconds=20 * 60)
    with pytest.raises(DaraException) as error:
        WorkspaceClient(config(emulator)).list_workspaces(ws.ListWorkspacesRequest())
    assert error.value.code == "InvalidTimeStamp.Expired"
    # The emulator's own clock may be far from the machine's: clients sign with the machine's.
    emulator.settings(skew_seconds=0)
    emulator.clock.advance(days=300)
    answer = WorkspaceClient(config(emulator)).list_workspaces(ws.ListWorkspacesRequest())
    assert answer.body.total_count == 0
