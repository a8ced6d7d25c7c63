"""Asks, before a machine is made or started, whether the trial pays for it, and how long its timer may be.

What can't be checked counts as a no. `allowBilling` turns a no into a warning with the price.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.client import Listing
from paidsw.cloud.models import DOWN
from paidsw.core.messages import Message
from paidsw.provider.errors import ProviderError, cause, next_step
from paidsw.provider.instance import labels
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Admission, Grant, Operation
from paidsw.provider.values import contains_unknown
from paidsw.trial.budget import Bound
from paidsw.trial.entitlement import (
    Answer,
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
Offers = Sequence[Answer]
# How long an answer is waited for, in seconds.
PATIENCE = 60.0
# For a machine that runs already, without a timer and without the trial: time to save work, in seconds.
LAST_SECONDS = float(TERMS.session_hours.minimum * 3600)
_SETTING = "allowBilling"
# All that the answer depends on.
_DECISIVE = ("region", "ecsSpec", "sessionHours", _SETTING)


# Of an instance that keeps running as it was granted: what is declared counts.
AS_DECLARED = Admission(math.inf)
# Of one that runs without a timer, until the trial was asked.
FOR_NOW = Admission(LAST_SECONDS)


class NotAsked(ProviderError):
    """The cloud didn't say what the trial pays for."""


class NotAdmitted(ProviderError):
    """The instance may not run: the trial doesn't pay for it, or nobody can tell."""


async def admit(
    op: Operation,
    inputs: InstanceInputs,
    listing: Listing,
    own: str = "",
    *,
    starts: bool = False,
    new_timer: bool = True,
    preview: bool = False,
) -> Admission:
    """Let an instance run, or raise ProviderError when the trial doesn't pay.

    `listing` has the region's instances, `own` is the id of the one in question if it exists. One that `starts` must be
    in stock; when the timer stops it is told of one that gets a `new_timer`. Whether PAI is activated is asked in a
    preview only: without it a create is refused, and `activation` says why.
    """
    offers = await _asked(op, partial(_offers, op, inputs.ecs_spec))
    try:
        plan = await _plan(op, inputs, await _answers(op, offers, preview=preview), listing, own)
    except (NotEntitled, NotAsked) as error:
        admission = await _override(op, inputs, offers, error)
    else:
        admission = Admission(plan.session.seconds, plan)
        if plan.session.bound is not Bound.ASKED and inputs.allow_billing:
            admission = await _override(op, inputs, offers, ProviderError(Text.PAYS_IN_PART()))
    if starts:
        _refuse_sold_out(op.api.region, inputs.ecs_spec, offers, exists=bool(own))
    if admission.plan is not None and new_timer:
        await op.tell(admission.plan.message())
    return admission


async def admit_existing(
    op: Operation,
    instance_id: str,
    inputs: InstanceInputs,
    *,
    starts: bool,
    new_timer: bool = True,
    preview: bool = False,
) -> Admission:
    """Like `admit`, for an instance that exists."""
    listing = await _asked(op, op.listing)
    return await admit(op, inputs, listing, instance_id, starts=starts, new_timer=new_timer, preview=preview)


def is_decidable(inputs: Mapping[str, Any]) -> bool:
    """Whether all that the answer depends on is known in these plain inputs of a preview."""
    return not any(contains_unknown(inputs.get(name)) for name in _DECISIVE)


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
    inputs: InstanceInputs,
    answers: Answers,
    listing: Listing,
    own: str,
) -> Plan:
    seconds = await op.clock.now()
    plan = entitled(
        answers,
        Wanted(op.api.region, inputs.ecs_spec, Decimal(str(_hours(inputs))), exists=bool(own)),
        datetime.fromtimestamp(seconds, UTC),
        _others(op, listing.instances, own, seconds),
    )
    if listing.refused is not None:
        raise NotAsked(Text.OTHERS_NOT_SEEN(error=cause(listing.refused)), listing.refused.advice)
    # No await between looking at the others and this, so of two creates at once one sees the other.
    op.ledger.granted[op.urn] = Grant(inputs.ecs_spec, seconds + plan.session.seconds, inputs.owner_id or "")
    return plan


async def _answers(op: Operation, offers: Offers, *, preview: bool) -> Answers:
    config = await _asked(op, op.api.get_user_config)
    return Answers(config, offers, await _asked(op, op.api.list_products) if preview else None)


def _others(op: Operation, listed: Sequence[Instance], own: str, now: float) -> list[Running]:
    """What else draws on the quota: the region's other machines, and what this provider has let run anywhere."""
    granted = {urn: grant for urn, grant in op.ledger.granted.items() if urn != op.urn and grant.ends > now}
    owners = {labels.fingerprint(urn): {"", grant.owner_id} for urn, grant in granted.items()}
    running = [
        Running(urn.rpartition("::")[2], grant.instance_type, math.ceil((grant.ends - now) / 60))
        for urn, grant in granted.items()
    ]
    for one in listed:
        # A clone's has the same URN, and another owner.
        counted = labels.owner_id(one.labels) in owners.get(one.labels.get(labels.URN, ""), ())
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


def _hours(inputs: InstanceInputs) -> float:
    return float(inputs.session_hours or TERMS.session_hours.maximum)


async def _offers(op: Operation, instance_type: str) -> Offers:
    kind = TERMS.instance_types.get(instance_type)
    found: list[Answer] = []
    for accelerator in ("GPU", "CPU") if kind is None else (kind.accelerator,):
        found += await op.api.list_ecs_specs(accelerator)
    return found


async def _asked(op: Operation, send: Callable[[], Awaitable[T]]) -> T:
    try:
        return await op.within(PATIENCE).retry(send)
    except CloudError as error:
        raise NotAsked(Text.NOT_ASKED(error=cause(error)), next_step(error)) from None


async def _override(
    op: Operation, inputs: InstanceInputs, offers: Offers, why: NotEntitled | ProviderError
) -> Admission:
    """Continue though it costs money, if that is what was asked for."""
    if not inputs.allow_billing:
        advice = why.advice
        if isinstance(why, NotAsked):
            # Whatever the reason, this ends it too.
            advice = Text.OR_BILLED(advice=advice, setting=_SETTING)
        raise NotAdmitted(why.cause, advice)
    price = price_per_hour(offers, inputs.ecs_spec)
    cost: Message = Text.PRICE_UNKNOWN() if price is None else Text.PRICE(price=price)
    ends = await op.clock.now() + _hours(inputs) * 3600
    op.ledger.granted[op.urn] = Grant(inputs.ecs_spec, ends, inputs.owner_id or "")
    await op.warn(Text.BILLED(setting=_SETTING, why=why.cause, cost=cost))
    return Admission(math.inf, billed=True)


def _refuse_sold_out(region: str, instance_type: str, offers: Offers, *, exists: bool) -> None:
    """Refuse a type that the region lacks now: it would queue, and start at an hour nobody chose."""
    offer = next((one for one in offers if one.get("InstanceType") == instance_type), None)
    if offer is None:
        advice = Text.OTHER_TYPE() if exists else Text.OTHER_TYPE_OR_REGION()
        raise ProviderError(Text.NOT_OFFERED(region=region, type=instance_type), advice)
    if offer.get("IsAvailable") is not True:
        advice = Text.LATER() if exists else Text.LATER_OR_REGION()
        raise ProviderError(Text.SOLD_OUT(region=region, type=instance_type), advice)
