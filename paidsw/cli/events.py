"""The events of a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paidsw.audit.declared import Declared
from paidsw.cli.errors import CliError
from paidsw.cli.output import print_table, print_text
from paidsw.cli.target import called, found
from paidsw.cli.times import in_utc, local
from paidsw.cloud import CloudError, Connection, Instance
from paidsw.cloud.client import MOST_EVENTS
from paidsw.cloud.models import Event
from paidsw.core.text import printable

_LONGEST = 1000


@dataclass(frozen=True)
class Events:
    """Events of a notebook, newest last; `left_out` earlier ones, and `cut` when the cloud may have more."""

    region: str
    instance: Instance
    level: str
    events: tuple[Event, ...]
    left_out: int
    cut: bool


async def look(
    connection: Connection,
    region: str,
    instance_id: str | None,
    level: str = "",
    last: int | None = None,
    state: Declared | None = None,
) -> Events:
    """Ask the cloud. Raises CliError when it doesn't answer, or when it isn't clear which notebook is meant."""
    client, instance = await found(connection, region, instance_id, state=state)
    try:
        given = await client.get_events(instance.instance_id, level)
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None
    # Which ones the API leaves out when it is asked for fewer is documented nowhere, so they are left out here.
    kept = given if last is None else given[-last:]
    return Events(region, instance, level, tuple(kept), len(given) - len(kept), len(given) >= MOST_EVENTS)


def show(found: Events) -> None:
    """Print them for people."""
    kind = f" of level {found.level}" if found.level else ""
    if not found.events:
        print_text(f"{called(found.instance)} has no events{kind}")
    # An event without a time is still an event.
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
        yield "Events without a time are listed where the cloud put them."
    if found.left_out:
        yield f"{found.left_out} earlier events are left out, as --last says."
    if found.cut:
        yield f"The cloud returns at most {MOST_EVENTS} events; there may be more."


def document(found: Events) -> dict[str, Any]:
    """For programs: times in UTC, null where an event has none."""
    return {
        "region": found.region,
        "instanceId": found.instance.instance_id,
        "instanceName": found.instance.instance_name,
        "events": [{"time": in_utc(event.at), "text": event.text} for event in found.events],
        "leftOut": found.left_out,
        "mayBeMore": found.cut,
    }
