"""What a program gives as a secret is one in every answer of the provider: each input of each resource, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.core.values import UNKNOWN
from paidsw.emulator.catalogue import official_images
from paidsw.provider.resource_type import ResourceType
from paidsw.provider.resource_types import BY_TOKEN
from paidsw.provider.values import Properties, decode, encode
from paidsw.rules.rule import CLEANUP_TYPE, INSTANCE_TYPE, OWNER_TYPE
from tests.support.cloud import A10
from tests.support.direct import World
from tests.support.engine_model.plugins import Blows, Plugins, Process
from tests.support.owners import CLEANUP_URN, OWNER_URN
from tests.support.plugin import URN, Failure
from tests.support.samples import IMAGE, OWNER_ID, REGION, inputs

DIFF_NONE = provider_pb2.DiffResponse.DIFF_NONE
URNS = {OWNER_TYPE: OWNER_URN, CLEANUP_TYPE: CLEANUP_URN, INSTANCE_TYPE: URN}
# A value for each input, by which it is recognised where it mustn't be. An input of None is left out beside it.
PLANTED: dict[str, dict[str, Any]] = {
    OWNER_TYPE: {
        "region": REGION,
        "workspaceId": "planted1",
        "workspaceName": "planted_space",
        "ownerId": "planted12345",
        "importId": "dsw-planted",
        "replaceId": "dsw-planted",
    },
    CLEANUP_TYPE: {"region": REGION, "workspaceId": "planted1", "ownerId": "planted12345"},
    INSTANCE_TYPE: {
        "region": REGION,
        "workspaceId": "",  # an account's own
        "instanceName": "planted_name",
        "ecsSpec": "ecs.gn7i-c8g1.2xlarge",
        "imageUrl": IMAGE,
        "imageId": "",  # of a region's own
        "imageAuth": "cGxhbnRlZDpzZWNyZXQ=",
        "cloudDisks": [{"subType": "rootfs", "capacity": "100Gi"}],
        "accessibility": "PRIVATE",
        "driver": "535.161.08",
        "environmentVariables": {"TOKEN": "planted-token"},
        "labels": {"team": "planted-label"},
        "datasets": [{"uri": "oss://planted.bucket/", "mountPath": "/mnt/planted"}],
        "userVpc": {"vpcId": "vpc-planted", "vSwitchId": "vsw-planted", "securityGroupId": "sg-planted"},
        "spotSpec": {"spotStrategy": "SpotWithPriceLimit", "spotPriceLimit": "1.2345"},
        "resourceId": "quota-planted",
        "idleInstanceCuller": {"maxIdleTimeInMinutes": 37, "cpuPercentThreshold": 7},
        "sessionHours": 3.75,
        "running": False,
        "backup": {"snapshot": "planted-backup", "repository": "planted.example.com/team/repo"},
        "allowBilling": True,
        "ownerId": "planted12345",
        "replaceId": "dsw-planted",
        "startClearedId": "dsw-planted",
    },
}
CASES = [
    (token, name) for token in BY_TOKEN for name in BY_TOKEN[token].inputs.model_json_schema()["properties"]
]


# What the cloud refuses: its failure is an answer, too.
REFUSED = {(OWNER_TYPE, "importId"), (INSTANCE_TYPE, "resourceId")}


def process(world: World) -> Process:
    return Plugins(world, Blows(world), []).start("paidsw")


def declared(world: World, token: str, name: str) -> Properties:
    """What declares a resource with one secret input."""
    planted = PLANTED[token][name] or {"workspaceId": world.workspace}.get(name)
    if token == OWNER_TYPE:
        base: dict[str, Any] = {"region": REGION}
    elif token == CLEANUP_TYPE:
        base = {"region": REGION, "workspaceId": "1", "ownerId": OWNER_ID}
    else:
        base = inputs(workspaceId=world.workspace, **({"imageUrl": None} if name == "imageId" else {}))
    return Properties({**base, name: planted or image_id()}, frozenset({name}))


def image_id() -> str:
    return next(image.id for image in official_images(REGION) if image.uri == IMAGE)


def assert_hidden(kind: ResourceType, name: str, found: Properties, planted: object) -> None:
    """The input, what derives from it, and nothing else has it."""
    derived = {output for output, sources in kind.derived.items() if name in sources}
    expected = {name, *derived} & found.values.keys()
    assert expected <= found.secrets
    plain = {key: value for key, value in found.values.items() if key not in found.secrets}
    assert not [text for text in texts(planted) if text in str(plain)]


def texts(value: object) -> Iterator[str]:
    """What is recognisable of a value."""
    for leaf in leaves(value):
        if isinstance(leaf, str) and "planted" in leaf:
            yield leaf


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("token", BY_TOKEN)
def test_every_input_has_a_planted_value(token: str) -> None:
    assert [*PLANTED[token]] == [name for of, name in CASES if of == token]


@pytest.mark.parametrize(("token", "name"), CASES)
def test_a_secret_input_is_secret_in_every_answer(world: World, token: str, name: str) -> None:
    kind, urn, provider = BY_TOKEN[token], URNS[token], process(world)
    given = declared(world, token, name)
    planted = given.values[name]
    checked, _ = provider.check(urn, None, given)
    assert_hidden(kind, name, checked, planted)
    try:
        _, expected, _ = provider.create(urn, checked, preview=True)
        assert_hidden(kind, name, expected, planted)
        identifier, made, _ = provider.create(urn, checked, preview=False)
    except Failure as failure:
        assert (token, name) in REFUSED
        assert_hidden(kind, name, Properties(failure.state, failure.secrets), planted)
        return
    assert_hidden(kind, name, made, planted)
    assert not [text for text in texts(planted) if text in identifier]
    assert provider.diff(urn, identifier, checked, made, checked).changes == DIFF_NONE
    identifier, actual, properties, _ = provider.read(urn, identifier, checked, made)
    assert_hidden(kind, name, actual, planted)
    assert_hidden(kind, name, properties, planted)
    assert not [text for text in texts(planted) if text in identifier]
    for preview in (True, False):
        updated, _ = provider.update(urn, identifier, actual, properties, checked, preview=preview)
        assert_hidden(kind, name, updated, planted)
    provider.delete(urn, identifier, actual, updated)
    assert world.instances == []


@pytest.mark.parametrize(("token", "name"), sorted({*CASES} - REFUSED))
def test_secret_or_not_is_no_change_and_the_state_follows(world: World, token: str, name: str) -> None:
    kind, urn, provider = BY_TOKEN[token], URNS[token], process(world)
    hidden, _ = provider.check(urn, None, declared(world, token, name))
    plain = Properties(hidden.values, kind.secret_inputs & hidden.values.keys())
    identifier, made, _ = provider.create(urn, plain, preview=False)
    assert made.secrets <= kind.secret_outputs
    calls = len(world.calls)
    for old, new in ((plain, hidden), (hidden, plain)):
        assert provider.diff(urn, identifier, old, made, new).changes == DIFF_NONE
        # The engine keeps the program's inputs of what doesn't change, and reads with them.
        identifier, actual, made, _ = provider.read(urn, identifier, new, made)
        assert actual.secrets == new.secrets | (kind.secret_inputs & actual.values.keys())
        derived = {output for output, sources in kind.derived.items() if new.secrets & sources}
        expected = (kind.secret_outputs | new.secrets | derived) & made.values.keys()
        # Nobody can tell any more whether the name that a workspace keeps was a secret of its own.
        assert made.secrets - {"workspaceName"} == expected - {"workspaceName"}
        assert made.secrets >= expected
    assert not {"UpdateInstance", "StopInstance", "StartInstance"} & {*world.calls[calls:]}


def test_an_id_of_a_secret_that_was_plain_before_follows_with_a_refresh(world: World) -> None:
    provider = process(world)
    for token, name in ((OWNER_TYPE, "ownerId"), (CLEANUP_TYPE, "ownerId"), (CLEANUP_TYPE, "workspaceId")):
        hidden = declared(world, token, name)
        plain = Properties(hidden.values)
        identifier, made, _ = provider.create(URNS[token], plain, preview=False)
        assert hidden.values[name] in identifier
        found, actual, properties, _ = provider.read(URNS[token], identifier, hidden, made)
        assert hidden.values[name] not in found
        assert properties.values == made.values
        again, *_ = provider.read(URNS[token], found, actual, properties)
        assert again == found


def test_an_owner_with_a_secret_id_owns_what_carries_it(world: World) -> None:
    provider = process(world)
    hidden = declared(world, OWNER_TYPE, "ownerId")
    identifier, made, _ = provider.create(OWNER_URN, hidden, preview=False)
    assert made.values["workspaceName"] == "free_tier_planted12345"
    provider.create(URN, Properties(world.inputs(ownerId="planted12345")), preview=False)
    with pytest.raises(Failure, match="lives there: that would delete it"):
        provider.diff(
            OWNER_URN, identifier, hidden, made, Properties({**hidden.values, "region": "cn-beijing"})
        )
    with pytest.raises(Failure, match="belongs to this stack, whose state doesn't have it: it is stopped"):
        process(world).delete(OWNER_URN, identifier, hidden, made)
    assert [one.status for one in world.instances] == ["Stopped"]


def test_a_secret_that_may_not_change_is_set_back_without_being_shown(world: World) -> None:
    provider = process(world)
    hidden = declared(world, OWNER_TYPE, "workspaceName")
    identifier, made, _ = provider.create(OWNER_URN, hidden, preview=False)
    provider.create(URN, Properties(world.inputs(ownerId=identifier)), preview=False)
    other = Properties({**hidden.values, "workspaceName": "planted_other"}, hidden.secrets)
    with pytest.raises(Failure) as held:
        provider.diff(OWNER_URN, identifier, hidden, made, other)
    assert "workspaceName changes from [secret] to [secret]" in held.value.message
    assert "pulumi config set --secret workspaceName" in held.value.message
    assert "planted" not in held.value.message


def test_a_secret_name_that_nobody_gives_any_more_stays_secret(world: World) -> None:
    provider = process(world)
    hidden = declared(world, OWNER_TYPE, "workspaceName")
    identifier, made, _ = provider.create(OWNER_URN, hidden, preview=False)
    bare = Properties({"region": REGION})
    assert provider.diff(OWNER_URN, identifier, hidden, made, bare).changes == DIFF_NONE
    _, _, properties, _ = provider.read(OWNER_URN, identifier, bare, made)
    assert properties.values["workspaceName"] == "planted_space"
    assert properties.secrets == {"workspaceName"}


def test_a_secret_that_isnt_known_yet_stays_one(world: World) -> None:
    given = Properties(
        {**world.inputs(labels={"team": UNKNOWN}), "workspaceId": UNKNOWN},
        frozenset({"labels", "workspaceId"}),
    )
    checked, refused = process(world).check(URN, None, given)
    assert refused == []
    assert checked.secrets >= given.secrets
    _, expected, _ = process(world).create(URN, checked, preview=True)
    assert expected.secrets >= {*given.secrets, "workspaceName"}


@pytest.mark.parametrize("token", [CLEANUP_TYPE, INSTANCE_TYPE])
def test_a_secret_region_is_refused_since_ids_hold_it(world: World, token: str) -> None:
    _, refused = process(world).check(URNS[token], None, declared(world, token, "region"))
    assert refused == [
        "region is secret, but part of the resource's id, which Pulumi keeps in plain; give it as a plain value"
    ]


def test_an_import_hides_what_is_secret_anyway(world: World) -> None:
    variables = {"EnvironmentVariables": {"TOKEN": "planted-token"}}
    body = {"InstanceName": "planted", "WorkspaceId": world.workspace, "EcsSpec": A10, "ImageUrl": IMAGE}
    world.console("CreateInstance", "", **body, **variables)
    world.cloud.advance(180)
    world.console("CreateInstanceShutdownTimer", world.instances[0].id, RemainingTimeInMs=3_600_000)
    identifier = f"{REGION}/{world.instances[0].id}"
    _, actual, properties, _ = process(world).read(URN, identifier, Properties({}), Properties({}))
    assert actual.secrets == {"environmentVariables"}
    assert properties.secrets >= {"environmentVariables", "jupyterlabUrl"}


def test_a_failed_read_keeps_inputs_and_properties_secret(world: World) -> None:
    provider = process(world)
    given = Properties(world.inputs(labels={"team": "planted-label"}), frozenset({"labels", "sessionHours"}))
    identifier, made, _ = provider.create(URN, given, preview=False)
    world.console("StopInstance", world.instances[0].id)
    with pytest.raises(Failure) as stopped:
        provider.read(URN, identifier, given, made)
    assert stopped.value.inputs["labels"] == {"team": "planted-label"}
    assert stopped.value.secrets >= {"labels", "sessionHours", "shutdownTime"}
    assert stopped.value.secret_inputs >= {"labels", "sessionHours"}


def test_an_answer_to_a_secret_question_is_secret(world: World) -> None:
    arguments = {"component": "a:b:C", "name": "planted"}
    answers = [
        process(world).invoke("paidsw:index:checkName", encode(arguments, secrets))
        for secrets in ((), ("name",))
    ]
    assert [decode(getattr(one, "return")).secrets for one in answers] == [frozenset(), {"problems"}]


def test_no_name_that_may_be_secret_is_noted_on_disk(world: World) -> None:
    blows = Blows(world)
    blows.plan("provider", "CreateInstance")
    with pytest.raises(Failure, match="EOF"):
        Plugins(world, blows, []).start("paidsw").create(
            URN, Properties(world.inputs(instanceName="planted_name")), preview=False
        )
    [note] = [file.read_text() for file in world.home.iterdir()]
    assert "made_at" in note
    assert "planted_name" not in note
