"""An owner: its id is drawn once, and names the workspace that no other owner has had."""

from __future__ import annotations

import re
from typing import Any

import pytest

from paidsw.core.values import UNKNOWN
from tests.support.direct import Direct, World
from tests.support.owners import OWNER_URN, Held
from tests.support.plugin import Failure
from tests.support.samples import REGION

ELSEWHERE = "cn-beijing"


@pytest.fixture
def owner(world: World) -> Held:
    return Held(Direct(world), OWNER_URN)


def test_each_owner_has_an_id_of_its_own(world: World) -> None:
    owners = [Held(Direct(world), OWNER_URN) for _ in range(3)]
    for one in owners:
        one.up({"region": REGION})
        assert re.fullmatch("[0-9a-f]{12}", one.identifier)
        assert one.outputs["ownerId"] == one.identifier
        assert one.outputs["workspaceName"] == f"free_tier_{one.identifier}"
    assert len({one.identifier for one in owners}) == 3
    assert world.calls == []


def test_the_id_stays_as_it_is(owner: Held) -> None:
    owner.up({"region": REGION})
    first = owner.identifier
    owner.up({"region": REGION, "replaceId": "dsw-1"})
    owner.refresh()
    assert owner.identifier == owner.outputs["ownerId"] == first


@pytest.mark.parametrize(
    ("given", "name"),
    [({"workspaceName": "mine"}, "mine"), ({"workspaceId": "7"}, ""), ({"ownerId": "a1"}, "free_tier_a1")],
)
def test_the_workspaces_name_is_the_users_or_made_of_the_id(
    owner: Held, given: dict[str, Any], name: str
) -> None:
    assert owner.preview({"region": REGION, **given})["workspaceName"] == name
    owner.up({"region": REGION, **given})
    assert owner.outputs["workspaceName"] == name


def test_a_preview_of_a_new_owner_knows_no_id(owner: Held) -> None:
    expected = owner.preview({"region": REGION})
    assert expected["ownerId"] is UNKNOWN
    assert expected["workspaceName"] is UNKNOWN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"region": REGION}, {"region": ELSEWHERE}),
        ({"region": REGION}, {"region": REGION, "workspaceId": "7"}),
        ({"region": REGION, "workspaceId": "7"}, {"region": REGION}),
        ({"region": REGION}, {"region": REGION, "workspaceName": "mine"}),
    ],
)
def test_another_place_is_another_owner_s(owner: Held, before: dict[str, Any], after: dict[str, Any]) -> None:
    owner.up(before)
    first = owner.identifier
    owner.up(after)
    assert owner.identifier != first


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "region is missing, it is required; set it"),
        ({"workspaceName": "x"}, "3 to 23 letters, digits and underscores, a letter first"),
        ({"ownerId": "A-1"}, "an owner's id like 0123456789ab"),
        ({"importId": "LLM"}, "an instance's id like dsw-"),
        ({"replaceId": "LLM"}, "an instance's id like dsw-"),
        ({"owner": "a"}, "did you mean ownerId?"),
    ],
)
def test_wrong_inputs_are_one_sentence_each(owner: Held, given: dict[str, Any], said: str) -> None:
    region = {"region": REGION} if given else {}
    _, failures = owner.plugin.check({**region, **given}, OWNER_URN)
    assert [said in text for _, text in failures] == [True]


def test_an_owner_can_t_be_imported_but_its_place_be_taken(owner: Held) -> None:
    owner.identifier = "a1"
    with pytest.raises(Failure, match="set ownerId to a1, and pulumi up takes its place"):
        owner.refresh()
    # What somebody may take for its id.
    owner.identifier = f"{REGION}/dsw-1"
    with pytest.raises(
        Failure, match="isn't the id of one, which its instances carry as the label paidsw-owner"
    ):
        owner.refresh()
    owner.identifier = ""
    owner.up({"region": REGION, "ownerId": "a1"})
    assert owner.identifier == "a1"
