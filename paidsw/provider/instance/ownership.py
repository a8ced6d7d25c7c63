"""Whose an instance is: the owner's id among its labels decides, and its other labels only describe it.

Project, stack and names are the same in every clone of a program; an owner's id is in one state only, and was there
before the instance was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from paidsw.cloud import Instance
from paidsw.cloud.models import DELETING, DOWN
from paidsw.core.messages import Message
from paidsw.core.messages import listed as listed_messages
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels
from paidsw.provider.instance.as_settings import STOPPED_ALREADY, commands, differences
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

# The id of an owner that has nothing.
NOBODY = "-"
# What is in the way, and what to do about it.
Said = tuple[Message, Message]


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a resource recognises what it made: its owner's id, or its URN where it has no owner."""

    urn: str
    owner_id: str = ""

    @property
    def key(self) -> str:
        """What the journal knows it by."""
        return self.owner_id or labels.fingerprint(self.urn)

    def owns(self, instance: Instance) -> bool:
        """Whether an instance carries the owner's id; without an owner, whether this resource or a clone made it."""
        if self.owner_id:
            return labels.owner_id(instance.labels) == self.owner_id
        return not labels.owner_id(instance.labels) and labels.is_declared_at(self.urn, instance.labels)

    def made(self, instance: Instance) -> bool:
        """Whether this very resource made an instance; without an owner nobody can tell."""
        ours = labels.is_declared_at(self.urn, instance.labels)
        return bool(self.owner_id) and self.owns(instance) and ours


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance that is to be created, or previewed.

    `workspace_id` is empty where it isn't known yet. `busy` are the labels of the URNs that this process is at work on.
    `declared` are its inputs as far as they are known, and `recorded` the URNs that the state has for instance ids.
    `options` are those by which `dsw` finds the region.
    """

    identity: Identity
    region: str
    name: str
    workspace_id: str = ""
    busy: frozenset[str] = frozenset()
    declared: Mapping[str, Any] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)
    options: str = ""


class InTheWay(ProviderError):
    """An instance is in the way of one that is to be created."""

    def __init__(self, instance: Instance, cause: Message, advice: Message) -> None:
        super().__init__(cause, advice)
        self.instance_id = instance.instance_id


def wanted(op: Operation, owner_id: str, inputs: InstanceInputs) -> Wanted:
    """The instance that the operation is to create for this owner."""
    busy = frozenset(labels.fingerprint(urn) for urn in op.ledger.granted if urn != op.urn)
    recorded = {instance_id: one.urn for instance_id, one in op.ledger.recorded.items()}
    name, workspace_id = inputs.instance_name, inputs.workspace_id
    me = Identity(op.urn, owner_id)
    return Wanted(me, op.api.region, name, workspace_id, busy, inputs.plain(), recorded, op.api.options)


def is_foreign(op: Operation, instance: Instance, *owner_ids: str | None) -> bool:
    """Whether an instance carries the id of another owner than these, and than those of this stack."""
    owner_id = labels.owner_id(instance.labels)
    return bool(owner_id) and owner_id not in {*owner_ids, *op.ledger.owners}


def obstacle(wanted: Wanted, listed: Iterable[Instance]) -> InTheWay | None:
    """Why nothing can be created or taken over beside what is listed of the region; None when nothing is in the way."""
    living = [one for one in listed if one.status != DELETING]
    for one in filter(wanted.identity.owns, living):
        found = _of_this_owner(wanted, one)
        if found is not None:
            return InTheWay(one, *found)
    named = (one for one in living if one.instance_name == wanted.name and not wanted.identity.made(one))
    return next((InTheWay(one, *_name_taken(wanted, one)) for one in named), None)


def name_taken(wanted: Wanted, own_id: str, listed: Iterable[Instance]) -> ProviderError | None:
    """Why an instance that lives can't be renamed as wanted; None when the name is free."""
    others = (one for one in listed if one.instance_id != own_id and one.status != DELETING)
    named = next((one for one in others if one.instance_name == wanted.name), None)
    return None if named is None else ProviderError(_name_taken(wanted, named)[0], Text.CHOOSE_NAME())


def _of_this_owner(wanted: Wanted, one: Instance) -> Said | None:
    me, named = wanted.identity, shown(one)
    if not me.owner_id:
        advice = Text.THIS_STACKS_OR_NOT(way_out=_way_out(wanted, one))
        return Text.MADE_WITHOUT_OWNER(**named), advice
    if not me.made(one):
        if one.instance_name != wanted.name and not _is_abandoned(wanted, one):
            return None  # another resource of the same owner
        renamed = _in_this_stack(wanted, one) and not labels.unfinished(one.labels)
        advice = _way_out(wanted, one)
        cause = Text.OWNED_ALREADY(**named, resource=labels.resource(one.labels))
        if not renamed:
            return cause, advice
        recorded = wanted.recorded.get(one.instance_id, me.urn)
        return cause, _alias_or(advice) if recorded == me.urn else _undo_or(advice, me.urn, recorded)
    if wanted.workspace_id and one.workspace_id != wanted.workspace_id:
        cause = Text.LEFT_ELSEWHERE(**named, found=one.workspace_id, wanted=wanted.workspace_id)
        advice = Text.WORKSPACE_OR_ELSE(found=one.workspace_id, way_out=_way_out(wanted, one))
        return cause, advice
    return None


def _is_abandoned(wanted: Wanted, one: Instance) -> bool:
    return labels.unfinished(one.labels) and one.labels.get(labels.URN) not in wanted.busy


def _name_taken(wanted: Wanted, one: Instance) -> Said:
    named, me = shown(one), wanted.identity
    owner_id, urn = labels.owner_id(one.labels), wanted.recorded.get(one.instance_id)
    if urn not in (None, me.urn):
        return Text.NAME_OF_THIS_STACK(**named), _undo_or(Text.CHOOSE_NAME(), me.urn, str(urn))
    alike = _in_this_stack(wanted, one) and not labels.is_declared_at(me.urn, one.labels)
    if owner_id:
        owner = labels.owner(one.labels, "" if alike else me.urn)
        advice = Text.OTHER_NAME_OR_PLACE(owner=owner_id)
        return Text.NAME_OF_OTHER_STACK(**named, owner=owner), _alias_or(advice) if alike else advice
    if labels.is_declared_at(me.urn, one.labels):
        return Text.NAME_WITHOUT_OWNER(**named), _way_out(wanted, one)
    if labels.URN in one.labels:
        advice = _alias_or(Text.OTHER_NAME()) if alike else Text.OTHER_NAME()
        return Text.NAME_OF_OTHER_STACK(**named, owner=labels.owner(one.labels)), advice
    return Text.NAME_OF_STRANGER(**named), _other_name_or_import(wanted, one)


def _other_name_or_import(wanted: Wanted, one: Instance) -> Message:
    """What takes an instance over that nobody owns, as somebody types it."""
    found = differences(wanted.declared, one, wanted.region)
    without = [each.message for each in found if not each.command]
    if without:
        return Text.OTHER_NAME_OR_CHANGE(why=listed_messages(without, "; "))
    place = {"instance": one.instance_id, "region": wanted.region}
    return Text.OTHER_NAME_OR_IMPORT(**place, commands=commands(one, found))


def _alias_or(way_out: Message, old_name: str = "OLD_NAME") -> Message:
    """What to do about a resource that was renamed, or else."""
    return Text.ALIAS_OR_ELSE(name=old_name, way_out=way_out)


def _undo_or(way_out: Message, urn: str, recorded: str) -> Message:
    """What to do about a resource that the state has at another URN: with another name, or another parent; or else."""
    old_name = recorded.rpartition("::")[2]
    if urn.endswith(f"::{old_name}"):
        return Text.MOVED_OR_ELSE(urn=recorded, way_out=way_out)
    return _alias_or(way_out, old_name)


def _in_this_stack(wanted: Wanted, one: Instance) -> bool:
    return labels.is_of_stack(wanted.identity.urn, one.labels)


def way_out(one: Instance, region: str, options: str, declared: Mapping[str, Any] | None = None) -> Message:
    """What ends an instance that is in no state, or keeps it where it may hold work.

    It is kept with the settings that it has; where nothing is `declared`, as far as they are known to differ.
    """
    named = {"instance": one.instance_id, "options": options}
    if labels.unfinished(one.labels):
        return Text.RELEASE_UNFINISHED(**named)
    if declared is not None:
        there = declared.get("workspaceId") or one.workspace_id
        typed = commands(one, differences({**declared, "workspaceId": there}, one, region))
    else:
        typed = commands(one, [STOPPED_ALREADY] if one.status in DOWN else [])
    return Text.KEEP_OR_RELEASE(**named, region=region, commands=typed)


def _way_out(wanted: Wanted, one: Instance) -> Message:
    return way_out(one, wanted.region, wanted.options, wanted.declared)


def shown(one: Instance) -> dict[str, str]:
    """An instance as sentences name it."""
    return {"instance": one.instance_id, "name": one.instance_name, "status": one.status}
