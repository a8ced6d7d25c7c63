"""The disk of a notebook that stays stopped: how long it is kept, and that none is started on a cleared one unasked."""

from __future__ import annotations

from typing import Any

import pytest

from paidsw.emulator.dsw.lifecycle import plan
from paidsw.provider.instance.disk import Rest, rest_of
from tests.support.direct import LOOP, Direct, DirectClient, World
from tests.support.instance_stack import InstanceStack, assert_clean, differences
from tests.support.plugin import Failure
from tests.support.samples import REGION

DAY = 86_400


@pytest.fixture
def resting(world: World, there: InstanceStack) -> InstanceStack:
    """A notebook that its timer stopped just now."""
    world.cloud.advance(4 * 3600 + 60)
    assert [one.status for one in world.instances] == ["Stopped"]
    world.calls.clear()
    return there


def rest(world: World) -> Rest:
    client = DirectClient(world, REGION)
    (listed,) = LOOP.run_until_complete(client.all_instances())
    return LOOP.run_until_complete(rest_of(client, listed))


def days_kept(world: World) -> float:
    until = rest(world).kept_until
    assert until is not None
    return (until.timestamp() - world.cloud.now() / 1000) / DAY


def test_a_disk_is_kept_for_15_days_after_the_stop(world: World, resting: InstanceStack) -> None:
    assert 14.8 < days_kept(world) < 15
    world.cloud.advance(14 * DAY)
    assert resting.up(world.inputs()) is None
    assert world.instances[0].status == "Running"
    assert not world.instances[0].disk_cleared
    assert rest(world).kept_until is None


def test_a_notebook_is_not_started_on_a_cleared_disk_without_a_word(
    world: World, direct: Direct, resting: InstanceStack
) -> None:
    world.cloud.advance(16 * DAY)
    assert resting.refresh() is None
    assert resting.outputs["diskKeptUntil"] == ""
    with pytest.raises(Failure) as previewed:
        direct.update(
            resting.instance_id, resting.inputs, world.inputs(), preview=True, state=resting.outputs
        )
    failure = resting.up(world.inputs())
    assert failure is not None
    for text in (previewed.value.message, failure.message):
        assert "was stopped for more than 15 days: since 2026-01-20 " in text
        assert f"pulumi config set startClearedId {resting.instance_id} && pulumi up" in text
        assert_clean(text)
    assert [one.status for one in world.instances] == ["Stopped"]
    assert "StartInstance" not in world.calls


def test_asked_for_in_words_it_is_started_and_says_so(
    world: World, direct: Direct, resting: InstanceStack
) -> None:
    world.cloud.advance(16 * DAY)
    declared = world.inputs(startClearedId=resting.instance_id)
    assert resting.up(declared) is None
    assert any(
        "is started with an empty disk, as startClearedId says" in line for line in direct.engine.messages
    )
    assert differences(world, declared) == []
    # Left in, it permits nothing else, and changes nothing.
    world.calls.clear()
    assert resting.up(declared) is None
    assert "UpdateInstance" not in world.calls
    assert resting.up(world.inputs()) is None


def test_the_id_of_another_one_permits_nothing(world: World, resting: InstanceStack) -> None:
    world.cloud.advance(16 * DAY)
    assert resting.up(world.inputs(startClearedId="dsw-other")) is not None
    assert [one.status for one in world.instances] == ["Stopped"]


@pytest.mark.parametrize("declared", [{"running": False}, {"running": False, "labels": {"a": "b"}}])
def test_what_starts_nothing_is_not_refused(
    world: World, resting: InstanceStack, declared: dict[str, Any]
) -> None:
    world.cloud.advance(16 * DAY)
    assert resting.up(world.inputs(**declared)) is None
    assert [one.status for one in world.instances] == ["Stopped"]


def test_it_can_still_be_released(world: World, resting: InstanceStack) -> None:
    world.cloud.advance(16 * DAY)
    assert resting.up(world.inputs()) is not None
    assert resting.destroy() is None
    assert world.live() == []


def test_a_start_that_never_had_a_machine_prolongs_nothing(world: World, resting: InstanceStack) -> None:
    world.cloud.advance(10 * DAY)
    (found,) = world.instances
    plan(world.cloud.state, found, world.cloud.now(), "ResourceAllocating", "Failed")
    world.cloud.advance(60)
    assert found.status == "Failed"
    assert 4.8 < days_kept(world) < 5
    world.cloud.advance(6 * DAY)
    assert found.disk_cleared
    assert "its files are gone" in str(resting.up(world.inputs()))


def test_a_start_that_failed_with_a_machine_counts(world: World, resting: InstanceStack) -> None:
    world.cloud.advance(10 * DAY)
    (found,) = world.instances
    plan(world.cloud.state, found, world.cloud.now(), "EnvPreparing", "Failed")
    world.cloud.advance(60)
    assert 14.8 < days_kept(world) < 15
    world.cloud.advance(6 * DAY)
    assert not found.disk_cleared
    assert resting.up(world.inputs()) is None


def test_a_grown_disk_is_never_cleared(world: World, resting: InstanceStack) -> None:
    world.instances[0].disk_gib = 200
    world.cloud.advance(100 * DAY)
    assert rest(world).kept_until is None
    assert not world.instances[0].disk_cleared


def test_where_the_history_cannot_be_read_nothing_is_said_of_the_disk(
    world: World, resting: InstanceStack
) -> None:
    world.cloud.state.settings.denied = ["GetLifecycle"]
    assert rest(world) == Rest()
    world.cloud.advance(DAY)
    assert resting.up(world.inputs()) is None


def test_a_start_for_a_backup_says_that_nothing_is_left_to_save(
    world: World, direct: Direct, resting: InstanceStack
) -> None:
    backup = {"snapshot": "llm", "repository": f"registry-vpc.{REGION}.aliyuncs.com/me/notebooks"}
    assert resting.up(world.inputs(running=False, backup=backup)) is None
    world.cloud.advance(16 * DAY)
    assert resting.destroy() is None
    assert any("so its files are gone" in line for line in direct.engine.messages)
    # The clearing is documented and not seen, so the backup that was asked for is made all the same.
    assert len(world.cloud.state.images) == 1
