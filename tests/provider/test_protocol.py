"""The protocol around the resource, over real gRPC: what the engine asks before a create, and other calls."""

from __future__ import annotations

import json
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from paidsw import __version__
from paidsw.core.values import UNKNOWN
from paidsw.emulator.testing import Emulator
from paidsw.provider.servicer import PaiDswServicer
from paidsw.provider.values import decode, encode
from tests.support.plugin import URN, Failure, Plugin, serving
from tests.support.samples import inputs

DIFF_NONE, DIFF_SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


@pytest.fixture(scope="module")
def plugin() -> Iterator[Plugin]:
    with serving(PaiDswServicer) as served:
        yield served


def test_handshake_and_configure_agree_on_secrets(plugin: Plugin) -> None:
    handshake = plugin.call("Handshake", provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    configured = plugin.configure({})
    assert handshake.accept_secrets
    assert configured.acceptSecrets
    assert configured.supportsPreview
    assert not configured.acceptResources
    assert not configured.acceptOutputs


def test_plugin_info_has_the_version(plugin: Plugin) -> None:
    assert plugin.call("GetPluginInfo", empty_pb2.Empty()).version == __version__


def test_attach_is_served(plugin: Plugin) -> None:
    address = plugin.servicer.engine.address
    assert address
    plugin.call("Attach", plugin_pb2.PluginAttach(address=address))
    assert plugin.servicer.engine.address == address


def test_schema_names_resource_function_and_config(plugin: Plugin) -> None:
    package = json.loads(plugin.call("GetSchema", provider_pb2.GetSchemaRequest()).schema)
    types = ["paidsw:index:Owner", "paidsw:index:Cleanup", "paidsw:index:Instance"]
    assert list(package["resources"]) == types
    functions = ("getAccess", "checkImport", "checkName", "getWorkspace", "getOwnedInstance")
    assert list(package["functions"]) == [f"paidsw:index:{name}" for name in functions]
    assert list(package["config"]["variables"]) == ["emulator", "caBundle"]
    instance = package["resources"]["paidsw:index:Instance"]
    assert instance["requiredInputs"] == ["region", "workspaceId", "instanceName", "ecsSpec"]
    assert instance["inputProperties"]["region"]["replaceOnChanges"]
    assert instance["properties"]["jupyterlabUrl"]["secret"]
    assert instance["inputProperties"]["imageAuth"]["secret"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"emulator": "http://10.0.0.1:1"}, "not on this machine"),
        ({"emulator": 5}, "is not a text"),
        ({"caBundle": True}, "paidsw:caBundle is not a text; give the path of a PEM file"),
        (
            {"emulater": "planted"},
            "paidsw:emulater is not a configuration key of paidsw, did you mean paidsw:emulator?",
        ),
        ({"CABundle": "planted"}, "did you mean paidsw:caBundle? remove or correct it"),
        ({"accessKey": "planted"}, "which has paidsw:emulator and paidsw:caBundle; remove it"),
    ],
)
def test_wrong_configuration_is_one_sentence(plugin: Plugin, values: dict[str, object], said: str) -> None:
    answer = plugin.call("CheckConfig", provider_pb2.CheckRequest(urn="x", news=encode(values)))
    assert [said in failure.reason for failure in answer.failures] == [True]
    assert "planted" not in answer.failures[0].reason


@pytest.mark.parametrize(
    "values", [{}, {"emulator": "http://127.0.0.1:8790"}, {"caBundle": "/ca.pem"}, {"version": "0.1.0"}]
)
def test_right_configuration_passes(plugin: Plugin, values: dict[str, object]) -> None:
    answer = plugin.call("CheckConfig", provider_pb2.CheckRequest(urn="x", news=encode(values)))
    assert not answer.failures
    assert decode(answer.inputs).values == values


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({}, {}, DIFF_NONE),
        ({"emulator": "http://127.0.0.1:1"}, {"emulator": "http://127.0.0.1:2"}, DIFF_SOME),
        ({}, {"caBundle": "/ca.pem"}, DIFF_SOME),
    ],
)
def test_a_change_of_configuration_replaces_nothing(
    plugin: Plugin, old: dict[str, object], new: dict[str, object], changes: int
) -> None:
    request = provider_pb2.DiffRequest(id="p", urn="x", olds=encode(old), news=encode(new))
    answer = plugin.call("DiffConfig", request)
    assert (answer.changes, list(answer.replaces)) == (changes, [])


@pytest.mark.parametrize(
    ("old", "new", "way_out"),
    [
        ({"emulator": "E"}, {}, "pulumi config set paidsw:emulator E"),
        ({}, {"emulator": "E"}, "pulumi config rm paidsw:emulator"),
    ],
)
def test_another_cloud_is_refused(
    plugin: Plugin, old: dict[str, object], new: dict[str, object], way_out: str
) -> None:
    request = provider_pb2.DiffRequest(id="p", urn="x", olds=encode(old), news=encode(new))
    with pytest.raises(Failure) as refused:
        plugin.call("DiffConfig", request)
    assert way_out in refused.value.message


def test_access_to_an_emulator_needs_no_credentials(plugin: Plugin) -> None:
    plugin.configure({"emulator": "http://127.0.0.1:9"})
    answer = plugin.call("Invoke", provider_pb2.InvokeRequest(tok="paidsw:index:getAccess"))
    assert decode(getattr(answer, "return")).values["source"] == "emulator"


def test_unknown_function_and_resource_are_refused(plugin: Plugin) -> None:
    with pytest.raises(Failure) as function:
        plugin.call("Invoke", provider_pb2.InvokeRequest(tok="paidsw:index:nope"))
    assert function.value.code is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(Failure) as resource:
        plugin.check(inputs(), urn="urn:pulumi:dev::p::paidsw:index:Other::x")
    assert "paidsw:index:Other is not a resource" in resource.value.message


def test_check_fills_in_the_defaults(plugin: Plugin) -> None:
    filled, failures = plugin.check(inputs(cloudDisks=None, accessibility=None))
    assert failures == []
    assert filled["cloudDisks"] == [{"subType": "rootfs", "capacity": "100Gi"}]
    assert filled["accessibility"] == "PRIVATE"


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"ecsSpek": "x"}, "ecsSpek", "did you mean ecsSpec?"),
        ({"region": None}, "region", "region is missing"),
        ({"instanceName": ["x"]}, "instanceName", "allowed: a string; correct it"),
        (
            {"instanceName": 5.5},
            "instanceName",
            "instanceName is 5.5, a number where a text is wanted; put it in quotes",
        ),
        ({"imageUrl": None}, "imageUrl", "neither imageUrl nor imageId"),
        ({"imageId": "image-1"}, "imageUrl", "both imageUrl and imageId"),
        ({"cloudDisks": [{"subType": "rootfs", "capacity": "100"}]}, "cloudDisks", "cloudDisks[0].capacity"),
        ({"sessionHours": -1}, "sessionHours", "allowed: a number above 0; correct it"),
        ({"environmentVariables": {"KEY": [5]}}, "environmentVariables", "can't be used"),
    ],
)
def test_wrong_shape_is_one_sentence_at_its_property(
    plugin: Plugin, changes: dict[str, object], name: str, said: str
) -> None:
    _, failures = plugin.check(inputs(**changes))
    assert [failed for failed, _ in failures] == [name]
    assert said in failures[0][1]
    assert "\n" not in failures[0][1]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"region": "cn-hongkong", "imageUrl": "registry.cn-hongkong.example.com/a/b:c"}, "region"),
        ({"ecsSpec": "ecs.gn7i-c16g1.4xlarge"}, "ecsSpec"),
        ({"cloudDisks": [{"subType": "rootfs", "capacity": "200Gi"}]}, "cloudDisks"),
        ({"spotSpec": {"spotStrategy": "SpotAsPriceGo"}}, "spotSpec"),
        ({"resourceId": "rg-1"}, "resourceId"),
        ({"accessibility": "PUBLIC"}, "accessibility"),
        ({"idleInstanceCuller": None}, "idleInstanceCuller"),
        ({"sessionHours": None}, "sessionHours"),
        ({"instanceName": "LLM-Finetune-01"}, "instanceName"),
    ],
)
def test_off_tier_is_refused_without_the_pack(plugin: Plugin, changes: dict[str, object], name: str) -> None:
    _, failures = plugin.check(inputs(**changes))
    assert name in {failed for failed, _ in failures}


def test_the_tutorials_name_is_offered_corrected(plugin: Plugin) -> None:
    _, failures = plugin.check(inputs(instanceName="LLM-Finetune-01"))
    assert len(failures) == 1
    assert "LLM_Finetune_01" in failures[0][1]


def test_unknowns_pass_check_and_stay_unknown(plugin: Plugin) -> None:
    filled, failures = plugin.check(inputs(workspaceId=UNKNOWN, labels={"a": UNKNOWN}))
    assert failures == []
    assert filled["workspaceId"] is UNKNOWN
    assert filled["labels"] == {"a": UNKNOWN}


def test_an_unknown_hides_no_other_fault(plugin: Plugin) -> None:
    _, failures = plugin.check(inputs(workspaceId=UNKNOWN, accessibility="PUBLIC"))
    assert [name for name, _ in failures] == ["accessibility"]


def test_create_refuses_what_is_still_unknown(plugin: Plugin) -> None:
    with pytest.raises(Failure) as caught:
        plugin.create(inputs(workspaceId=UNKNOWN))
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "workspaceId is not known yet" in caught.value.message


def test_preview_knows_the_inputs_and_nothing_else(cloud: Emulator, plugin: Plugin) -> None:
    plugin.configure({"emulator": cloud.url})
    instance_id, state = plugin.create(inputs(workspaceId=UNKNOWN), preview=True)
    assert instance_id == ""
    assert state["instanceName"] == "LLM_Finetune_01"
    for name in ("instanceId", "status", "jupyterlabUrl", "shutdownTime", "workspaceId"):
        assert state[name] is UNKNOWN


def test_secrets_stay_secret_through_check(plugin: Plugin) -> None:
    request = provider_pb2.CheckRequest(
        urn=URN, news=encode(inputs(imageAuth="cGxhbnRlZA==", environmentVariables={"A": "b"}))
    )
    answer = plugin.call("Check", request)
    assert decode(answer.inputs).secrets == {"imageAuth", "environmentVariables"}


@pytest.mark.parametrize(
    ("changes", "found", "replaces"),
    [
        ({}, [], []),
        ({"instanceName": "other"}, ["instanceName"], []),
        ({"ecsSpec": "ecs.gn6v-c8g1.2xlarge"}, ["ecsSpec"], []),
        ({"workspaceId": "w2"}, ["workspaceId"], ["workspaceId"]),
        ({"workspaceId": UNKNOWN}, ["workspaceId"], ["workspaceId"]),
        ({"region": "cn-beijing"}, ["region"], ["region"]),
        ({"driver": "550.1"}, ["driver"], []),
        ({"sessionHours": None}, ["sessionHours"], []),
        ({"sessionHours": 4.0}, [], []),
    ],
)
def test_diff(plugin: Plugin, changes: dict[str, object], found: list[str], replaces: list[str]) -> None:
    answer = plugin.diff(inputs(), inputs(**changes))
    assert (answer.changes == DIFF_SOME) is bool(found)
    assert list(answer.diffs) == found
    assert sorted(answer.detailedDiff) == found
    assert list(answer.replaces) == replaces
    assert answer.deleteBeforeReplace


def test_diff_says_how(plugin: Plugin) -> None:
    kinds = plugin.diff(inputs(driver="1"), inputs(labels={"a": "b"}, workspaceId="w2")).detailedDiff
    names = {name: provider_pb2.PropertyDiff.Kind.Name(diff.kind) for name, diff in kinds.items()}
    assert names == {"driver": "DELETE", "labels": "ADD", "workspaceId": "UPDATE_REPLACE"}
    assert all(diff.inputDiff for diff in kinds.values())


@pytest.mark.parametrize("identifier", ["", "dsw-1"])
def test_an_import_without_a_region_is_refused(plugin: Plugin, identifier: str) -> None:
    with pytest.raises(Failure) as caught:
        plugin.read(identifier)
    assert "REGION/INSTANCE_ID" in caught.value.message


def test_a_bug_of_ours_is_one_line_without_values(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("planted-secret")

    monkeypatch.setattr("paidsw.provider.instance.resource.check", broken)
    with pytest.raises(Failure) as caught:
        plugin.check(inputs())
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert "internal error in Check: KeyError at test_protocol.py:" in caught.value.message
    assert "planted" not in caught.value.message
    assert "\n" not in caught.value.message
