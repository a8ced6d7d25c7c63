"""A cleanup: where it looks is its identity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.direct import Direct, World
from tests.support.owners import CLEANUP_URN, Held
from tests.support.plugin import Failure
from tests.support.samples import REGION

SCOPE = {"region": REGION, "workspaceId": "7", "ownerId": "a1"}


@pytest.fixture
def cleanup(world: World) -> Held:
    return Held(Direct(world), CLEANUP_URN)


def test_its_id_says_where_it_looks_and_nothing_is_called(world: World, cleanup: Held) -> None:
    assert cleanup.preview(SCOPE) == SCOPE
    cleanup.up(SCOPE)
    assert cleanup.identifier == f"{REGION}/7/a1"
    assert cleanup.outputs == SCOPE
    assert world.calls == []


def test_an_import_takes_its_id(cleanup: Held) -> None:
    cleanup.identifier = f"{REGION}/7/a1"
    cleanup.refresh()
    assert cleanup.inputs == cleanup.outputs == SCOPE


@pytest.mark.parametrize(
    "identifier", ["a1", f"{REGION}/a1", f"{REGION}//a1", f"{REGION}/7/a1/b", f"{REGION}/7/NOT-ONE"]
)
def test_another_id_is_refused(cleanup: Held, identifier: str) -> None:
    cleanup.identifier = identifier
    with pytest.raises(Failure, match="import it as REGION/WORKSPACE_ID/OWNER_ID"):
        cleanup.refresh()


@pytest.mark.parametrize("change", [{"region": "cn-beijing"}, {"workspaceId": "8"}, {"ownerId": "b2"}])
def test_every_change_is_a_replacement(cleanup: Held, change: dict[str, Any]) -> None:
    cleanup.up(SCOPE)
    assert list(cleanup.diff({**SCOPE, **change}).replaces) == list(change)
    assert not cleanup.diff(SCOPE).replaces
