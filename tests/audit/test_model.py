"""The report: what it is worth, in which order, and how alike things are told once."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from paidsw.audit.model import (
    CLEAN,
    FINDINGS,
    INCOMPLETE,
    Cost,
    Finding,
    Kind,
    NotSeen,
    Owner,
    Report,
    Thing,
    Where,
)
from paidsw.rules.rule import Severity


def finding(
    severity: Severity = Severity.LOW, region: str = "cn-a", name: str = "1", rule: str = ""
) -> Finding:
    return Finding(Kind.DISK, severity, "w", Where(region, "DSW", name), "end", rule)


def missed(region: str = "cn-a", *, blocking: bool = True, **more: Any) -> NotSeen:
    values = {"service": "DLC", "what": "jobs", "why": "no", "fix": "look"} | more
    return NotSeen(region, blocking=blocking, **values)


def report(findings: int = 0, *not_seen: NotSeen, regions: int = 2) -> Report:
    return Report("c", "t", tuple(map(str, range(regions))), (finding(),) * findings, not_seen)


@pytest.mark.parametrize(
    ("findings", "not_seen", "code", "verdict"),
    [
        (0, (), CLEAN, "Nothing that costs in 2 regions"),
        (1, (), FINDINGS, "1 finding in 2 regions"),
        (2, (), FINDINGS, "2 findings in 2 regions"),
        (0, (missed(blocking=False),), CLEAN, "Nothing that costs in 2 regions"),
        (3, (missed(blocking=False),), FINDINGS, "3 findings in 2 regions"),
        (
            0,
            (missed(), missed("cn-b"), missed(blocking=False)),
            INCOMPLETE,
            "INCOMPLETE: nothing that costs where the audit could look, and 2 of its looks failed",
        ),
        (
            1,
            (missed(),),
            INCOMPLETE,
            "INCOMPLETE: 1 finding where the audit could look, and 1 of its looks failed",
        ),
    ],
)
def test_code_and_verdict(findings: int, not_seen: tuple[NotSeen, ...], code: int, verdict: str) -> None:
    found = report(findings, *not_seen)
    assert (found.exit_code, str(found.verdict)) == (code, verdict)
    assert found.incomplete is (code == INCOMPLETE)


def test_one_region() -> None:
    assert str(report(regions=1).verdict) == "Nothing that costs in 1 region"


def test_the_order_does_not_depend_on_who_answers_first() -> None:
    found = [
        finding(Severity.CRITICAL, "cn-b"),
        finding(Severity.CRITICAL, "cn-c", "1"),
        finding(Severity.CRITICAL, "cn-c", "2", "a"),
        finding(Severity.CRITICAL, "cn-c", "2", "b"),
        finding(Severity.LOW, "cn-a"),
    ]
    for order in itertools.islice(itertools.permutations(found), 0, 120, 7):
        assert list(Report("c", "t", (), order).sorted().findings) == found


def test_what_blocks_comes_before_what_is_a_limit() -> None:
    items = (missed("cn-a", blocking=False), missed("cn-b"), missed("cn-a"), missed("cn-a", service="DSW"))
    found = report(0, *items).sorted().not_seen
    assert [(one.blocking, one.region, one.service) for one in found] == [
        (True, "cn-a", "DLC"),
        (True, "cn-a", "DSW"),
        (True, "cn-b", "DLC"),
        (False, "cn-a", "DLC"),
    ]


def test_things_are_ordered_too() -> None:
    things = [
        Thing(kind, Where(region, "DSW", "1"), "s", Owner.OURS)
        for kind, region in (("w", "b"), ("i", "b"), ("i", "a"))
    ]
    found = Report("c", "t", (), things=tuple(things)).sorted().things
    assert [(one.where.region, one.kind) for one in found] == [("a", "i"), ("b", "i"), ("b", "w")]


def test_alike_misses_are_one_and_unlike_ones_are_not() -> None:
    items = (missed("cn-a"), missed("cn-b"), missed("cn-c", why="other"), missed("cn-d", blocking=False))
    assert [one.region for one in report(0, *items).not_seen_by_reason()] == ["cn-a, cn-b", "cn-c", "cn-d"]


def test_a_region_that_misses_the_same_twice_is_named_once() -> None:
    [found] = report(0, missed("cn-a"), missed("cn-a"), missed("cn-b")).not_seen_by_reason()
    assert found.region == "cn-a, cn-b"


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        ("11.600", "CNY", "11.60"),
        ("7.1523456", "CNY", "7.15"),
        ("0.00001", "CNY", "<0.01"),
        ("1E+3", "CNY", "1000.00"),
        ("0", "USD", "0.00"),
        ("6.991", "CU", "6.991"),
        ("13.9000001", "CU", "13.9"),
        ("1E+1", "CU", "10"),
    ],
)
def test_costs_are_plain_numbers(amount: str, unit: str, said: str) -> None:
    assert str(Cost(Decimal(amount), unit, "hour")) == f"{said} {unit}/hour"


def test_every_severity_has_a_place() -> None:
    assert len(report().sorted().findings) == 0
    ordered = Report("c", "t", (), tuple(finding(one) for one in Severity)).sorted().findings
    assert [one.severity for one in ordered] == [
        Severity.CRITICAL,
        Severity.HIGH,
        Severity.MEDIUM,
        Severity.LOW,
    ]
