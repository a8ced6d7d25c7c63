"""What a destroy finds at its end that no state has: a workspace without a reply, a notebook that is retained."""

from __future__ import annotations

import pytest

from tests.ownership.judged import Judged
from tests.ownership.steps import (
    CLONE,
    HERE,
    INSTANCE,
    OWNER,
    Accident,
    Destroy,
    Edit,
    Preview,
    Recover,
    Rewrite,
    Step,
    Strike,
    Up,
)
from tests.support.engine_model.stack import Outcome

LOST = Strike("cut-after", "CreateWorkspace")


def judged(*steps: Step) -> tuple[Judged, Outcome]:
    """The history, and how its last run ended."""
    judge = Judged()
    outcomes = [judge.play(step) for step in steps]
    return judge, next(one for one in reversed(outcomes) if one is not None)


def workspaces(judge: Judged) -> list[str]:
    """The names of those that aren't the account's own."""
    found = judge.played.world.cloud.state.workspaces.values()
    return [one.name for one in found if not one.is_default]


@pytest.mark.parametrize(
    "steps", [(LOST, Up()), (Up(accident=Accident("all", "CreateWorkspace")),)], ids=["no reply", "killed"]
)
def test_a_workspace_whose_create_got_no_reply_goes_with_its_owner(steps: tuple[Step, ...]) -> None:
    judge, outcome = judged(*steps, Destroy())
    assert outcome.code == 0
    assert [line for line in outcome.lines if "left by an interrupted create" in line]
    assert workspaces(judge) == []


def test_one_of_a_chosen_name_goes_with_the_owner_in_its_description_alone() -> None:
    chosen = Edit(HERE, "workspaceName", "chosen_name")
    judge, outcome = judged(
        chosen, LOST, Up(), Edit(CLONE, chosen.key, chosen.value), Up(CLONE), Destroy(CLONE)
    )
    assert outcome.code == 0
    assert workspaces(judge) == ["chosen_name"]
    judge, outcome = judged(chosen, LOST, Up(), Destroy())
    assert outcome.code == 0
    assert workspaces(judge) == []


def test_one_that_can_t_be_deleted_is_named_until_it_can() -> None:
    denied = Strike("permission", "DeleteWorkspace", times=0)
    judge, outcome = judged(LOST, Up(), denied, Destroy())
    assert outcome.code == 1
    assert "could not be deleted" in outcome.lines[-1]
    assert "pulumi state delete" in outcome.lines[-1]
    assert judge.played.stacks[HERE].state.of_type(OWNER)
    judge.play(Recover())
    ended = judge.play(Destroy())
    assert ended is not None
    assert ended.code == 0
    assert workspaces(judge) == []


def test_a_list_that_can_t_be_seen_is_said_and_is_no_failure() -> None:
    _, outcome = judged(Up(), Strike("permission", "ListWorkspaces", times=0), Destroy())
    assert outcome.code == 0
    assert any("could not be checked" in line for line in outcome.lines)


def test_a_replaced_owner_leaves_its_workspace_to_the_new_one() -> None:
    judge, outcome = judged(Up(), Up(replace=(OWNER,)))
    assert outcome.code == 0
    assert len(workspaces(judge)) == 1


@pytest.mark.parametrize("end", [(Destroy(),), (Rewrite(HERE, removed=True), Up())], ids=["destroy", "up"])
def test_a_retained_notebook_is_stopped_and_named(end: tuple[Step, ...]) -> None:
    judge, outcome = judged(Rewrite(HERE, retained=(INSTANCE,)), Up(), *end)
    [instance] = judge.played.world.instances
    assert outcome.code == 1
    assert instance.status == "Stopped"
    assert f"dsw release {instance.id}" in outcome.lines[-1]
    assert f"importId {instance.id}" in outcome.lines[-1]


@pytest.mark.parametrize("permitted", [True, False])
@pytest.mark.parametrize(
    ("key", "value"),
    [("workspaceName", "chosen_name"), ("alicloud:region", "cn-beijing"), ("workspaceId", "other workspace")],
)
def test_a_move_that_was_killed_at_its_create_goes_on(key: str, value: str, *, permitted: bool) -> None:
    move = (Edit(HERE, "replaceId", "own instance"), Edit(HERE, key, value))
    killed = Up(accident=Accident("all", "CreateInstance"))
    rest = () if permitted else (Edit(HERE, "replaceId", None),)
    judge, outcome = judged(Up(), *move, killed, *rest, Preview(HERE), Up())
    assert outcome.code == 0
    assert [one.status for one in judge.played.living()] == ["Running"]
