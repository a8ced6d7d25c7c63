"""Asks, before a machine is made or started, whether the trial pays for it, and how long its timer may be.

What can't be asked counts as a no. `allowBilling` turns a no into a warning with the price.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.models import DOWN
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import labels
from paidsw.provider.instance.stock import refuse_sold_out
from paidsw.provider.operation import Grant, Operation
from paidsw.provider.values import contains_unknown
from paidsw.trial.budget import Bound
from paidsw.trial.entitlement import (
    Answers,
    NotEntitled,
    Plan,
    Running,
    Wanted,
    activated,
    entitled,
    price_per_hour,
)
from paidsw.trial.terms import TERMS

T = TypeVar("T")
# How long an answer is waited for, in seconds.
PATIENCE = 60.0
# For a machine that runs already, without a timer and without the trial: time to save work, in seconds.
LAST_SECONDS = float(TERMS.session_hours.minimum * 3600)
_SETTING = "allowBilling"


class NotAsked(ProviderError):
    """The cloud didn't say what the trial pays for."""


async def admit(
    op: Operation,
    inputs: Mapping[str, Any],
    listed: Sequence[Instance],
    own: str = "",
    *,
    preview: bool = False,
) -> list[dict[str, Any]]:
    """Let an instance run: sets how long its timer may be; the types that ListEcsSpecs offers.

    `listed` are the region's instances, `own` is the id of the one in question if it exists. Whether PAI is activated
    is asked in a preview only: without it a create is refused, and `activation` says why. Raises ProviderError when the
    trial doesn't pay.
    """
    specs = await _asked(op, partial(_specs, op, inputs["ecsSpec"]))
    try:
        plan = await _plan(op, inputs, await _answers(op, specs, preview=preview), listed, own)
    except (NotEntitled, NotAsked) as error:
        await _override(op, inputs, specs, str(error))
        return specs
    op.longest = plan.session.seconds
    await op.tell(str(plan.message()))
    if plan.session.bound is not Bound.ASKED and inputs.get(_SETTING):
        await _override(op, inputs, specs, "the trial doesn't pay for the whole session")
    return specs


async def settle(op: Operation, instance_id: str, inputs: Mapping[str, Any], *, starts: bool) -> None:
    """Like `admit`, for an instance that exists. One that `starts` must be to be had, too."""
    specs = await admit(op, inputs, await _asked(op, op.api.all_instances), instance_id)
    if starts:
        refuse_sold_out(op.api.region, inputs["ecsSpec"], specs)


async def foresee(op: Operation, inputs: Mapping[str, Any], instance_id: str = "") -> None:
    """Like `admit`, for a preview: nothing is made, and what isn't known yet isn't asked about."""
    if any(contains_unknown(inputs.get(name)) for name in ("region", "ecsSpec", "sessionHours", _SETTING)):
        return
    listed = await _asked(op, op.api.all_instances)
    ours = (one.instance_id for one in listed if labels.is_declared_at(op.urn, one.labels))
    await admit(op, inputs, listed, instance_id or next(ours, ""), preview=True)


async def activation(op: Operation) -> str:
    """Why a create was refused, if PAI isn't activated in the region; empty when it is, or can't be asked."""
    try:
        activated(await _asked(op, op.api.list_products), op.api.region)
    except NotEntitled as error:
        return str(error)
    except NotAsked:
        pass
    return ""


async def _plan(
    op: Operation,
    inputs: Mapping[str, Any],
    answers: Answers,
    listed: Sequence[Instance],
    own: str,
) -> Plan:
    seconds = await op.clock.now()
    plan = entitled(
        answers,
        Wanted(op.api.region, inputs["ecsSpec"], Decimal(str(_hours(inputs)))),
        datetime.fromtimestamp(seconds, UTC),
        _others(op, listed, own, seconds),
    )
    # Nothing is awaited between the look at the others and this, so of two creates at once one sees the other.
    op.ledger.granted[op.urn] = Grant(inputs["ecsSpec"], seconds + plan.session.seconds)
    return plan


async def _answers(op: Operation, specs: Sequence[Mapping[str, Any]], *, preview: bool) -> Answers:
    config = await _asked(op, op.api.get_user_config)
    return Answers(config, specs, await _asked(op, op.api.list_products) if preview else None)


def _others(op: Operation, listed: Sequence[Instance], own: str, now: float) -> list[Running]:
    """What else draws on the quota: the region's other machines, and what this provider has let run anywhere."""
    granted = {urn: grant for urn, grant in op.ledger.granted.items() if urn != op.urn and grant.ends > now}
    fingerprints = {labels.fingerprint(urn) for urn in granted}
    running = [
        Running(urn.rpartition("::")[2], grant.instance_type, math.ceil((grant.ends - now) / 60))
        for urn, grant in granted.items()
    ]
    for one in listed:
        counted = one.labels.get(labels.URN) in fingerprints
        if one.instance_id != own and not counted and draws(one):
            running.append(as_running(one))
    return running


def draws(instance: Instance) -> bool:
    """Whether an instance draws on the quota, or soon will."""
    return instance.status not in DOWN and instance.payment_type != _PREPAID


def as_running(instance: Instance) -> Running:
    """An instance that draws on the quota as the trial's arithmetic sees it."""
    timer = instance.instance_shutdown_timer
    minutes = None if timer is None else math.ceil(timer.remaining_time_in_ms / 60_000)
    return Running(instance.instance_name or instance.instance_id, instance.ecs_spec, minutes)


_PREPAID = "Subscription"


def _hours(inputs: Mapping[str, Any]) -> float:
    return float(inputs.get("sessionHours") or TERMS.session_hours.maximum)


async def _specs(op: Operation, instance_type: str) -> list[dict[str, Any]]:
    kind = TERMS.instance_types.get(instance_type)
    found: list[dict[str, Any]] = []
    for accelerator in ("GPU", "CPU") if kind is None else (kind.accelerator,):
        found += await op.api.list_ecs_specs(accelerator)
    return found


async def _asked(op: Operation, send: Callable[[], Awaitable[T]]) -> T:
    try:
        return await op.within(PATIENCE).retry(send)
    except CloudError as error:
        raise NotAsked(
            f"it can't be asked whether the trial pays ({error}); run pulumi up again later"
        ) from None


async def _override(
    op: Operation, inputs: Mapping[str, Any], specs: Sequence[Mapping[str, Any]], why: str
) -> None:
    """Go on though it costs money, if that is what was asked for."""
    if not inputs.get(_SETTING):
        raise ProviderError(why)
    price = price_per_hour(specs, inputs["ecsSpec"])
    cost = "at a price that the cloud doesn't say" if price is None else f"at {price} yuan an hour"
    op.longest = math.inf
    op.ledger.granted[op.urn] = Grant(inputs["ecsSpec"], await op.clock.now() + _hours(inputs) * 3600)
    await op.warn(
        f"{_SETTING} is on, so it runs although {why}; WHAT THE TRIAL DOESN'T PAY IS BILLED, {cost}"
    )
