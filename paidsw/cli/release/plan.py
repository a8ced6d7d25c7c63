"""What would be deleted, and what is left alone and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from paidsw.audit.declared import Declared, owner, stack_of
from paidsw.audit.endings import Endings
from paidsw.audit.evidence import in_cloud_time
from paidsw.audit.inventory import INSTANCES, InventoryReader
from paidsw.audit.listed import ListedInstance, read
from paidsw.audit.model import NotSeen, Owner
from paidsw.audit.not_seen import unreadable_instance
from paidsw.audit.regions import PLACES, Place, Service
from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.release.request import Wanted
from paidsw.cli.states import StackState
from paidsw.cloud import CloudError
from paidsw.cloud.models import ON_THE_WAY_UP
from paidsw.core.text import printable
from paidsw.provider.instance import labels


@dataclass(frozen=True)
class LeftAlone:
    """An instance that isn't deleted; the error says why, and what else can be done. `ours`: it is left over."""

    listed: ListedInstance
    why: CliError
    ours: bool = False


@dataclass(frozen=True)
class Plan:
    """What would be deleted, what is left alone, and which regions couldn't be looked at."""

    victims: tuple[ListedInstance, ...]
    left_alone: tuple[LeftAlone, ...]
    not_seen: tuple[NotSeen, ...]


async def look(wanted: Wanted) -> Plan:
    """Look in all regions for what is to be released. Raises CliError for what mustn't be."""
    clock = wanted.connection.clock()
    reader = InventoryReader(wanted.connection, clock)
    try:
        await reader.sign_in()
        now = datetime.fromtimestamp(await clock.now(), UTC)
    except CloudError as error:
        raise CliError(Text.NOT_LOOKED(why=error)) from None
    declared = wanted.declared and in_cloud_time(wanted.declared, now)
    inventories = await reader.regions([_dsw_only(PLACES[region]) for region in wanted.regions])
    missed = tuple(item for one in inventories for item in one.not_seen if item.blocking)
    listed: list[ListedInstance] = []
    endings = Endings(wanted.connection.emulator)
    for one in inventories:
        for item in one.lists.get(INSTANCES, ()):
            found = _read(item, one.place.region, declared, endings)
            if found is None:
                missed += (unreadable_instance(one.place),)
            else:
                listed.append(found)
    plan = _named(wanted, listed, missed) if wanted.names else _undeclared(wanted, listed, missed, declared)
    _check_running(wanted.running, plan)
    return plan


def _dsw_only(place: Place) -> Place:
    return Place(place.region, (Service.DSW,), place.official)


def _read(
    item: dict[str, Any], region: str, state: Declared | None, endings: Endings
) -> ListedInstance | None:
    """An instance of a list; one that can't be read can't be recognised as ours: it is left alone, with a message."""
    try:
        return read(item, region, state, endings)
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None


def _undeclared(
    wanted: Wanted, listed: Sequence[ListedInstance], missed: tuple[NotSeen, ...], declared: Declared | None
) -> Plan:
    victims, left = [], []
    for one in listed:
        check_proven(one, declared, wanted.state)
        why = left_alone(one)
        if why is not None:
            left.append(LeftAlone(one, why, one.owner is Owner.UNDECLARED))
        elif one.owner is Owner.UNDECLARED:
            victims.append(one)
    return Plan(tuple(victims), tuple(left), missed)


def check_proven(one: ListedInstance, declared: Declared | None, state: StackState) -> None:
    """Raise CliError where the state has no say about an instance, since it is older."""
    marks, own_id = one.instance.labels, one.instance.instance_id
    if one.owner is Owner.UNPROVEN and owner(own_id, marks, declared) is Owner.UNDECLARED:
        shown = printable(own_id, 64)
        older = Text.STATE_OLDER(state=state.shown, instance=shown, why=one.doubt)
        raise CliError(older, Text.REFRESH_AND_EXPORT(release=one.release))


def left_alone(one: ListedInstance) -> CliError | None:
    """Why an instance that might be taken for left over isn't deleted; None where it is, or is nobody's of ours."""
    marks = one.instance.labels
    stack = printable(stack_of(marks), 150)
    by_name = Text.RELEASE_BY_NAME(release=one.release)
    if one.owner is Owner.OTHER_OWNER:
        holder = printable(marks.get(labels.OWNER, ""), 40)
        return CliError(Text.OF_OTHER_STATE(stack=stack or "?", owner=holder), by_name)
    if one.owner is Owner.OTHER_STACK:
        return CliError(Text.OF_OTHER_STACK(stack=stack), by_name)
    if one.owner is Owner.UNPROVEN:
        return CliError(Text.OF_EARLIER_VERSION(), by_name)
    if one.owner is Owner.UNDECLARED and labels.only_claimed(marks):
        return CliError(Text.ONLY_CLAIMED(), Text.IMPORT_OR_NAME(up=one.endings.up(), release=one.release))
    if one.owner is Owner.UNDECLARED and one.instance.status in ON_THE_WAY_UP:
        status = printable(one.instance.status, 30)
        return CliError(Text.ON_ITS_WAY_UP(status=status), Text.WAIT_OR_NAME(release=one.release))
    return None


def _named(wanted: Wanted, listed: Sequence[ListedInstance], missed: tuple[NotSeen, ...]) -> Plan:
    return Plan(tuple(_one(wanted, name, listed, missed) for name in wanted.names), (), missed)


def _one(
    wanted: Wanted, name: str, listed: Sequence[ListedInstance], missed: Sequence[NotSeen]
) -> ListedInstance:
    found = [one for one in listed if one.instance.instance_id == name]
    if not found:
        regions = ", ".join(sorted({item.region for item in missed}))
        none = Text.NO_INSTANCE_SEEN(name=name, regions=regions) if missed else Text.NO_INSTANCE(name=name)
        raise CliError(none, Text.SEE_AUDIT(option=Endings(wanted.connection.emulator).option))
    if found[0].owner is Owner.DECLARED:
        raise CliError(Text.IS_DECLARED(name=name), Text.RELEASE_WITH(command=found[0].ending))
    return found[0]


def _check_running(named: Sequence[str], plan: Plan) -> None:
    there = {one.instance.instance_id for one in plan.victims}
    for name in named:
        if name not in there:
            raise UsageError(Text.NOT_LISTED(instance=name), Text.CORRECT_RUNNING())


def without_unconfirmed(plan: Plan, confirmed: frozenset[str]) -> Plan:
    """The plan without what runs and nobody named."""
    spared = [one for one in plan.victims if one.runs and one.instance.instance_id not in confirmed]
    left = [LeftAlone(one, runs(one.instance.instance_id), ours=True) for one in spared]
    victims = tuple(one for one in plan.victims if one not in spared)
    return replace(plan, victims=victims, left_alone=(*plan.left_alone, *left))


def runs(instance_id: str) -> CliError:
    """Why a running instance is left alone."""
    return CliError(Text.IT_RUNS(), Text.SAY_RUNNING(instance=printable(instance_id, 64)))
