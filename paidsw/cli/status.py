"""How an account stands in one region: what its trial has left, and its notebooks with their guards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from paidsw.audit.shown import clean
from paidsw.cli.errors import CliError
from paidsw.cli.times import in_utc
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.models import DOWN
from paidsw.core.times import both_times, parsed
from paidsw.provider.instance.entitlement import as_running, draws
from paidsw.provider.instance.state import disk_cleared_at, status_since
from paidsw.trial.budget import floored, minutes_left, month_of
from paidsw.trial.entitlement import Allowance, NotEntitled, allowance, draw
from paidsw.trial.terms import TERMS

_BAR = 30
_LONGEST = 1000


@dataclass(frozen=True)
class Notebook:
    """An instance, and the instant since which it has its status, if the cloud tells."""

    instance: Instance
    since: datetime | None

    @property
    def cleared(self) -> datetime | None:
        """When the disk of a stopped one is cleared."""
        return disk_cleared_at(self.instance, self.since)


@dataclass(frozen=True)
class Standing:
    """What the cloud says. Without an allowance, `problem` says why the trial doesn't pay."""

    region: str
    now: datetime
    allowance: Allowance | None
    problem: str
    notebooks: tuple[Notebook, ...]

    @property
    def hours_left(self) -> dict[str, Decimal]:
        """Hours that are surely left by type, besides what runs until its timers end."""
        if self.allowance is None:
            return {}
        try:
            running = [draw(as_running(one.instance)) for one in self.notebooks if draws(one.instance)]
        except NotEntitled:
            return {kind: Decimal(0) for kind in TERMS.instance_type_ids}
        left = self.allowance.left_cu
        return {
            kind: floored(Decimal(minutes_left(kind, left, running)) / 60, "0.1")
            for kind in TERMS.instance_type_ids
        }


async def look(connection: Connection, region: str) -> Standing:
    """Ask the cloud. Raises CliError when it doesn't answer."""
    client, clock = DswClient(connection, region), connection.clock()
    try:
        now = datetime.fromtimestamp(await clock.now(), UTC)
        config, listed = await asyncio.gather(client.get_user_config(), client.all_instances())
        notebooks = tuple([Notebook(one, await status_since(client, one)) for one in listed])
    except CloudError as error:
        raise CliError(str(error)) from None
    try:
        return Standing(region, now, allowance(config, now), "", notebooks)
    except NotEntitled as error:
        return Standing(region, now, None, str(error), notebooks)


def text(found: Standing) -> str:
    """For a terminal."""
    notice = [f"ATTENTION   {TERMS.notice}"] if TERMS.notice else []
    lines = [*notice, f"Region      {found.region}", *_trial(found), *_notebooks(found)]
    return "\n".join(clean(line, _LONGEST) for line in lines)


def _trial(found: Standing) -> list[str]:
    if found.allowance is None:
        return [f"Trial       it doesn't pay: {found.problem}"]
    quota, left = TERMS.quota_cu_per_month.value, found.allowance.left_cu
    month = month_of(found.now).end
    lasting = ", ".join(f"{hours} h of {kind}" for kind, hours in found.hours_left.items())
    return [
        f"This month  [{bar(left / quota)}] {floored(left, '0.1')} of {quota} CU left, "
        f"{quota - floored(left, '0.1')} used",
        f"Enough for  {lasting}, safety margins and running notebooks taken off",
        f"Renewed     {both_times(month) if month < found.allowance.end else 'no more'}",
        f"Trial ends  {both_times(found.allowance.end)}",
    ]


def bar(share: Decimal) -> str:
    """A bar for what is left, a share from 0 to 1; full only when nothing is used, empty only when all is."""
    filled = int(max(Decimal(0), min(Decimal(1), share)) * _BAR)
    return ("#" * max(filled, 1 if share > 0 else 0)).ljust(_BAR, ".")


def _notebooks(found: Standing) -> list[str]:
    if not found.notebooks:
        return ["Notebooks   none"]
    return [line for one in found.notebooks for line in ("", *_notebook(one))]


def _notebook(one: Notebook) -> list[str]:
    instance = one.instance
    since = f" since {both_times(one.since)}" if one.since else ""
    lines = [
        f"Notebook    {clean(instance.instance_name)} ({instance.instance_id}, {instance.ecs_spec})",
        f"  Status    {instance.status}{since}",
    ]
    if instance.status not in DOWN:
        lines += [f"  Timer     {_timer(instance)}", f"  Idle stop {_culler(instance)}"]
    if one.cleared is not None:
        days = "if it stays stopped, its disk is cleared"
        lines.append(f"  Disk      {days} at {both_times(one.cleared)}")
    return lines


def _timer(instance: Instance) -> str:
    timer = instance.instance_shutdown_timer
    if timer is None:
        return "NONE: pulumi up sets it"
    hours = floored(Decimal(timer.remaining_time_in_ms) / 3_600_000, "0.1")
    return f"stops it in {hours} h, at {both_times(parsed(timer.due_time))}"


def _culler(instance: Instance) -> str:
    culler = instance.idle_instance_culler
    return (
        "NONE: pulumi up sets it"
        if culler is None
        else f"after {culler.max_idle_time_in_minutes} idle minutes"
    )


def document(found: Standing) -> dict[str, Any]:
    """For programs: instants in UTC, CU and hours as numbers."""
    trial = found.allowance
    return {
        "region": found.region,
        "now": in_utc(found.now),
        "trial": None
        if trial is None
        else {
            "cuLeft": float(trial.left_cu),
            "cuUsed": float(TERMS.quota_cu_per_month.value - trial.left_cu),
            "cuPerMonth": float(TERMS.quota_cu_per_month.value),
            "hoursLeft": {kind: float(hours) for kind, hours in found.hours_left.items()},
            "monthEnds": in_utc(month_of(found.now).end),
            "ends": in_utc(trial.end),
        },
        "problem": found.problem,
        "notebooks": [_row(one) for one in found.notebooks],
    }


def _row(one: Notebook) -> dict[str, Any]:
    instance, timer, culler = (
        one.instance,
        one.instance.instance_shutdown_timer,
        one.instance.idle_instance_culler,
    )
    return {
        "instanceId": instance.instance_id,
        "instanceName": instance.instance_name,
        "ecsSpec": instance.ecs_spec,
        "status": instance.status,
        "since": in_utc(one.since),
        "shutdownTime": timer.due_time if timer else None,
        "idleMinutes": culler.max_idle_time_in_minutes if culler else None,
        "diskCleared": in_utc(one.cleared),
    }
