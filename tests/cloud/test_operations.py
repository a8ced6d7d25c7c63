"""Each call: what it sends, that it is sent once, and what becomes of answers that nobody documented."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from paidsw.cloud import CloudError, Connection, DswClient, NotFound, Refused, Throttled, Uncertain
from paidsw.cloud.workspaces import WorkspaceClient
from tests.support.answering import REGION, Answers, Asked, Reply
from tests.support.operations import CLIENTS, EVERY, READS, SPACE_READS, SPACE_WRITES, WRITES

GOOD = {"InstanceId": "dsw-1", "SnapshotId": "s-1", "WorkspaceId": "1", "RequestId": "R", "Success": True}
# Their answers have no Success.
BARE = {*SPACE_READS, *SPACE_WRITES, "UpdateInstanceLabels", "DeleteInstanceLabels"}
SENT = [(name, *entry[1:]) for name, entry in {**WRITES, **SPACE_WRITES}.items()]


@pytest.mark.parametrize(("name", "method", "path", "members"), SENT, ids=[entry[0] for entry in SENT])
def test_what_a_change_sends(
    answers: Answers, name: str, method: str, path: str, members: dict[str, Any]
) -> None:
    answers.always(GOOD)
    answers.run(CLIENTS[name], EVERY[name])
    (asked,) = answers.asked
    assert (asked.action, asked.method, asked.path) == (name, method, path)
    assert {**asked.query, **(asked.body or {})} == members


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("ListInstances", {"PageNumber": "1", "PageSize": "100", "ResourceId": "ALL", "WorkspaceId": "ALL"}),
        ("GetLifecycle", {"Order": "DESC"}),
        ("GetInstanceEvents", {"MaxEventsNum": "2000"}),
        (
            "ListInstanceSnapshot",
            {"Order": "DESC", "SortBy": "GmtCreateTime", "PageNumber": "1", "PageSize": "100"},
        ),
        ("ListEcsSpecs", {"AcceleratorType": "GPU", "PageNumber": "1", "PageSize": "100"}),
        ("GetInstance", {}),
        ("GetUserConfig", {}),
        ("ListImages", {"Accessibility": "PRIVATE", "PageNumber": "1", "PageSize": "100"}),
        ("ListWorkspaces", {"WorkspaceName": "w", "PageNumber": "1", "PageSize": "100"}),
        ("ListProducts", {"ProductCodes": "PAI_share"}),
    ],
)
def test_what_a_read_asks(answers: Answers, name: str, query: dict[str, str]) -> None:
    answers.always(GOOD)
    answers.run(CLIENTS[name], EVERY[name])
    assert answers.asked[0].action == name
    assert answers.asked[0].query == query
    assert answers.asked[0].method == "GET"


@pytest.mark.parametrize("name", EVERY)
def test_the_host_names_product_and_region(answers: Answers, name: str) -> None:
    answers.always(GOOD)
    answers.run(CLIENTS[name], EVERY[name])
    product = "aiworkspace" if CLIENTS[name] is WorkspaceClient or name == "ListProducts" else "pai-dsw"
    assert answers.asked[0].host == f"{product}.{REGION}.aliyuncs.com"


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply({"Code": "InternalError", "Message": "m", "RequestId": "R"}, 500), Uncertain),
        (Reply({"Code": "Throttling", "Message": "m"}, 429, {"x-acs-retry-after": "7"}), Throttled),
        (Reply({"Code": "ValidationError", "Message": "m", "RequestId": "R"}, 404), NotFound),
        (Reply({"Code": "InvalidRegionId.NotFound", "Message": "m", "RequestId": "R"}, 404), Refused),
        (Reply({"Code": "NoPermissionError", "Message": "m", "RequestId": "R"}, 403), Refused),
        (Reply(b""), Uncertain),
        (Reply(b"<html>502</html>", 502), Uncertain),
    ],
    ids=["500", "429", "404", "region", "403", "empty", "html"],
)
def test_no_call_is_ever_repeated(answers: Answers, name: str, reply: Reply, kind: type[CloudError]) -> None:
    answers.script = lambda _: reply
    with pytest.raises(kind) as caught:
        answers.run(CLIENTS[name], EVERY[name])
    assert type(caught.value) is kind
    # A user who may not list all workspaces lists those that they may.
    others = ["ListWorkspaces", name] if name == "ListInstances" and reply.status == 403 else []
    assert answers.actions == [name, *others]
    assert caught.value.operation == name


@pytest.mark.parametrize("name", sorted(EVERY.keys() - BARE))
@pytest.mark.parametrize("success", [False, "false", "False"])
def test_a_good_status_without_success_may_have_happened(
    answers: Answers, name: str, success: object
) -> None:
    answers.always({**GOOD, "Code": "X", "Message": "m", "HttpStatusCode": "odd", "Success": success})
    with pytest.raises(Uncertain, match="m ") as caught:
        answers.run(CLIENTS[name], EVERY[name])
    assert (caught.value.status, caught.value.code) == (200, "X")
    assert answers.actions == [name]


@pytest.mark.parametrize("name", EVERY)
def test_a_lost_reply_is_uncertain_however_often_the_transport_sends(answers: Answers, name: str) -> None:
    def script(asked: Asked) -> Reply:
        if asked.headers["x-acs-signature-nonce"] not in seen:
            seen.add(asked.headers["x-acs-signature-nonce"])
            return Reply(cut=True)
        return Reply({"Code": "SignatureNonceUsed", "Message": "used", "RequestId": "R"}, 400)

    seen: set[str] = set()
    answers.script = script
    with pytest.raises(Uncertain, match="may have been carried out") as caught:
        answers.run(CLIENTS[name], EVERY[name])
    assert type(caught.value) is Uncertain
    assert len(seen) == 1
    assert len(answers.asked) == (1 if answers.asked[0].method == "POST" else 2)


HOSTILE: dict[str, Any] = {
    "a list": [],
    "a text": "x",
    "a number": 7,
    "null": None,
    "true": True,
    "nothing": {},
    "nulls": dict.fromkeys(("Instances", "InstanceId", "Lifecycle", "Events", "Labels", "TotalCount")),
    "texts for lists": {"Instances": "abc", "Lifecycle": "abc", "Events": "abc", "Snapshots": "abc"},
    "more texts": {"EcsSpecs": "abc", "Products": "abc", "Images": "abc", "Workspaces": "abc"},
    "objects for lists": {name: {"a": 1} for name in ("Instances", "Lifecycle", "Events", "Snapshots")},
    "more objects": {name: {"a": 1} for name in ("EcsSpecs", "Products", "Images", "Workspaces")},
    "numbers for lists": dict.fromkeys(("Instances", "Lifecycle", "Events", "Snapshots", "EcsSpecs"), 5),
    "lists of nulls": {name: [None] for name in ("Instances", "Lifecycle", "Events", "Snapshots", "Images")},
    "lists of texts": {name: ["x"] for name in ("Instances", "Lifecycle", "Events", "Snapshots", "Images")},
    "lists of lists": {name: [[[]]] for name in ("Instances", "Lifecycle", "Events", "Snapshots", "Images")},
    "a count that is none": {"TotalCount": "many", "Instances": [{"InstanceId": "dsw-1"}], "EcsSpecs": [{}]},
    "a negative count": {"TotalCount": -1, "Instances": [{"InstanceId": "dsw-1"}], "Images": [{}]},
    "an endless count": {"TotalCount": 10**12, "Instances": [{"InstanceId": "dsw-1"}], "EcsSpecs": [{}]},
    "a label without key": {"InstanceId": "dsw-1", "Labels": [{"Value": "x"}]},
    "labels as text": {"InstanceId": "dsw-1", "Labels": "x"},
    "an id that is a number": {"InstanceId": 1, "SnapshotId": 1, "Instances": [{"InstanceId": 1}]},
    "a disk without size": {"InstanceId": "dsw-1", "CloudDisks": [{}]},
    "a culler of texts": {"InstanceId": "dsw-1", "IdleInstanceCuller": {"MaxIdleTimeInMinutes": "soon"}},
    "a timer of lists": {"InstanceId": "dsw-1", "InstanceShutdownTimer": {"DueTime": ["x"]}},
    "a phase of another century": {"Lifecycle": [[{"Status": "Running", "GmtCreateTime": "0001-01-01T00Z"}]]},
    "a phase without time zone": {"Lifecycle": [[{"Status": "X", "GmtCreateTime": "2026-01-01T00:00:00"}]]},
    "a phase that is not an object": {"Lifecycle": [["x"], [3], [None]]},
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_read_is_a_value_or_a_cloud_error_and_nothing_else(answers: Answers, body: Any) -> None:
    answers.always(body)
    odd: dict[str, object] = {}
    for name, (work, kind) in {**SPACE_READS, **READS}.items():
        try:
            value = answers.run(CLIENTS[name], work)
        except CloudError as error:
            if error.operation != name or "\n" in str(error):
                odd[name] = str(error)
        except Exception as error:  # what the clients promise never to let out
            odd[name] = error
        else:
            if not isinstance(value, kind):
                odd[name] = value
    assert odd == {}


@pytest.mark.parametrize("name", ["CreateInstance", "CreateInstanceSnapshot", "CreateWorkspace"])
@pytest.mark.parametrize("body", [{}, {"InstanceId": None}, {"InstanceId": "", "SnapshotId": ""}, [], "x", 3])
def test_a_create_without_an_id_may_have_happened(answers: Answers, name: str, body: Any) -> None:
    answers.always(body)
    with pytest.raises(Uncertain) as caught:
        answers.run(CLIENTS[name], EVERY[name])
    assert type(caught.value) is Uncertain
    assert answers.actions == [name]


SECRETS = ("planted-key", "planted-token", "planted-body")
ECHO = (
    "Specified signature is not matched with our calculation. server string to sign is:POST\n"
    "x-acs-security-token:planted-token\nAuthorization:planted-key\nplanted-body"
)


@pytest.mark.parametrize("name", EVERY)
def test_what_the_cloud_echoes_of_a_request_is_not_said(answers: Answers, name: str) -> None:
    answers.always({"Code": "SignatureDoesNotMatch", "Message": ECHO, "RequestId": "R"}, status=403)
    with pytest.raises(Refused) as caught:
        answers.run(CLIENTS[name], EVERY[name])
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not [secret for secret in SECRETS if secret in shown]
    assert "SignatureDoesNotMatch" in shown


def test_a_hostile_error_is_still_one_short_line(answers: Answers) -> None:
    answers.always(
        {"Code": "A\nB\x1b[2J" + "c" * 5000, "Message": "\x1b]0;x\x07" + "m\n" * 5000, "RequestId": "R\r\n"},
        status=400,
    )
    with pytest.raises(Refused) as caught:
        answers.run(DswClient, lambda client: client.get_instance("dsw-1"))
    text = str(caught.value)
    assert len(text) < 1200
    assert text.isprintable()


@pytest.mark.parametrize(
    "emulator",
    [
        "http://[::1",
        "http://[zz]:1",
        "http://:pw@127.0.0.1:1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:x",
        "http://127.0.0.1:0",
        "http://0.0.0.0:1",
        "http://169.254.0.1:1",
        "HTTP//127.0.0.1",
    ],
)
def test_an_address_that_is_not_here_is_refused_in_one_sentence(emulator: str) -> None:
    with pytest.raises(ValueError, match="which is not on this machine; give an emulator's folder, like"):
        Connection(emulator)
