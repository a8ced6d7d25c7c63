"""Each setting as a secret, on a model of the engine: neither it nor what is made of it is in a state in plain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components import NotebookArgs
from components.arguments import SettingsError
from paidsw.provider.values import Properties
from tests.provider.test_import_check import made
from tests.support.declarations import CLEANUP, INSTANCE, OWNER, PROJECT, WORKSPACE
from tests.support.direct import World
from tests.support.engine_model.stack import ModelStack

# A value for each setting, by which it is recognised where it mustn't be.
PLANTED: dict[str, Any] = {
    "instanceName": "planted_name",
    "ecsSpec": "ecs.gn6v-c8g1.2xlarge",
    "image": "planted.example.com/team/image:1",
    "imageAuth": "cGxhbnRlZDpzZWNyZXQ=",
    "systemDiskGib": "77",
    "sessionHours": "3.75",
    "idleMinutes": "37",
    "idleCpuPercent": "17",
    "idleGpuPercent": "27",
    "accessibility": "PRIVATE",
    "driver": "535.54.03",
    "environmentVariables": '{"TOKEN": "planted-token"}',
    "labels": '{"team": "planted-label"}',
    "datasets": '[{"uri": "oss://planted.bucket/", "mountPath": "/mnt/planted"}]',
    "allowBilling": "false",
    "backup": '{"snapshot": "planted-backup", "repository": "planted.example.com/team/repo"}',
    "running": "false",
    "startClearedId": "dsw-planted",
    "workspaceName": "planted_space",
    "workspaceId": "",  # an account's own
    "importId": "",  # of an instance that is there
    "replaceId": "dsw-planted",
    "ownerId": "planted12345",
}
# The inputs, of which resource, that each setting becomes; those of another name, and what tells them.
_SHOWN = {"workspaceName", "displayName", "description"}
BECOMES: dict[str, dict[str, set[str]]] = {
    "image": {INSTANCE: {"imageUrl", "imageName"}},
    "ecsSpec": {INSTANCE: {"ecsSpec", "acceleratorType"}},
    "systemDiskGib": {INSTANCE: {"cloudDisks"}},
    "sessionHours": {INSTANCE: {"sessionHours", "shutdownTime"}},
    "idleMinutes": {INSTANCE: {"idleInstanceCuller"}},
    "idleCpuPercent": {INSTANCE: {"idleInstanceCuller"}},
    "idleGpuPercent": {INSTANCE: {"idleInstanceCuller"}},
    "running": {INSTANCE: {"running", "status", "shutdownTime", "diskKeptUntil"}},
    "workspaceName": {OWNER: {"workspaceName"}, WORKSPACE: {*_SHOWN}, INSTANCE: {"workspaceName"}},
    "workspaceId": {
        OWNER: {"workspaceId"},
        CLEANUP: {"workspaceId"},
        INSTANCE: {"workspaceId", "workspaceName"},
    },
    "replaceId": {OWNER: {"replaceId"}, INSTANCE: {"replaceId"}},
    "ownerId": {
        OWNER: {"ownerId", "workspaceName"},
        CLEANUP: {"ownerId"},
        WORKSPACE: {*_SHOWN},
        INSTANCE: {"ownerId", "workspaceName"},
    },
    "allowBilling": {},
}
KEPT_SECRET = sorted(PLANTED.keys() - {"importId"})
ALWAYS = {"instanceUrl", "jupyterlabUrl", "webIdeUrl", "terminalUrl", "environmentVariables", "imageAuth"}


@pytest.fixture
def stack() -> ModelStack:
    return ModelStack(World())


def test_every_setting_has_a_planted_value() -> None:
    assert {*PLANTED} == {*NotebookArgs.names()}


def planted(stack: ModelStack, name: str) -> Any:
    return PLANTED[name] or {"workspaceId": stack.world.workspace}[name]


def secrets(stack: ModelStack) -> dict[str, set[str]]:
    """The secret inputs and outputs in a state, by type."""
    return {
        one.type: {*one.inputs.secrets, *one.outputs.secrets} - ALWAYS
        for one in stack.state.resources
        if one.custom
    }


def in_plain(stack: ModelStack) -> str:
    """All that a state holds in plain."""
    return json.dumps(
        [
            [one.urn, one.id, one.import_id, plain(one.inputs), plain(one.outputs), one.init_errors]
            for one in stack.state.resources
        ]
    )


def plain(properties: Properties) -> dict[str, Any]:
    return {name: value for name, value in properties.values.items() if name not in properties.secrets}


def recognisable(value: object) -> Iterator[str]:
    """The texts of a planted value that nothing else has."""
    for text in json.dumps(value).replace("\\", "").split('"'):
        if "planted" in text or text == PLANTED["imageAuth"]:
            yield text


def expected(name: str) -> dict[str, set[str]]:
    return {
        token: names - ALWAYS
        for token, names in BECOMES.get(name, {INSTANCE: {name}}).items()
        if names - ALWAYS
    }


@pytest.mark.parametrize("name", KEPT_SECRET)
def test_a_secret_setting_stays_one(stack: ModelStack, name: str) -> None:
    value = planted(stack, name)
    stack.settings[name] = value
    stack.secret = {name}
    assert stack.up(preview=True).code == 0
    for run in (stack.up, stack.refresh, stack.up):
        assert run().code == 0
        found = secrets(stack)
        assert {token: names for token, names in found.items() if names} == expected(name)
        shown = in_plain(stack)
        assert not [text for text in recognisable(value) if text in shown], shown
    assert stack.destroy().code == 0
    assert stack.world.instances == []


@pytest.mark.parametrize("name", KEPT_SECRET)
def test_secret_or_not_changes_no_notebook(stack: ModelStack, name: str) -> None:
    stack.settings[name] = planted(stack, name)
    assert stack.up().code == 0
    assert not any(secrets(stack).values())
    ids = {token: stack.state.of_type(token)[0].id for token in (OWNER, CLEANUP, INSTANCE)}
    calls = len(stack.world.calls)
    stack.secret = {name}
    assert stack.up().code == 0
    assert ids == {token: stack.state.of_type(token)[0].id for token in ids}
    found = secrets(stack)
    for token, names in expected(name).items():
        assert names <= found[token]
    stack.secret = set()
    # What derives from what derives from it takes a run each.
    for _ in range(3):
        assert stack.up(refresh=True).code == 0
    assert secrets(stack)[INSTANCE] == set()
    assert stack.state.of_type(INSTANCE)[0].id == ids[INSTANCE]
    assert [
        call for call in stack.world.calls[calls:] if not call.startswith(("Get", "List", "Describe"))
    ] == []


def test_an_import_hides_what_the_program_gives_as_a_secret(stack: ModelStack) -> None:
    label = {"planted": "planted-label"}
    stack.settings |= {
        "importId": made(stack.world, Labels=[{"Key": key, "Value": value} for key, value in label.items()]),
        "instanceName": "by_hand",
        "labels": json.dumps(label),
        "workspaceId": stack.world.workspace,
    }
    stack.secret = {"instanceName", "labels", "workspaceId"}
    outcome = stack.up()
    assert outcome.code == 0, outcome.lines
    assert secrets(stack)[INSTANCE] >= {"instanceName", "labels", "workspaceId"}
    assert "by_hand" not in in_plain(stack)
    assert "planted" not in in_plain(stack)


def test_what_keeps_it_from_being_imported_is_said_without_the_secrets(stack: ModelStack) -> None:
    stack.settings |= {"importId": made(stack.world), "instanceName": "planted_name", "driver": "535.54.03"}
    stack.settings["workspaceId"] = stack.world.workspace
    stack.secret = {"instanceName", "driver"}
    outcome = stack.up()
    assert outcome.code == 1
    assert any("instanceName" in line for line in outcome.lines)
    assert "planted" not in "".join(outcome.lines)
    assert "535.54.03" not in "".join(outcome.lines)


def test_what_becomes_an_id_is_refused_as_a_secret(stack: ModelStack) -> None:
    stack.settings["importId"] = made(stack.world)
    stack.secret = {"importId"}
    outcome = stack.up()
    assert outcome.lines == [
        f"Pulumi.dev.yaml: {PROJECT}:importId is secret, but Pulumi keeps the ids of resources in plain, of which it "
        "is a part; set it as a plain value: pulumi config set importId VALUE"
    ]
    assert stack.state.resources[1:] == []


def test_a_program_may_give_secrets(stack: ModelStack) -> None:
    args: list[NotebookArgs] = []

    def program() -> None:
        word = pulumi.Output.secret("planted-label")
        args.append(
            NotebookArgs(labels={"team": word, "other": "x"}, instance_name=pulumi.Output.secret("planted"))
        )

    in_a_program(program)
    assert args[0].secret == {"labels", "instanceName"}
    assert (args[0].labels, args[0].instance_name) == ({"team": "planted-label", "other": "x"}, "planted")


def in_a_program(program: Any) -> None:
    awaiting: Any = pulumi.runtime.test
    awaiting(program)()


def test_a_wrong_secret_of_a_program_is_in_no_sentence() -> None:
    def program() -> None:
        NotebookArgs(idle_minutes=pulumi.Output.secret("planted"))

    with pytest.raises(SettingsError, match="idle_minutes can't be used; allowed: a whole number") as wrong:
        in_a_program(program)
    assert "planted" not in str(wrong.value)


def test_settings_that_are_printed_show_no_secret() -> None:
    args = NotebookArgs(
        ["labels"], labels={"team": "planted"}, image_auth=PLANTED["imageAuth"], idle_minutes=37
    )
    shown = f"{args!r} {args}"
    assert "idle_minutes=37" in shown
    assert "labels='[secret]'" in shown
    assert "planted" not in shown
    assert PLANTED["imageAuth"] not in shown
