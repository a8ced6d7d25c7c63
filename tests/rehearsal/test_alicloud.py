"""The stand-in for the alicloud plugin over real gRPC, on an emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from paidsw.core.versions import ALICLOUD
from paidsw.emulator.testing import Emulator, running_emulator
from paidsw.provider.values import decode, encode
from rehearsal.alicloud.servicer import WORKSPACE, StandInServicer, emulator_of
from tests.support.cloud import Cloud
from tests.support.plugin import Failure, Plugin, serving
from tests.support.waiting import PATIENCE

REGION = "cn-wulanchabu"
URN = f"urn:pulumi:dev::dsw-free-tier::paidsw:index:FreeTierNotebook${WORKSPACE}::notebook"
TAKEN = "100400009"
INPUTS: dict[str, Any] = {
    "workspaceName": "free_tier",
    "description": "Free-tier notebook",
    "envTypes": ["prod"],
}


@pytest.fixture
def cloud() -> Iterator[Emulator]:
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def plugin(cloud: Emulator) -> Iterator[Plugin]:
    with serving(StandInServicer) as served:
        served.configure(config(cloud.url.removeprefix("http://")))
        yield served


def config(address: object, **others: object) -> dict[str, Any]:
    return {"region": REGION, "endpoints": [{"aiworkspace": address}], **others}


def create(plugin: Plugin, **changes: Any) -> tuple[str, dict[str, Any]]:
    return plugin.create({**INPUTS, **changes}, urn=URN)


def read(plugin: Plugin, workspace_id: str, inputs: dict[str, Any] | None = None) -> tuple[str, Any, Any]:
    request = provider_pb2.ReadRequest(id=workspace_id, urn=URN, inputs=encode(inputs or {}))
    answer = plugin.call("Read", request)
    return answer.id, decode(answer.inputs).values, decode(answer.properties).values


def refusal(plugin: Plugin) -> str:
    """What a create is refused with; the engine gets nothing to keep."""
    with pytest.raises(Failure) as error:
        create(plugin)
    assert error.value.resource_id == ""
    return error.value.message


def operations(cloud: Emulator) -> list[str]:
    return [call.operation for call in cloud.calls]


class TestProtocol:
    """What the engine asks before any resource."""

    def test_its_version_is_that_of_the_package_it_stands_for(self, plugin: Plugin) -> None:
        import pulumi_alicloud

        info = plugin.call("GetPluginInfo", empty_pb2.Empty())
        assert info.version == ALICLOUD
        assert info.version == pulumi_alicloud._utilities.get_version()

    def test_configuration_takes_secrets_and_previews(self, plugin: Plugin, cloud: Emulator) -> None:
        answer = plugin.configure(config(cloud.url.removeprefix("http://")))
        assert answer.acceptSecrets
        assert answer.supportsPreview

    def test_a_changed_configuration_replaces_nothing(self, plugin: Plugin) -> None:
        old, new = encode(config("127.0.0.1:1")), encode(config("127.0.0.1:2"))
        answer = plugin.call("DiffConfig", provider_pb2.DiffRequest(olds=old, news=new))
        assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert list(answer.replaces) == []
        same = plugin.call("DiffConfig", provider_pb2.DiffRequest(olds=old, news=old))
        assert same.changes == provider_pb2.DiffResponse.DIFF_NONE

    def test_nothing_works_before_it_is_configured(self) -> None:
        with serving(StandInServicer) as unconfigured, pytest.raises(Failure) as error:
            create(unconfigured)
        assert "before it was configured" in error.value.message


class TestLoopbackOnly:
    """No endpoint but this machine's."""

    def failures(self, plugin: Plugin, values: dict[str, Any]) -> list[tuple[str, str]]:
        answer = plugin.call("CheckConfig", provider_pb2.CheckRequest(news=encode(values)))
        return [(failure.property, failure.reason) for failure in answer.failures]

    @pytest.mark.parametrize("address", ["127.0.0.1:8790", "localhost:8790", "[::1]:8790"])
    def test_this_machine_is_taken(self, plugin: Plugin, address: str) -> None:
        assert self.failures(plugin, config(address)) == []
        assert emulator_of(config(address)) == f"http://{address}"

    @pytest.mark.parametrize(
        "address",
        [
            "aiworkspace.cn-beijing.aliyuncs.com",
            "10.0.0.1:8790",
            "0.0.0.0:8790",
            "127.0.0.1.example.com:80",
            "user@127.0.0.1:80",
            "127.0.0.1@example.com",
            "",
            None,
            5,
        ],
    )
    def test_anything_else_is_one_sentence(self, plugin: Plugin, address: object) -> None:
        [(key, reason)] = self.failures(plugin, config(address))
        assert key == "endpoints"
        assert "this machine only" in reason
        assert "\n" not in reason

    @pytest.mark.parametrize("endpoints", [None, [], {}, "", "{", "5", "null", '["x"]', ["x"], 7, True])
    def test_a_missing_or_odd_endpoint_is_one_sentence(self, plugin: Plugin, endpoints: object) -> None:
        [(key, _)] = self.failures(plugin, {"region": REGION, "endpoints": endpoints})
        assert key == "endpoints"

    def test_the_engines_json_text_is_taken(self, plugin: Plugin) -> None:
        text = json.dumps([{"ecs": "x"}, {"aiworkspace": "127.0.0.1:8790"}])
        assert self.failures(plugin, {"endpoints": text}) == []

    def test_configure_refuses_too(self, plugin: Plugin) -> None:
        with pytest.raises(Failure) as error:
            plugin.configure(config("aiworkspace.cn-beijing.aliyuncs.com"))
        assert "this machine only" in error.value.message


class TestCheckAndDiff:
    """Inputs."""

    def test_what_is_no_input_of_a_workspace_is_dropped(self, plugin: Plugin) -> None:
        inputs, failures = plugin.check({**INPUTS, "__defaults": []}, URN)
        assert failures == []
        assert inputs == INPUTS

    @pytest.mark.parametrize("name", sorted(INPUTS))
    def test_a_missing_input_is_named(self, plugin: Plugin, name: str) -> None:
        _, failures = plugin.check({key: value for key, value in INPUTS.items() if key != name}, URN)
        assert failures == [(name, f"{name} is missing; it is required")]

    @pytest.mark.parametrize("token", ["alicloud:ecs/instance:Instance", "alicloud:oss/bucket:Bucket"])
    def test_any_other_resource_is_refused(self, plugin: Plugin, token: str) -> None:
        urn = f"urn:pulumi:dev::dsw-free-tier::{token}::x"
        with pytest.raises(Failure) as error:
            plugin.check({}, urn)
        assert error.value.code is grpc.StatusCode.UNIMPLEMENTED
        assert token in error.value.message
        with pytest.raises(Failure) as error:
            plugin.call("Read", provider_pb2.ReadRequest(id="x", urn=urn))
        assert token in error.value.message

    @pytest.mark.parametrize(
        ("changed", "replaces"),
        [
            ({}, []),
            ({"description": "other"}, []),
            ({"displayName": "other"}, []),
            ({"workspaceName": "other"}, ["workspaceName"]),
            ({"envTypes": ["dev", "prod"]}, ["envTypes"]),
        ],
    )
    def test_what_replaces(self, plugin: Plugin, changed: dict[str, Any], replaces: list[str]) -> None:
        answer = plugin.diff(INPUTS, {**INPUTS, **changed})
        assert list(answer.diffs) == list(changed)
        assert list(answer.replaces) == replaces
        # As in the real plugin the engine makes the new workspace before it deletes the old one.
        assert not answer.deleteBeforeReplace
        some = provider_pb2.DiffResponse.DIFF_SOME
        assert (answer.changes == some) == bool(changed)


class TestLife:
    """Create, read, update, delete."""

    def test_create_waits_until_it_can_be_used(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, state = create(plugin)
        [made] = cloud.workspaces
        assert (made.id, made.name, made.region) == (workspace_id, "free_tier", REGION)
        assert state["status"] == "ENABLED"
        assert state["createTime"]
        assert {key: state[key] for key in INPUTS} == INPUTS
        # It was not ENABLED at once: the emulator's clock was moved while waiting.
        assert operations(cloud).count("GetWorkspace") > 1

    def test_a_preview_makes_nothing(self, plugin: Plugin, cloud: Emulator) -> None:
        assert plugin.create(INPUTS, urn=URN, preview=True) == ("", INPUTS)
        assert operations(cloud) == []

    def test_a_refresh_shows_what_changed_outside(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, _ = create(plugin)
        cloud.do(lambda account: setattr(account.state.workspaces[workspace_id], "description", "by hand"))
        found, inputs, state = read(plugin, workspace_id, INPUTS)
        assert found == workspace_id
        assert inputs == {**INPUTS, "description": "by hand"}
        assert state["description"] == "by hand"

    def test_an_import_declares_what_a_program_must(self, plugin: Plugin) -> None:
        workspace_id, _ = create(plugin)
        found, inputs, _ = read(plugin, workspace_id)
        assert (found, inputs) == (workspace_id, INPUTS)
        assert list(plugin.diff(inputs, INPUTS).diffs) == []

    def test_what_is_gone_has_no_id(self, plugin: Plugin) -> None:
        assert read(plugin, "404", INPUTS)[0] == ""

    def test_no_answer_asks_for_a_look_before_an_update(self, plugin: Plugin, cloud: Emulator) -> None:
        made = plugin.call("Create", provider_pb2.CreateRequest(urn=URN, properties=encode(INPUTS)))
        seen = plugin.call("Read", provider_pb2.ReadRequest(id=made.id, urn=URN))
        changed = plugin.call("Update", provider_pb2.UpdateRequest(id=made.id, urn=URN, news=encode(INPUTS)))
        answers = [made, seen, changed]
        assert [answer.refresh_before_update for answer in answers] == [False] * 3

        cloud.faults.add("http-500", "GetWorkspace", times=0)
        with pytest.raises(Failure) as error:
            create(plugin, workspaceName="never_up")
        assert error.value.resource_id
        assert not error.value.refresh_before_update

    def test_an_update_changes_in_place(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, _ = create(plugin)
        new = {**INPUTS, "description": "mine", "displayName": "Mine"}
        state = plugin.update(workspace_id, INPUTS, new)
        assert (state["description"], state["displayName"]) == ("mine", "Mine")
        [kept] = cloud.workspaces
        assert (kept.id, kept.description, kept.name) == (workspace_id, "mine", "free_tier")

    def test_the_preview_of_an_update_changes_nothing(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, state = create(plugin)
        shown = plugin.update(workspace_id, state, {**INPUTS, "description": "mine"}, preview=True)
        assert shown["description"] == "mine"
        assert cloud.workspaces[0].description == INPUTS["description"]

    def test_delete_and_delete_again(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, state = create(plugin)
        plugin.delete(workspace_id, state)
        assert cloud.workspaces == []
        plugin.delete(workspace_id, state)

    def test_a_workspace_with_an_instance_stays_and_says_why(self, plugin: Plugin, cloud: Emulator) -> None:
        workspace_id, state = create(plugin)
        Cloud(cloud).create(workspace=workspace_id)
        with pytest.raises(Failure) as error:
            plugin.delete(workspace_id, state)
        assert "still holds instances" in error.value.message
        assert len(cloud.workspaces) == 1


class TestTrouble:
    """A cloud that loses replies, is busy or unwell."""

    @pytest.mark.parametrize("kind", ["cut-after", "bad-body"])
    def test_after_a_lost_reply_the_name_is_taken(self, plugin: Plugin, cloud: Emulator, kind: str) -> None:
        cloud.faults.add(kind, "CreateWorkspace")
        assert TAKEN in refusal(plugin)
        [made] = cloud.workspaces
        # Every later run gets the same answer.
        assert TAKEN in refusal(plugin)
        assert cloud.workspaces == [made]

    @pytest.mark.parametrize("kind", ["throttling", "http-500", "http-503", "cut-before"])
    @pytest.mark.parametrize(
        "operation", ["CreateWorkspace", "GetWorkspace", "UpdateWorkspace", "DeleteWorkspace"]
    )
    def test_transient_errors_are_waited_out(
        self, plugin: Plugin, cloud: Emulator, operation: str, kind: str
    ) -> None:
        cloud.faults.add(kind, operation, times=2)
        workspace_id, state = create(plugin)
        plugin.update(workspace_id, state, {**INPUTS, "description": "mine"})
        plugin.delete(workspace_id, state)
        assert cloud.workspaces == []
        assert operations(cloud).count(operation) >= 3

    @pytest.mark.parametrize("description", [INPUTS["description"], "somebody else's"])
    def test_a_workspace_of_the_name_is_never_taken_over(
        self, plugin: Plugin, cloud: Emulator, description: str
    ) -> None:
        create(plugin, description=description)
        before = cloud.workspaces
        text = refusal(plugin)
        assert TAKEN in text
        assert "Workspace exist error" in text
        assert cloud.workspaces == before

    def test_a_refusal_is_one_sentence(self, plugin: Plugin, cloud: Emulator) -> None:
        with pytest.raises(Failure) as error:
            create(plugin, workspaceName="a-b")
        assert "3 to 23" in error.value.message
        assert "\n" not in error.value.message
        assert cloud.workspaces == []

    def test_a_workspace_that_never_comes_up_keeps_its_id(self, plugin: Plugin, cloud: Emulator) -> None:
        cloud.faults.add("http-500", "GetWorkspace", times=0)
        with pytest.raises(Failure) as error:
            create(plugin)
        [made] = cloud.workspaces
        assert error.value.instance_id == made.id
        assert error.value.state == INPUTS
        assert "run pulumi up again" in error.value.message

        cloud.faults.clear()
        assert plugin.update(made.id, INPUTS, INPUTS)["status"] == "ENABLED"

    def test_a_read_that_lags_behind_the_create_is_waited_for(self, plugin: Plugin, cloud: Emulator) -> None:
        cloud.faults.add("not-found", "GetWorkspace", times=3)
        _, state = create(plugin)
        assert state["status"] == "ENABLED"

    def test_a_cancelled_wait_keeps_the_id(self, plugin: Plugin, cloud: Emulator) -> None:
        cloud.faults.add("http-500", "GetWorkspace", times=0)
        workspace_id = ""
        request = provider_pb2.CreateRequest(urn=URN, properties=encode(INPUTS))
        answer = plugin.stub.Create.future(request, timeout=PATIENCE)
        while not workspace_id:
            workspace_id = next((workspace.id for workspace in cloud.workspaces), "")
        plugin.cancel()
        failure = Failure.of(answer.exception())
        assert failure.instance_id == workspace_id

    @pytest.mark.parametrize("verb", ["read", "update", "delete", "create"])
    def test_after_a_cancel_nothing_is_an_internal_error(
        self, plugin: Plugin, cloud: Emulator, verb: str
    ) -> None:
        workspace_id, state = create(plugin)
        plugin.cancel()
        actions: dict[str, Callable[[], object]] = {
            "read": lambda: read(plugin, workspace_id, INPUTS),
            "update": lambda: plugin.update(workspace_id, state, INPUTS),
            "delete": lambda: plugin.delete(workspace_id, state),
            "create": lambda: create(plugin, workspaceName="second"),
        }
        with pytest.raises(Failure) as error:
            actions[verb]()
        assert error.value.code is grpc.StatusCode.CANCELLED
        assert "internal error" not in error.value.message
        assert len(cloud.workspaces) == 1

    def test_an_emulator_that_is_gone_is_one_sentence(self) -> None:
        with running_emulator() as emulator:
            address = emulator.url.removeprefix("http://")
        with serving(StandInServicer) as plugin:
            plugin.configure(config(address))
            with pytest.raises(Failure) as error:
                read(plugin, "1", INPUTS)
        assert error.value.code is grpc.StatusCode.UNAVAILABLE
        assert "internal error" not in error.value.message
        assert "\n" not in error.value.message


def test_a_description_that_is_secret_is_in_no_error(cloud: Emulator, plugin: Plugin) -> None:
    cloud.faults.add(
        "error", "CreateWorkspace", code="Invalid", message='bad {"Description": "planted s3cr3t"}'
    )
    properties = encode({**INPUTS, "description": "planted s3cr3t"}, {"description"})
    with pytest.raises(Failure) as refused:
        plugin.call("Create", provider_pb2.CreateRequest(urn=URN, properties=properties))
    assert 'CreateWorkspace: bad {"Description": "[secret]"}' in refused.value.message
