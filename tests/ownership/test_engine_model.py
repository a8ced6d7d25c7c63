"""The model does what the engine does, as far as its state shows it; test_on_the_engine compares them."""

from __future__ import annotations

from tests.ownership.played import Played
from tests.ownership.steps import (
    COMPONENT,
    HERE,
    INSTANCE,
    WORKSPACE,
    Accident,
    Destroy,
    Forget,
    Move,
    Preview,
    RenameStack,
    Step,
    Up,
)
from tests.support.engine_model.stack import Outcome
from tests.support.engine_model.state import moved


def played(*steps: Step) -> tuple[Played, Outcome]:
    world = Played()
    outcomes = [world.play(step) for step in steps]
    return world, next(one for one in reversed(outcomes) if one is not None)


def test_an_up_makes_everything_and_another_one_changes_nothing() -> None:
    world, outcome = played(Up(), Up())
    assert outcome.code == 0
    assert [one.status for one in world.living()] == ["Running"]
    assert [len(world.stacks[HERE].state.of_type(token)) for token in (WORKSPACE, INSTANCE)] == [1, 1]
    writes = list(world.world.record.writes)
    assert world.play(Up()) is not None
    assert world.world.record.writes == writes


def test_a_preview_changes_neither_the_cloud_nor_the_state() -> None:
    world, outcome = played(Preview())
    assert outcome.code == 0
    assert world.world.record.writes == []
    assert world.stacks[HERE].state.resources == []


def test_a_destroy_deletes_what_depends_on_something_first() -> None:
    world, outcome = played(Up(), Destroy())
    assert outcome.code == 0
    assert world.stacks[HERE].state.resources == []
    deletes = [name for name in world.world.record.writes if name.startswith("Delete")]
    assert deletes == ["DeleteInstance", "DeleteWorkspace"]


def test_a_killed_engine_leaves_the_state_that_it_wrote_last() -> None:
    world, outcome = played(Up(accident=Accident("all", "CreateInstance")))
    state = world.stacks[HERE].state
    assert outcome.code is None
    assert state.of_type(WORKSPACE)
    assert not state.of_type(INSTANCE)
    assert [urn.rpartition("::")[2] for urn in state.creating] == ["notebook"]
    assert len(world.living()) == 1


def test_a_killed_provider_leaves_an_error_and_no_pending_operation() -> None:
    world, outcome = played(Up(accident=Accident("provider", "CreateInstance")))
    assert outcome.code == 1
    assert "EOF" in outcome.lines[-1]
    assert world.stacks[HERE].state.creating == []


def test_a_cancelled_run_keeps_what_it_has() -> None:
    world, outcome = played(Up(accident=Accident("cancel", "CreateWorkspace")))
    assert outcome.code == 1
    assert [one.id for one in world.stacks[HERE].state.of_type(WORKSPACE)]
    assert not world.living()


def test_a_renamed_stack_has_other_urns_and_the_same_resources() -> None:
    world, _ = played(Up(), RenameStack(HERE, "prod"))
    urns = [one.urn for one in world.stacks[HERE].state.resources]
    assert all(urn.startswith("urn:pulumi:prod::") for urn in urns)
    assert any(urn.endswith("::dsw-free-tier-prod") for urn in urns)
    assert len(world.instance_ids(HERE)) == 1


def test_a_moved_component_takes_its_children_along() -> None:
    world, _ = played(Up(), Move(HERE, "beside", COMPONENT))
    assert not world.instance_ids(HERE)
    assert len(world.instance_ids("beside")) == 1
    [instance] = world.stacks["beside"].state.of_type(INSTANCE)
    assert instance.urn.startswith("urn:pulumi:beside::")
    assert instance.provider.startswith("urn:pulumi:beside::")


def test_a_resource_that_is_moved_alone_loses_its_dependencies() -> None:
    world, _ = played(Up())
    source, target = world.stacks[HERE].state, world.stacks["beside"].state
    [instance] = source.of_type(INSTANCE)
    done = moved(source, target, instance.urn, "beside")
    assert done is not None
    [there] = done[1].of_type(INSTANCE)
    assert there.dependencies == []
    assert there.property_dependencies == {key: [] for key in instance.property_dependencies}
    assert moved(done[0], done[1], instance.urn, "beside") is None


def test_a_forgotten_workspace_takes_what_depends_on_it_along() -> None:
    world, _ = played(Up(), Forget(HERE, WORKSPACE))
    state = world.stacks[HERE].state
    assert not state.of_type(WORKSPACE)
    assert not state.of_type(INSTANCE)
    assert len(world.living()) == 1
