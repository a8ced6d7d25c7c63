"""The lifecycle of a notebook: its sessions from start to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from paidsw.audit.declared import Declared
from paidsw.cli.errors import CliError
from paidsw.cli.output import TITLE, print_table, print_text
from paidsw.cli.target import called, found
from paidsw.cli.times import how_long, in_utc, local
from paidsw.cloud import CloudError, Connection, Instance
from paidsw.cloud.history import Lifecycle, Session
from paidsw.cloud.models import STILL, Phase
from paidsw.core.text import printable
from paidsw.core.times import parsed

_LONGEST = 1000
# So much later than the create itself a first status may begin.
_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Lived:
    """A notebook with its lifecycle."""

    region: str
    now: datetime
    instance: Instance
    lifecycle: Lifecycle

    @property
    def notes(self) -> tuple[str, ...]:
        """What is missing, one sentence each."""
        return tuple(_notes(self))

    def lasted(self, phase: Phase) -> timedelta:
        """How long a status lasted, up to now if it still does."""
        return max(timedelta(0), (phase.gmt_end_time or self.now) - phase.gmt_create_time)


async def look(
    connection: Connection, region: str, instance_id: str | None, state: Declared | None = None
) -> Lived:
    """Ask the cloud. Raises CliError when it doesn't answer, or when it isn't clear which notebook is meant."""
    client, instance = await found(connection, region, instance_id, state=state)
    try:
        lifecycle = await client.whole_lifecycle(instance.instance_id)
        now = datetime.fromtimestamp(await connection.clock().now(), UTC)
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None
    return Lived(region, now, instance, lifecycle)


def _notes(lived: Lived) -> Iterator[str]:
    phases, instance = lived.lifecycle.phases, lived.instance
    if not phases:
        return
    first, last = phases[0].gmt_create_time, phases[-1]
    created = _created(instance)
    if lived.lifecycle.cut:
        yield f"There may be sessions before {local(first)}: older ones aren't asked for."
    elif created is not None and first > created + _TOLERANCE:
        yield f"It was created at {local(created)}, but the cloud has nothing from before {local(first)}."
    if last.status != instance.status:
        yield f"It is {instance.status} now; the cloud doesn't say since when."


def _created(instance: Instance) -> datetime | None:
    try:
        return parsed(instance.gmt_create_time)
    except ValueError:
        return None


def show(lived: Lived) -> None:
    """Print it for people."""
    sessions = lived.lifecycle.sessions
    if not sessions:
        print_text(f"{called(lived.instance)}: the cloud has nothing of its lifecycle")
        return
    print_text(f"{called(lived.instance)}, {printable(lived.instance.ecs_spec)}")
    for number, session in enumerate(sessions, 1):
        print()
        print_text(f"Session {number} of {len(sessions)}: {_summary(lived, session)}", TITLE)
        print_table(
            [_phase(lived, phase) for phase in session], ("Status", "For", "Since", "Until", "Why"), indent=2
        )
    if lived.notes:
        print()
    for note in lived.notes:
        print_text(printable(note, _LONGEST))


def _summary(lived: Lived, session: Session) -> str:
    began, ended = session[0].gmt_create_time, _ended(session)
    until = f"to {local(ended)}" if ended else "up to now"
    return f"{how_long((ended or lived.now) - began)}, from {local(began)} {until}"


def _ended(session: Session) -> datetime | None:
    """When a session's machine was down again, None if it isn't; the time after that doesn't count."""
    # No machine runs in these; the first ends a session.
    rests = [phase.gmt_create_time for phase in session if phase.status in STILL]
    return rests[0] if rests else session[-1].gmt_end_time


def _phase(lived: Lived, phase: Phase) -> tuple[str, ...]:
    reason = " ".join(part for part in (phase.reason_code, phase.reason_message) if part)
    return (
        printable(phase.status),
        how_long(lived.lasted(phase)),
        local(phase.gmt_create_time),
        local(phase.gmt_end_time) if phase.gmt_end_time else "now",
        printable(reason, _LONGEST),
    )


def document(lived: Lived) -> dict[str, Any]:
    """For programs: times in UTC, null for the end of what lasts; a status that lasts counts up to now."""
    return {
        "region": lived.region,
        "now": in_utc(lived.now),
        "instanceId": lived.instance.instance_id,
        "instanceName": lived.instance.instance_name,
        "status": lived.instance.status,
        "sessions": [_session(lived, session) for session in lived.lifecycle.sessions],
        "missing": list(lived.notes),
    }


def _session(lived: Lived, session: Session) -> dict[str, Any]:
    began, ended = session[0].gmt_create_time, _ended(session)
    return {
        "since": in_utc(began),
        "until": in_utc(ended),
        "seconds": max(0, int(((ended or lived.now) - began).total_seconds())),
        "statuses": [
            {
                "status": phase.status,
                "since": in_utc(phase.gmt_create_time),
                "until": in_utc(phase.gmt_end_time),
                "seconds": int(lived.lasted(phase).total_seconds()),
                "reasonCode": phase.reason_code,
                "reasonMessage": phase.reason_message,
            }
            for phase in session
        ],
    }
