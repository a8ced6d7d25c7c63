"""What `dsw extend` does: ask the trial, and move the shutdown timer under the idle shutdown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from paidsw.audit.run import clock_of
from paidsw.audit.shown import clean
from paidsw.cli.choosing import choose
from paidsw.cli.errors import CliError
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.provider.engine import Engine
from paidsw.provider.errors import ProviderError, why
from paidsw.provider.instance import entitlement, guards
from paidsw.provider.operation import Operation
from paidsw.trial.terms import TERMS
from paidsw.trial.times import both_times

# For all calls together, in seconds.
TIMEOUT = 120.0
# Less is not worth a change of the timer, in seconds.
_WORTH = 60.0


async def extend(connection: Connection, region: str, hours: Decimal, instance_id: str | None = None) -> str:
    """Let a notebook run so many hours longer; what came of it. Raises CliError where it can't."""
    op = Operation(
        "", DswClient(connection, region), clock_of(connection), Engine(None), asyncio.Event(), TIMEOUT
    )
    try:
        listed = await op.retry(op.api.all_instances)
        chosen = choose(listed, region, instance_id, running=True)
        return await _extended(op, chosen, listed, float(hours * 3600))
    except (CloudError, ProviderError) as error:
        raise CliError(why(error)) from None


async def _extended(op: Operation, instance: Instance, listed: Sequence[Instance], more: float) -> str:
    timer, name = instance.instance_shutdown_timer, clean(instance.instance_name or instance.instance_id)
    if timer is None or instance.idle_instance_culler is None:
        missing = "shutdown timer" if timer is None else "idle shutdown"
        raise CliError(f"{name} has no {missing}, so its timer can't be moved safely; run pulumi up first")
    left = timer.remaining_time_in_ms / 1000
    wanted = min(left + more, float(TERMS.session_hours.maximum * 3600))
    inputs = {"ecsSpec": instance.ecs_spec, "sessionHours": wanted / 3600}
    await entitlement.admit(op, inputs, listed, instance.instance_id)
    seconds = min(wanted, op.longest)
    if seconds < left + _WORTH:
        raise CliError(f"{name} can't run longer: the trial pays for no more than its timer gives already")
    await guards.set_timer(op, instance, seconds)
    now = datetime.fromtimestamp(await op.clock.now(), UTC)
    gained = Decimal(f"{(seconds - left) / 3600:.2f}")
    short = "" if seconds >= left + more - _WORTH else ", all that the trial or the longest session allows"
    return f"{name} runs {gained.normalize():f} h longer{short}: until {both_times(now + timedelta(seconds=seconds))}"
