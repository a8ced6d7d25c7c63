"""What the check of the trial lets an instance use, as a value that is passed on."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from paidsw.cloud.client import Listing
from paidsw.provider.engine import Engine
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import entitlement
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.operation import Admission, Operation
from paidsw.trial.terms import TERMS
from tests.support.direct import LOOP, DirectClient, DirectClock, World
from tests.support.plugin import URN
from tests.support.samples import REGION


@pytest.fixture
def op(world: World) -> Operation:
    return Operation(
        URN, DirectClient(world, REGION), DirectClock(world), Engine(None), asyncio.Event(), 60.0
    )


def admitted(world: World, op: Operation, **changes: Any) -> Admission:
    inputs = InstanceInputs.of(world.inputs(**changes))
    return LOOP.run_until_complete(entitlement.admit(op, inputs, Listing([]), starts=True))


def used_up(world: World) -> None:
    month = f"{TERMS.quota_cu_per_month.value}"
    world.cloud.state.trial.used_elsewhere["2026-01"] = month


@pytest.mark.parametrize(("longest", "seconds"), [(math.inf, 14_400), (20_000, 14_400), (900, 900)])
def test_a_timer_is_the_session_as_far_as_it_was_let(longest: float, seconds: float) -> None:
    assert Admission(longest).timer(4) == seconds


def test_what_the_trial_pays_for_has_its_plan(world: World, op: Operation) -> None:
    admission = admitted(world, op)
    assert admission.plan is not None
    assert admission.longest == admission.plan.session.seconds == 4 * 3600
    assert not admission.billed
    assert op.ledger.granted[URN].instance_type == world.inputs()["ecsSpec"]


def test_what_the_trial_does_not_pay_is_refused_or_billed_in_so_many_words(
    world: World, op: Operation
) -> None:
    used_up(world)
    with pytest.raises(ProviderError, match="too few for a session"):
        admitted(world, op)
    assert op.ledger.granted == {}
    assert admitted(world, op, allowBilling=True) == Admission(math.inf, billed=True)


def test_an_admission_changes_nothing_of_the_operation(world: World, op: Operation) -> None:
    before = {name: value for name, value in vars(op).items() if name != "ledger"}
    admitted(world, op)
    assert {name: value for name, value in vars(op).items() if name != "ledger"} == before


def test_no_cancel_is_heard_where_that_is_reported(op: Operation) -> None:
    op.cancelled.set()
    last = op.uncancellable(5.0)
    assert not last.cancelled.is_set()
    assert (last.timeout, last.urn, last.ledger) == (5.0, op.urn, op.ledger)
    assert op.within(5.0).cancelled is op.cancelled
