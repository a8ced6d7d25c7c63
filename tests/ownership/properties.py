"""What must hold after every step of every history: each function gives the violations that it finds, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.ownership.played import Played
from tests.ownership.steps import (
    INSTANCE,
    OWNER,
    Console,
    Destroy,
    Preview,
    Refresh,
    Run,
    Step,
    Up,
)
from tests.ownership.witness import Record
from tests.support.engine_model.stack import Outcome
from tests.support.instance_stack import NEVER_SAID, unguarded


@dataclass
class Memory:
    """What earlier steps leave to be known: what may be deleted, and what somebody else left without a guard."""

    # Ids that somebody asked in words to delete.
    asked: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Before:
    """What a state had when a run of it began."""

    owners: frozenset[str]
    instances: frozenset[str]
    workspaces: frozenset[str]
    # The owners that are in the state themselves.
    declared: frozenset[str]
    retained: bool
    # The owner of each living instance.
    owner_of: dict[str, str]

    @classmethod
    def of(cls, played: Played, state: str) -> Before:
        stack = played.stacks[state]
        return cls(
            owners=frozenset(played.owners(state)),
            instances=frozenset(played.instance_ids(state)),
            workspaces=frozenset(played.workspace_ids(state)),
            declared=frozenset(one.id for one in stack.state.of_type(OWNER)),
            retained=any(one.retain_on_delete for one in stack.state.resources),
            owner_of={seen.id: seen.owner for seen in played.world.seen()},
        )


def note_asked(memory: Memory, played: Played, step: Run) -> None:
    """What a run is asked in words to delete."""
    stack = played.stacks[step.state]
    if isinstance(step, Destroy) or (
        isinstance(step, Up) and (stack.program.removed or INSTANCE in step.replace)
    ):
        memory.asked |= set(played.instance_ids(step.state))
    replaced = stack.settings.get("replaceId")
    if isinstance(step, Up) and replaced:
        memory.asked.add(str(replaced))


def violations(
    memory: Memory, played: Played, step: Run, before: Before, record: Record, outcome: Outcome
) -> list[str]:
    """Everything that a run did and mustn't have."""
    return [
        *_deletes(memory, played, step, before, record),
        *_twice(memory, record),
        *_adopted(played, step, before),
        *_after_destroy(played, step, before, outcome),
        *_unguarded(memory, played, step, outcome),
        *_said(outcome),
        *_previewed(step, record),
    ]


def _deletes(memory: Memory, played: Played, step: Run, before: Before, record: Record) -> Iterator[str]:
    owners = before.owners | played.owners(step.state)
    for seen in record.deleted:
        ours = seen.owner in owners or (not seen.owner and seen.id in before.instances)
        if not ours:
            yield f"{step} deleted {seen}, which isn't of its owners {sorted(owners)}"
        if seen.has_files and seen.id not in memory.asked:
            yield f"{step} deleted {seen}, which has files, and nobody asked for it"


def _twice(memory: Memory, record: Record) -> Iterator[str]:
    for made, living in record.created:
        twins = [one for one in living if made.owner and one.owner == made.owner]
        twins = [one for one in twins if one.id not in memory.asked]
        if twins:
            yield f"{made} was created while {twins} lived"


def _adopted(played: Played, step: Run, before: Before) -> Iterator[str]:
    owners = played.owners(step.state) | before.owners
    now = {seen.id: seen for seen in played.world.seen()}
    for instance_id in set(played.instance_ids(step.state)) - before.instances:
        was = before.owner_of.get(instance_id, "")
        if was and was not in owners:
            yield f"{step} took {instance_id} of {was}"
        if instance_id in now and owners and now[instance_id].owner not in owners:
            yield f"{step} has {instance_id}, whose owner is {now[instance_id].owner!r}"


def _after_destroy(played: Played, step: Run, before: Before, outcome: Outcome) -> Iterator[str]:
    if not isinstance(step, Destroy) or outcome.code != 0 or before.retained:
        return
    for seen in played.world.seen():
        if seen.owner in before.owners:
            yield f"{step} ended in 0, and {seen} lives"
    spaces = played.world.cloud.state.workspaces
    there = [
        one.id
        for one in spaces.values()
        if one.id in before.workspaces
        or any(owner in f"{one.name} {one.description}" for owner in before.declared)
    ]
    if there:
        yield f"{step} ended in 0, and workspaces {sorted(there)} are left"


def _unguarded(memory: Memory, played: Played, step: Run, outcome: Outcome) -> Iterator[str]:
    owners = played.owners(step.state)
    there = {seen.id: seen for seen in played.world.seen()}
    memory.excused &= there.keys()
    spoken = " ".join(outcome.lines)
    if outcome.code is None or getattr(step, "accident", None) is not None:
        memory.excused |= there.keys()
    if "COULD NOT BE STOPPED" in spoken or "takes it over" in spoken:
        memory.excused |= there.keys()
    if isinstance(step, Up) and outcome.code == 0:
        memory.excused -= {seen.id for seen in there.values() if seen.owner in owners}
    if isinstance(step, Preview | Refresh):
        return
    for text in unguarded(played.world):
        instance_id = text.split()[0]
        if instance_id not in memory.excused and there[instance_id].owner in owners:
            yield f"after {step} {text} without a guard"


def note_console(memory: Memory, played: Played, step: Step) -> None:
    """Whatever somebody does in the console is no fault of a run."""
    if isinstance(step, Console):
        memory.excused |= {seen.id for seen in played.world.seen()}
        memory.asked |= {seen.id for seen in played.world.seen() if seen.status == "Deleting"}


def _said(outcome: Outcome) -> Iterator[str]:
    for line in outcome.lines:
        found = [word for word in NEVER_SAID if word in line]
        if found:
            yield f"said {found} in {line!r}"


def _previewed(step: Run, record: Record) -> Iterator[str]:
    if isinstance(step, Preview | Refresh) and record.writes:
        yield f"{step} changed the cloud: {record.writes}"
