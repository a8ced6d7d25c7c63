"""What `dsw extend` does: ask the trial, and move the shutdown timer under the idle shutdown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from paidsw.audit.declared import Declared
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cli.target import announced
from paidsw.cli.times import in_utc, local
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.client import Listing
from paidsw.core.text import printable
from paidsw.provider.engine import Engine
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import entitlement, guards
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.operation import Operation
from paidsw.trial.terms import TERMS

# For all calls together, in seconds.
TIMEOUT = 120.0
# Less is not worth a change of the timer, in seconds.
_WORTH = 60.0


@dataclass(frozen=True)
class Extended:
    """A notebook whose timer was moved: by how many hours, until when, and whether that is all that was asked for."""

    instance: Instance
    hours: Decimal
    until: datetime
    whole: bool


async def extend(
    connection: Connection,
    region: str,
    hours: Decimal,
    instance_id: str | None = None,
    state: Declared | None = None,
) -> Extended:
    """Let a notebook run so many hours longer. Raises CliError where it can't."""
    op = Operation(
        "", DswClient(connection, region), connection.clock(), Engine(None), asyncio.Event(), TIMEOUT
    )
    try:
        listing = await op.retry(op.listing)
        chosen = announced(listing.instances, region, instance_id, running=True, state=state)
        return await _extended(op, chosen, listing, float(hours * 3600))
    except (CloudError, ProviderError) as error:
        raise CliError(error.cause, error.advice) from None


async def _extended(op: Operation, instance: Instance, listing: Listing, more: float) -> Extended:
    timer, name = instance.instance_shutdown_timer, printable(instance.instance_name or instance.instance_id)
    if timer is None or instance.idle_instance_culler is None:
        missing = Text.NO_TIMER if timer is None else Text.NO_IDLE_SHUTDOWN
        raise CliError(missing(name=name), Text.GUARD_IT())
    left = timer.remaining_time_in_ms / 1000
    wanted = min(left + more, float(TERMS.session_hours.maximum * 3600))
    inputs = InstanceInputs.of({"ecsSpec": instance.ecs_spec, "sessionHours": wanted / 3600})
    admission = await entitlement.admit(op, inputs, listing, instance.instance_id)
    seconds = min(wanted, admission.longest)
    # A timer is of whole seconds.
    worth = min(more, _WORTH) - 1
    if wanted < left + worth:
        raise CliError(Text.AT_LONGEST(name=name, hours=f"{left / 3600:.1f}"), Text.EXTEND_LATER())
    if seconds < left + worth:
        raise CliError(Text.NOT_LONGER(name=name), Text.SEE_LEFT())
    await guards.set_timer(op, instance, seconds)
    now = datetime.fromtimestamp(await op.clock.now(), UTC)
    gained = Decimal(f"{(seconds - left) / 3600:.2f}")
    return Extended(instance, gained, now + timedelta(seconds=seconds), seconds >= left + more - _WORTH)


def text(done: Extended) -> str:
    """For a terminal."""
    short = "" if done.whole else ", all that the trial or the longest session allows"
    name = printable(done.instance.instance_name or done.instance.instance_id)
    return f"{name} runs {done.hours.normalize():f} h longer{short}: until {local(done.until)}"


def document(done: Extended) -> dict[str, Any]:
    """For programs."""
    return {
        "instanceId": done.instance.instance_id,
        "instanceName": done.instance.instance_name,
        "hours": float(done.hours),
        "shutdownTime": in_utc(done.until),
        "complete": done.whole,
    }
