"""The trial, the resource packs and the bill. Bills are hours late, so they never clear anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from paidsw.audit.listed import ListedInstance
from paidsw.audit.messages import Text
from paidsw.audit.model import Account, Balance, Billed, Cost, Finding, Kind, Pack, Sentence, Where
from paidsw.audit.regions import ACCOUNT, Service
from paidsw.core.numbers import money
from paidsw.core.times import CHINA_TIME, both_times
from paidsw.rules.rule import Severity
from paidsw.trial.budget import exact
from paidsw.trial.entitlement import Allowance, NotEntitled, allowance
from paidsw.trial.terms import TERMS

Item = Mapping[str, Any]
# PAI's product code in bills (community sources; the help pages don't list it).
PAI = "learn"
_EXPENSES = "https://usercenter2.aliyun.com/ (费用中心, Expenses)"


@dataclass(frozen=True)
class Trial:
    """What the cloud says about the trial: an allowance, or why there is none; neither if it couldn't be read."""

    allowance: Allowance | None = None
    why_not: str = ""

    @property
    def read(self) -> bool:
        """Whether the cloud answered."""
        return self.allowance is not None or bool(self.why_not)

    @property
    def pays(self) -> bool:
        """Whether it pays for a machine that runs now."""
        return self.allowance is not None and self.allowance.left_cu > 0


def trial(user_config: Item | None, now: datetime) -> Trial:
    """The trial by GetUserConfig; None when that couldn't be read."""
    if user_config is None:
        return Trial()
    try:
        return Trial(allowance(user_config, now))
    except NotEntitled as error:
        return Trial(why_not=str(error))


def month(now: datetime) -> str:
    """The billing month of an instant, like 2026-01, in China time."""
    return f"{now.astimezone(CHINA_TIME):%Y-%m}"


def describe(
    found: Trial, packs: tuple[Pack, ...], bill: tuple[Billed, ...], balance: Balance | None
) -> Account:
    """Trial and bill as data."""
    terms = found.allowance
    return Account(
        trial=Text.VALID_UNTIL(time=both_times(terms.end)) if terms else found.why_not or Text.NOT_READ(),
        left_cu=terms.left_cu if terms else None,
        trial_end=terms.end.isoformat() if terms else "",
        balance=balance.written if balance else "",
        currency=balance.currency if balance else "",
        packs=packs,
        billed=bill,
    )


def of_trial(found: Trial, running: Iterable[ListedInstance]) -> Iterator[Finding]:
    """Machines that run while the trial doesn't pay, or longer than it pays."""
    machines = [listed for listed in running if listed.runs and listed.pays_as_it_goes]
    for listed in machines if found.read and not found.pays else ():
        why = found.why_not or Text.CU_USED_UP()
        what = Text.NOT_PAID(why=why)
        yield _of_machine(listed, Kind.TRIAL, Severity.CRITICAL, what, "planned-cu")
    if found.allowance is not None and found.pays:
        yield from _short(found.allowance.left_cu, machines)


def _short(left: Decimal, machines: list[ListedInstance]) -> Iterator[Finding]:
    needs = [_needed(listed) for listed in machines]
    if sum(needs) > left:
        what = Text.QUOTA_TOO_SMALL(needed=f"{sum(needs):.1f}", left=f"{left:.1f}")
        most = machines[needs.index(max(needs))]
        yield _of_machine(most, Kind.QUOTA, Severity.HIGH, what, "session-in-quota")


def _needed(listed: ListedInstance) -> Decimal:
    """The most CU that a machine may use until its timer ends."""
    rate, timer = TERMS.rate(listed.instance.ecs_spec), listed.instance.instance_shutdown_timer
    if rate is None or timer is None:
        return Decimal(0)
    return rate.at_most * Decimal(timer.remaining_time_in_ms) / 3_600_000


def _of_machine(listed: ListedInstance, kind: Kind, severity: Severity, what: Sentence, rule: str) -> Finding:
    since, whose = listed.instance.gmt_create_time, listed.owner
    return Finding(kind, severity, what, listed.where, listed.ending, rule, since, owner=whose)


def of_bill(bill: Iterable[Billed], balance: Balance | None, cycle: str) -> Iterator[Finding]:
    """What has been billed this month, by product, and a negative balance."""
    for billed in bill:
        yield Finding(
            Kind.BILLED,
            Severity.HIGH if billed.code == PAI else Severity.LOW,
            Text.BILLED(product=billed.product, month=cycle),
            Where(ACCOUNT, Service.BILLING, billed.code, billed.product),
            Text.END_BILLED(expenses=_EXPENSES),
            "free-resources-only",
            cost=Cost(billed.amount, billed.currency, "month"),
        )
    if balance is not None and balance.amount < 0:
        yield Finding(
            Kind.BALANCE,
            Severity.HIGH,
            Text.OWES(amount=money(-balance.amount), currency=balance.currency),
            Where(ACCOUNT, Service.BILLING),
            Text.SEE_OWED(expenses=_EXPENSES),
            "free-resources-only",
        )


def charged(bill: Iterable[Item]) -> tuple[Billed, ...]:
    """Items of QueryBillOverview summed by product, those that cost something; ValueError for an unreadable amount."""
    sums: dict[str, Billed] = {}
    for item in bill:
        code, name = str(item.get("ProductCode") or ""), str(item.get("ProductName") or "")
        billed = amount(item.get("PretaxAmount"))
        # A product that billed 0 is not a finding, but an unreadable amount must not pass for 0.
        if billed is None:
            raise ValueError("an amount of the bill can't be read")
        new = Billed(name or code or "a product", billed, str(item.get("Currency") or "CNY"), code)
        known = sums.get(code or name)
        sums[code or name] = replace(known, amount=known.amount + billed) if known else new
    return tuple(one for one in sums.values() if one.amount > 0)


def balance(item: Item) -> Balance:
    """The answer of QueryAccountBalance; ValueError for an unreadable amount."""
    written = item["AvailableAmount"]
    left = amount(written)
    if left is None:
        raise ValueError("the balance can't be read")
    return Balance(left, str(item.get("Currency") or ""), str(written))


def pack(item: Item) -> Pack:
    """An item of QueryResourcePackageInstances."""
    members = ("Remark", "RemainingAmount", "TotalAmount", "TotalAmountUnit", "Status", "ExpiryTime")
    return Pack(*(str(item.get(member) or "?") for member in members))


def amount(value: object) -> Decimal | None:
    """An amount, which comes as a number or as text with thousands separators; None if it can't be read."""
    try:
        return exact(value.replace(",", "") if isinstance(value, str) else value)
    except ValueError:
        return None
