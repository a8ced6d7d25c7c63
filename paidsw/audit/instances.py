"""Checks notebook instances, as they are in the cloud, against the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paidsw.audit.declared import Declared, stack_of
from paidsw.audit.endings import REAL, Endings
from paidsw.audit.listed import ListedInstance
from paidsw.audit.messages import Text
from paidsw.audit.model import Cost, Finding, Kind, Owner, Sentence, Thing, Where
from paidsw.audit.regions import Service
from paidsw.cloud.models import DELETING, STILL
from paidsw.core.messages import Message
from paidsw.core.times import parsed
from paidsw.provider.instance import labels
from paidsw.provider.instance.api import inputs_of
from paidsw.rules.registry import examine, rules
from paidsw.rules.rule import INSTANCE_TYPE, Level, Resource, Severity
from paidsw.trial.entitlement import Answer, price_per_hour
from paidsw.trial.terms import TERMS

_KINDS = {
    "idle-shutdown": Kind.UNGUARDED,
    "shutdown-timer": Kind.UNGUARDED,
    "system-disk-size": Kind.DISK,
    "no-data-disk": Kind.DISK,
    "free-dataset-storage": Kind.STORAGE,
    "no-paid-network": Kind.NETWORK,
    "private-instance": Kind.EXPOSED,
}
# What bills, or may, whether the instance runs or not.
_WHILE_STOPPED = frozenset(
    {"system-disk-size", "no-data-disk", "free-dataset-storage", "no-paid-network", "public-resources-only"}
)
_SOON_DAYS = 3
_GUARDS = frozenset({"idle-shutdown", "shutdown-timer", "session-in-quota"})
# The resource pack doesn't pay for these, so the list price counts.
_FULL_PRICE = frozenset({"trial-instance-type", "trial-region", "no-spot", "public-resources-only"})


@dataclass(frozen=True)
class Prices:
    """What running costs: the region's price list, and whether the trial pays now."""

    specs: tuple[Answer, ...] = ()
    trial_pays: bool = False


def thing(listed: ListedInstance) -> Thing:
    """The instance as an entry of the list of everything that is there."""
    found = listed.instance
    timer = found.instance_shutdown_timer
    details: list[Sentence] = [
        found.ecs_spec or Text.NO_TYPE(),
        *(disk.capacity for disk in found.cloud_disks),
    ]
    if listed.runs:
        culler = found.idle_instance_culler
        details += [
            Text.STOPS_AT(time=timer.due_time) if timer else Text.NO_TIMER(),
            Text.STOPS_IDLE(minutes=culler.max_idle_time_in_minutes) if culler else Text.NO_CULLER(),
        ]
    if stack := stack_of(found.labels):
        details.append(Text.OF_STACK(stack=stack))
    return Thing("instance", listed.where, found.status, listed.owner, found.gmt_create_time, tuple(details))


def examine_instance(listed: ListedInstance, prices: Prices, now: datetime) -> Iterator[Finding]:
    """Everything that the rules and the stack's state find in one instance."""
    broken = list(_of_rules(listed))
    cost = running_cost(listed, prices, {finding.rule for finding in broken})
    yield from (_with_cost(finding, cost) for finding in broken)
    yield from _of_owner(listed, cost)
    if not listed.pays_as_it_goes:
        yield _finding(
            listed,
            Kind.SUBSCRIPTION,
            Severity.HIGH,
            Text.PAID_IN_ADVANCE(),
            "public-resources-only",
            end=Text.END_RENEWAL(end=listed.ending),
        )
    elif listed.instance.status in STILL and not any(finding.kind is Kind.DISK for finding in broken):
        yield from _clearing(listed, prices, now)


def running_cost(listed: ListedInstance, prices: Prices, broken: set[str]) -> Cost | None:
    """What the machine costs per hour; None if it isn't running or the price isn't known."""
    if not listed.runs or not listed.pays_as_it_goes:
        return None
    rate = TERMS.rate(listed.instance.ecs_spec)
    if rate is not None and prices.trial_pays and not broken & _FULL_PRICE:
        return Cost(rate.cu_per_hour, "CU", "hour")
    price = price_per_hour(prices.specs, listed.instance.ecs_spec)
    return None if price is None else Cost(price, "CNY", "hour")


def props(listed: ListedInstance) -> dict[str, Any]:
    """The instance as the inputs that the rules read."""
    inputs = inputs_of(listed.instance, listed.region).plain()
    timer = listed.instance.instance_shutdown_timer
    if "sessionHours" not in inputs and timer is not None and listed.runs:
        # Somebody else's timer only says how much is left, but it ends the session too.
        left = Decimal(timer.remaining_time_in_ms) / 3_600_000
        inputs["sessionHours"] = float(max(left, TERMS.session_hours.minimum))
    return inputs


def _of_rules(listed: ListedInstance) -> Iterator[Finding]:
    resource = Resource(INSTANCE_TYPE, props(listed), name=listed.instance.instance_name)
    for violation in examine(resource).violations:
        rule = rules()[violation.rule]
        if not _matters(violation.rule, rule.level, rule.severity) or (
            not listed.runs and violation.rule in _GUARDS
        ):
            continue
        costs_now = listed.runs or violation.rule in _WHILE_STOPPED
        text = Text.RULE_BROKEN if costs_now else Text.RULE_BROKEN_STOPPED
        yield _finding(
            listed,
            _KINDS.get(violation.rule, Kind.OUT_OF_TIER),
            violation.severity if costs_now else Severity.LOW,
            text(what=violation.finding.what, allowed=violation.finding.allowed),
            violation.rule,
        )


def _matters(rule_id: str, level: Level, severity: Severity) -> bool:
    """Whether a broken rule costs money or lets others spend it, once the instance exists."""
    if rule_id == "free-dataset-storage":
        return True
    return level is not Level.ADVISORY and severity in (Severity.HIGH, Severity.CRITICAL)


def _of_owner(listed: ListedInstance, cost: Cost | None) -> Iterator[Finding]:
    if listed.instance.status == DELETING:
        return
    severity = Severity.CRITICAL if listed.runs else Severity.HIGH
    if listed.owner is Owner.UNDECLARED:
        claimed = labels.only_claimed(listed.instance.labels)
        what = Text.ONLY_CLAIMED(up=listed.endings.up()) if claimed else Text.LEFT_OVER()
        yield _finding(listed, Kind.UNDECLARED, severity, what, "", cost=cost)
    elif listed.owner is Owner.UNPROVEN:
        what = Text.MAYBE_LEFT_OVER(why=listed.doubt)
        yield _finding(listed, Kind.UNDECLARED, severity, what, "", cost=cost)
    elif listed.owner is Owner.NOT_OURS and listed.runs:
        what = Text.NOT_OURS()
        yield _finding(listed, Kind.NOT_OURS, Severity.MEDIUM, what, "planned-cu", cost=cost)


def _clearing(listed: ListedInstance, prices: Prices, now: datetime) -> Iterator[Finding]:
    days = int(TERMS.disk_kept_days.value)
    keep = (Text.KEEP_OR_END if prices.trial_pays else Text.KEEP_BILLED_OR_END)(end=listed.ending)
    try:
        # What is done to it while it is stopped, such as a new label, moves this time: it stopped then or before.
        latest = parsed(listed.instance.gmt_modified_time) + timedelta(days=days)
    except ValueError:
        what = Text.DISK_CLEARED_SOME_TIME(days=days)
        yield _finding(listed, Kind.DISK_CLEARED, Severity.MEDIUM, what, "", end=keep)
        return
    if latest <= now:
        yield _finding(listed, Kind.DISK_CLEARED, Severity.LOW, Text.DISK_IS_CLEARED(days=days), "")
        return
    left = (latest - now).days
    what = Text.DISK_CLEARED(days=days, when=_in_days(left), date=f"{latest:%Y-%m-%d}")
    severity = Severity.MEDIUM if left <= _SOON_DAYS else Severity.LOW
    yield _finding(listed, Kind.DISK_CLEARED, severity, what, "", end=keep)


def _in_days(left: int) -> Message:
    if left == 0:
        return Text.WITHIN_A_DAY()
    return Text.IN_A_DAY() if left == 1 else Text.IN_DAYS(left=left)


def _finding(
    listed: ListedInstance,
    kind: Kind,
    severity: Severity,
    what: Sentence,
    rule: str,
    *,
    end: Sentence = "",
    cost: Cost | None = None,
) -> Finding:
    return Finding(
        kind,
        severity,
        what,
        listed.where,
        end or listed.ending,
        rule,
        since=listed.instance.gmt_create_time,
        cost=cost,
        owner=listed.owner,
    )


def _with_cost(finding: Finding, cost: Cost | None) -> Finding:
    # A disk's or a network's own price isn't known; the machine's would mislead.
    if finding.kind in (Kind.DISK, Kind.STORAGE, Kind.NETWORK):
        return finding
    return replace(finding, cost=cost)


def gone(
    declared: Declared, seen_ids: set[str], looked: set[str], endings: Endings = REAL
) -> Iterator[Finding]:
    """What a stack declares and the cloud doesn't have, in regions that were read."""
    for instance_id, region in declared.instances.items():
        if region in looked and instance_id not in seen_ids:
            what = Text.GONE(stack=declared.name)
            where = Where(region, Service.DSW, instance_id)
            yield Finding(
                Kind.GONE,
                Severity.LOW,
                what,
                where,
                endings.gone(),
                "live-instance-in-tier",
                owner=Owner.DECLARED,
            )
