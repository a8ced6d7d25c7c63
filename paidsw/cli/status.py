"""What `dsw status` shows of one region: what the trial has left, and the notebooks with their guards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paidsw.audit.declared import Declared, owner
from paidsw.audit.model import Owner
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cli.output import BAD, LOOK, print_fields, print_text, styled
from paidsw.cli.target import called, whose_it_is
from paidsw.cli.times import how_long, in_utc, local, local_text
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.models import DOWN
from paidsw.core.text import printable
from paidsw.provider.instance.disk import Rest, rest_of
from paidsw.provider.instance.entitlement import as_running, draws
from paidsw.trial.budget import Draw, floored, minutes_left, month_of
from paidsw.trial.entitlement import Allowance, NotEntitled, allowance, draw
from paidsw.trial.terms import TERMS

if TYPE_CHECKING:
    from rich.text import Text as Styled

_BAR = 30
_LONGEST = 1000


@dataclass(frozen=True)
class Notebook:
    """An instance, since when it has its status, until when its disk is kept, and whose it is."""

    instance: Instance
    rest: Rest
    owner: Owner
    whose: str


@dataclass(frozen=True)
class Status:
    """What the cloud says. Without an allowance, `problem` says why the trial doesn't pay."""

    region: str
    now: datetime
    allowance: Allowance | None
    problem: str
    notebooks: tuple[Notebook, ...]
    unseen: str = ""

    def draws(self) -> list[Draw]:
        """What runs, until its timers end. Raises NotEntitled where something runs for nobody knows how long."""
        return [draw(as_running(one.instance)) for one in self.notebooks if draws(one.instance)]

    @property
    def unknown(self) -> str:
        """Why nobody knows what is left beside what runs; empty where it is known."""
        try:
            self.draws()
        except NotEntitled as error:
            return str(error)
        return self.unseen

    @property
    def hours_left(self) -> dict[str, Decimal]:
        """The fewest hours left by type, after safety and what runs until its timers end."""
        if self.allowance is None:
            return {}
        if self.unknown:
            return {kind: Decimal(0) for kind in TERMS.instance_type_ids}
        running, left = self.draws(), self.allowance.left_cu
        return {
            kind: floored(Decimal(minutes_left(kind, left, running)) / 60, "0.1")
            for kind in TERMS.instance_type_ids
        }

    @property
    def reserved_hours(self) -> Decimal:
        """Hours until the timers of what runs, all together."""
        drawing = [one.instance for one in self.notebooks if draws(one.instance)]
        timers = [one.instance_shutdown_timer for one in drawing if one.instance_shutdown_timer]
        return _hours(sum(timer.remaining_time_in_ms for timer in timers))


async def look(connection: Connection, region: str, state: Declared | None = None) -> Status:
    """Ask the cloud; `state` is what this project's stack declares. Raises CliError when it doesn't answer."""
    client, clock = DswClient(connection, region), connection.clock()
    try:
        now = datetime.fromtimestamp(await clock.now(), UTC)
        config, listing = await asyncio.gather(client.get_user_config(), client.listing())
        notebooks = tuple([_of(one, await rest_of(client, one), state) for one in listing.instances])
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None
    unseen = "" if listing.refused is None else str(Text.NOT_ALL_LISTED(why=listing.refused))
    try:
        return Status(region, now, allowance(config, now), "", notebooks, unseen)
    except NotEntitled as error:
        return Status(region, now, None, str(error), notebooks, unseen)


def _of(instance: Instance, rest: Rest, state: Declared | None) -> Notebook:
    whose = owner(instance.instance_id, instance.labels, state)
    return Notebook(instance, rest, whose, str(whose_it_is(instance, state)))


def show(found: Status) -> None:
    """Print it for people."""
    if TERMS.notice:
        print_text(printable(TERMS.notice, _LONGEST), LOOK)
    print_fields([("Region", found.region), *_trial(found)])
    for one in found.notebooks:
        print()
        print_fields(_notebook(one, found.now))
    if not found.notebooks:
        # Nothing can be made while the trial doesn't pay.
        print_fields([("Notebook", "none; make one with pulumi up" if found.allowance else "none")])
    if found.unseen:
        print()
        print_fields([("Not seen", styled(printable(found.unseen, _LONGEST), BAD))])


def _trial(found: Status) -> Iterator[tuple[str, str | Styled]]:
    if found.allowance is None:
        yield "Trial", styled(f"it doesn't pay: {printable(found.problem, _LONGEST)}", BAD)
        return
    quota, left = TERMS.quota_cu_per_month.value, found.allowance.left_cu
    month = month_of(found.now).end
    yield "Left", left_in_words(found)
    renewed = f", renewed {local(month)}" if month < found.allowance.end else ", the last month"
    yield "This month", f"[{bar(left / quota)}] {floored(left, '0.1')} of {quota} CU{renewed}"
    yield "Trial ends", local(found.allowance.end)


def left_in_words(found: Status) -> str:
    """How long a notebook can still run this month, by type: the one figure that commands tell."""
    if found.unknown:
        return f"unknown: {printable(found.unknown, _LONGEST)}"
    hours = " or ".join(f"{left} h on {_called(kind)}" for kind, left in found.hours_left.items())
    safety = how_long(timedelta(minutes=TERMS.deduction_lag_minutes.value + TERMS.margin_minutes.value))
    reserved = found.reserved_hours
    return f"{hours}, after {safety} of safety" + (
        f" and the {reserved} h already reserved" if reserved else ""
    )


def _called(kind: str) -> str:
    """A type by its GPU, as people call it."""
    return TERMS.instance_types[kind].gpu.removeprefix("NVIDIA ") or kind


def bar(share: Decimal) -> str:
    """A bar for what is left, a share from 0 to 1; full only when nothing is used, empty only when all is."""
    filled = int(max(Decimal(0), min(Decimal(1), share)) * _BAR)
    return ("#" * max(filled, 1 if share > 0 else 0)).ljust(_BAR, ".")


def _notebook(one: Notebook, now: datetime) -> Iterator[tuple[str, str | Styled]]:
    instance = one.instance
    yield "Notebook", called(instance)
    yield "Whose", one.whose
    yield "Type", printable(instance.ecs_spec)
    since = f" since {local(one.rest.since)}" if one.rest.since else ""
    yield "Status", f"{printable(instance.status, _LONGEST)}{since}"
    if instance.status not in DOWN:
        yield "Timer", _timer(one)
        yield "Idle stop", _culler(one)
    if one.rest.is_over(now):
        yield "Disk", styled(f"cleared: it was stopped for more than {TERMS.disk_kept_days.value} days", BAD)
    elif one.rest.kept_until is not None:
        yield (
            "Disk",
            styled(f"if it stays stopped, its disk is cleared at {local(one.rest.kept_until)}", LOOK),
        )


def _timer(one: Notebook) -> str | Styled:
    timer = one.instance.instance_shutdown_timer
    if timer is None:
        return _no_guard(one)
    return f"stops it in {_hours(timer.remaining_time_in_ms)} h, at {printable(local_text(timer.due_time))}"


def _hours(milliseconds: int) -> Decimal:
    return floored(Decimal(milliseconds) / 3_600_000, "0.1")


def _no_guard(one: Notebook) -> Styled:
    """A guard that is missing, and what sets it: of what no stack declares the console alone."""
    ours = one.owner in (Owner.DECLARED, Owner.OURS)
    return styled("NONE: pulumi up sets it" if ours else "NONE: set it in the PAI console", BAD)


def _culler(one: Notebook) -> str | Styled:
    culler = one.instance.idle_instance_culler
    if culler is None:
        return _no_guard(one)
    return f"after {culler.max_idle_time_in_minutes} idle minutes"


def document(found: Status) -> dict[str, Any]:
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
            "hoursReserved": float(found.reserved_hours),
            "monthEnds": in_utc(month_of(found.now).end),
            "ends": in_utc(trial.end),
        },
        "problem": found.problem,
        "notSeen": found.unseen,
        "notebooks": [_row(one, found.now) for one in found.notebooks],
    }


def _row(one: Notebook, now: datetime) -> dict[str, Any]:
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
        "owner": one.owner.value,
        "since": in_utc(one.rest.since),
        "shutdownTime": timer.due_time if timer else None,
        "idleMinutes": culler.max_idle_time_in_minutes if culler else None,
        # When it will be, not when it was.
        "diskCleared": None if one.rest.is_over(now) else in_utc(one.rest.kept_until),
        "diskIsCleared": one.rest.is_over(now),
    }
