"""Taking over an instance: it carries the owner's label before the engine imports it, or nothing happens to it."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.emulator.dsw.models import Instance
from paidsw.provider.instance import labels
from tests.provider.test_sweep import DETAILS
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import recover
from tests.support.owned import finished, later, owner_of
from tests.support.owners import OWNER_URN, Held
from tests.support.plugin import Failure
from tests.support.samples import OWNER_ID, REGION

_SOME = provider_pb2.DiffResponse.DIFF_SOME
OURS = {labels.PROJECT: "dsw-free-tier", labels.STACK: "dev", labels.URN: "x"}
THEIRS = {**OURS, labels.STACK: "prod"}


def bare(world: World, **marks: str) -> Instance:
    """A notebook made in the console, and given these labels."""
    made = finished(world, ownerId="c3")
    made.labels = dict(marks)
    return made


def declared(world: World, found: Instance | str, **inputs: Any) -> dict[str, Any]:
    wanted = found if isinstance(found, str) else found.id
    given = {"region": REGION, "workspaceId": world.workspace, "importId": wanted, **inputs}
    return {name: value for name, value in given.items() if value is not None}


def refusals(world: World, inputs: dict[str, Any]) -> str:
    """What preview and up say alike; neither leaves a trace."""
    before = [dict(one.labels) for one in world.instances]
    said = []
    for act in ("preview", "up"):
        owner = Held(Direct(world), OWNER_URN)
        with pytest.raises(Failure) as caught:
            getattr(owner, act)(inputs)
        assert caught.value.resource_id == ""
        said.append(caught.value.message)
    assert [dict(one.labels) for one in world.instances] == before
    assert said[0] == said[1]
    return said[0]


def test_a_preview_checks_and_writes_nothing(world: World) -> None:
    found = bare(world, mine="yes")
    world.calls.clear()
    Held(Direct(world), OWNER_URN).preview(declared(world, found))
    assert set(world.calls) <= {"GetInstance", "ListInstances"}
    assert world.calls
    assert found.labels == {"mine": "yes"}


def test_a_new_owner_claims_it(world: World) -> None:
    found = bare(world, mine="yes")
    owner = Held(Direct(world), OWNER_URN)
    owner.up(declared(world, found))
    assert found.labels == {"mine": "yes", labels.OWNER: owner.identifier}
    assert owner.diff(owner.inputs).changes != _SOME


def test_an_owner_that_has_nothing_claims_it_later(world: World) -> None:
    owner = owner_of(world, workspaceId=world.workspace)
    found = bare(world)
    wanted = declared(world, found, ownerId=OWNER_ID)
    assert list(owner.diff(wanted).diffs) == ["importId"]
    owner.preview(wanted)
    assert found.labels == {}
    owner.up(wanted)
    assert found.labels == {labels.OWNER: OWNER_ID}
    assert owner.identifier == OWNER_ID
    assert owner.diff({**owner.inputs, "importId": None}).changes != _SOME


def test_one_that_is_the_stack_s_already_is_no_change(world: World) -> None:
    owner = owner_of(world)
    kept = finished(world)
    assert owner.diff({**owner.inputs, "importId": kept.id}).changes != _SOME


def test_another_one_would_delete_what_the_stack_has(world: World) -> None:
    owner = owner_of(world, workspaceId=world.workspace)
    kept = finished(world)
    other = finished(world, instanceName="other", ownerId="c3")
    other.labels = {}
    wanted = declared(world, other, ownerId=OWNER_ID)
    with pytest.raises(Failure) as caught:
        owner.diff(wanted)
    said = caught.value.message
    assert f"importId is {other.id}, and this stack has instance {kept.id} named {kept.name}" in said
    assert "remove it: pulumi config rm importId" in said
    assert f"pulumi config set replaceId {kept.id}" in said
    owner.up({**wanted, "replaceId": kept.id})
    assert f"instance {kept.id} is replaced, as replaceId says" in " ".join(owner.plugin.engine.messages)
    assert other.labels == {labels.OWNER: OWNER_ID}


def test_one_that_isn_t_there_is_said(world: World) -> None:
    said = refusals(world, declared(world, "dsw-none"))
    assert f"importId is dsw-none, and {REGION} has no such instance" in said
    owner = later(owner_of(world), world)
    owner.inputs["importId"] = "dsw-none"
    with pytest.raises(Failure, match="take it out: pulumi config rm importId"):
        owner.up(owner.inputs)


def test_one_that_is_being_deleted_is_said(world: World) -> None:
    found = bare(world)
    world.console("DeleteInstance", found.id)
    assert f"importId is {found.id}, which is being deleted" in refusals(world, declared(world, found))


def test_another_owner_s_is_refused_and_whose_place_to_take_is_said(world: World) -> None:
    found = bare(world, **THEIRS, **{labels.OWNER: "b2"})
    said = refusals(world, declared(world, found))
    assert f"importId is {found.id}, which belongs to a resource of the stack 'prod'" in said
    assert "(owner b2); destroy it there, or, if that state is lost, take its place" in said
    assert "pulumi config set ownerId b2" in said
    owner = Held(Direct(world), OWNER_URN)
    place = declared(world, found, ownerId="b2")
    # In a preview, too, the import that follows knows whose place is taken.
    for taken in (owner.preview, owner.up):
        taken(place)
        assert owner.plugin.read(f"{REGION}/{found.id}", {}, {})[0] == found.id
    assert owner.identifier == "b2"
    assert any("takes the place of the owner b2, who has" in text for text in owner.plugin.engine.messages)


def test_a_clone_s_is_refused_too(world: World) -> None:
    found = bare(world, **OURS, **{labels.OWNER: "b2"})
    assert "in another state (owner b2)" in refusals(world, declared(world, found))


def test_another_stack_s_of_an_earlier_version_is_refused(world: World) -> None:
    found = bare(world, **THEIRS)
    said = refusals(world, declared(world, found))
    assert "belongs to a resource of the stack 'prod'" in said
    assert labels.URN in said


def test_this_stack_s_of_an_earlier_version_is_claimed(world: World) -> None:
    found = bare(world, **OURS)
    for inputs in (declared(world, found), declared(world, found, workspaceId=None)):
        owner = Held(Direct(world), OWNER_URN)
        owner.up(inputs)
        assert found.labels == {**OURS, labels.OWNER: owner.identifier}
        del found.labels[labels.OWNER]


@pytest.mark.parametrize("marks", [OURS, {**OURS, labels.OWNER: "b2"}])
def test_a_new_owner_is_told_what_the_stack_may_have(world: World, marks: dict[str, str]) -> None:
    """The first run after an upgrade, and one that takes an earlier owner's place."""
    kept = bare(world, **marks)
    other = finished(world, instanceName="other", ownerId="c3")
    other.labels = {}
    wanted = declared(world, other, ownerId=marks.get(labels.OWNER))
    said = refusals(world, wanted)
    assert f"importId is {other.id}, and this stack has instance {kept.id}" in said
    Held(Direct(world), OWNER_URN).up({**wanted, "replaceId": kept.id})
    assert other.labels.keys() == {labels.OWNER}


@pytest.mark.parametrize("given", ["7", None])
def test_one_in_another_workspace_is_refused(world: World, given: str | None) -> None:
    found = bare(world)
    said = refusals(world, declared(world, found, workspaceId=given))
    assert f"importId is {found.id}, which is in the workspace {world.workspace}" in said
    assert f"pulumi config set workspaceId {world.workspace}" in said
    Held(Direct(world), OWNER_URN).up(declared(world, found))


def test_one_in_the_stack_s_own_workspace_needs_no_id(world: World) -> None:
    owner = owner_of(world)
    world.cloud.state.workspaces[world.workspace].name = owner.outputs["workspaceName"]
    found = bare(world)
    owner.up(declared(world, found, workspaceId=None, ownerId=OWNER_ID))
    assert found.labels == {labels.OWNER: OWNER_ID}


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (
            "permission",
            "grant this RAM user paidsw:GetInstance (docs/ram has the policies), then",
        ),
        ("cut-before", "run pulumi up again"),
    ],
)
def test_a_cloud_that_can_t_be_asked_is_a_refusal(world: World, kind: str, step: str) -> None:
    found = bare(world)
    world.strike(kind, "GetInstance", times=0)
    owner = Held(Direct(world), OWNER_URN)
    with pytest.raises(Failure) as caught:
        owner.up(declared(world, found))
    said = caught.value.message
    assert f"instance {found.id} isn't taken over, since it could not be read" in said
    assert step in said
    assert found.labels == {}


@pytest.mark.parametrize("kind", ["throttling", "cut-after", "http-503", "stale"])
def test_a_label_is_put_until_a_read_shows_it(world: World, kind: str) -> None:
    found = bare(world)
    world.strike(kind, "UpdateInstanceLabels", **({"reads": 3} if kind == "stale" else {"times": 2}))
    owner = Held(Direct(world), OWNER_URN)
    owner.up(declared(world, found))
    assert found.labels == {labels.OWNER: owner.identifier}


def test_an_id_that_an_instance_may_carry_is_not_lost(world: World) -> None:
    found = bare(world)
    world.strike("permission", "UpdateInstanceLabels", times=0)
    owner = Held(Direct(world), OWNER_URN)
    with pytest.raises(Failure) as caught:
        owner.up(declared(world, found))
    kept = caught.value
    assert kept.resource_id == kept.state["ownerId"]
    assert f"instance {found.id} could not be given this owner's label" in kept.reasons[0]
    world.cloud.faults.clear()
    healed = Held(Direct(world), OWNER_URN, kept.resource_id, declared(world, found), kept.state)
    healed.up(healed.inputs)
    assert found.labels == {labels.OWNER: kept.resource_id}


def test_a_label_that_was_taken_off_is_put_back(world: World) -> None:
    found = bare(world)
    owner = Held(Direct(world), OWNER_URN)
    owner.up(declared(world, found))
    found.labels.clear()
    owner.up(owner.inputs)
    assert found.labels == {labels.OWNER: owner.identifier}


def test_a_mistyped_owner_is_noticed(world: World) -> None:
    owner = Held(Direct(world), OWNER_URN)
    owner.up({"region": REGION, "ownerId": "nobody"})
    assert owner.plugin.engine.messages == [
        f"ownerId is nobody, and nothing in {REGION} belongs to that owner"
    ]


@pytest.mark.parametrize("operation", ["GetInstance", "ListInstances", "UpdateInstanceLabels"])
@pytest.mark.parametrize("kind", [kind for kind in DETAILS if kind not in {"stuck", "failed", "sold-out"}])
def test_whatever_fails_one_id_is_in_the_end_on_the_label_and_in_the_state(
    world: World, operation: str, kind: str
) -> None:
    found = bare(world)
    owner = Held(Direct(world), OWNER_URN)
    world.strike(kind, operation, times=3, **DETAILS[kind][0])
    failure = owner.fails_to_be(declared(world, found))
    if failure is not None:
        assert "internal error" not in failure.message
        assert owner.identifier or found.labels == {}
    recover(world)
    again = later(owner, world)
    again.up(declared(world, found))
    assert found.labels == {labels.OWNER: again.identifier}


def test_after_a_crash_the_advice_of_the_error_ends_the_trouble(world: World) -> None:
    found = bare(world)
    plugin = Direct(world)
    plugin.crash_in(2, after=True)
    with pytest.raises(Crash):
        Held(plugin, OWNER_URN).up(declared(world, found))
    lost = found.labels[labels.OWNER]
    said = refusals(world, declared(world, found))
    assert f"importId is {found.id}, which belongs to the owner {lost}" in said
    assert f"pulumi config set ownerId {lost}" in said
    owner = Held(Direct(world), OWNER_URN)
    owner.up(declared(world, found, ownerId=lost))
    assert owner.identifier == lost
