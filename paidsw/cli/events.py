"""The events of a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paidsw.cli.choosing import called, found
from paidsw.cli.errors import CliError
from paidsw.cli.output import print_table, print_text
from paidsw.cli.times import in_utc, local
from paidsw.cloud import CloudError, Connection, Instance
from paidsw.cloud.client import MOST_EVENTS
from paidsw.cloud.models import Event
from paidsw.core.text import printable

_LONGEST = 1000


@dataclass(frozen=True)
class Events:
    """Of a notebook, newest last; `left_out` more were told, and `cut` means that the cloud may know still more."""

    region: str
    instance: Instance
    level: str
    events: tuple[Event, ...]
    left_out: int
    cut: bool


async def look(
    connection: Connection, region: str, instance_id: str | None, level: str = "", last: int | None = None
) -> Events:
    """Ask the cloud. Raises CliError when it doesn't answer, or when it can't be told which notebook."""
    client, instance = await found(connection, region, instance_id)
    try:
        told = await client.get_events(instance.instance_id, level)
    except CloudError as error:
        raise CliError(str(error)) from None
    # Which ones the API leaves out when it is asked for fewer is documented nowhere, so they are left out here.
    kept = told if last is None else told[-last:]
    return Events(region, instance, level, tuple(kept), len(told) - len(kept), len(told) >= MOST_EVENTS)


def show(found: Events) -> None:
    """Print them for people."""
    kind = f" of level {found.level}" if found.level else ""
    if not found.events:
        print_text(f"{called(found.instance)} has no events{kind}")
    # A time that the cloud didn't tell is no reason to lose the event.
    print_table(
        [
            (local(event.at) if event.at else "unknown", printable(event.text, _LONGEST))
            for event in found.events
        ],
        ("Time", "Event"),
    )
    for line in _notes(found):
        print_text(line)


def _notes(found: Events) -> Iterator[str]:
    if any(event.at is None for event in found.events):
        yield "Events without a time stand where the cloud put them."
    if found.left_out:
        yield f"{found.left_out} earlier events are left out, as --last says."
    if found.cut:
        yield f"The cloud tells {MOST_EVENTS} at a time; there may be more."


def document(found: Events) -> dict[str, Any]:
    """For programs: times in UTC, null where an event doesn't tell its own."""
    return {
        "region": found.region,
        "instanceId": found.instance.instance_id,
        "instanceName": found.instance.instance_name,
        "events": [{"time": in_utc(event.at), "text": event.text} for event in found.events],
        "leftOut": found.left_out,
        "mayBeMore": found.cut,
    }
