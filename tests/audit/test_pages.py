"""Table, Markdown and page of small reports, part by part."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from paidsw.audit import document, html, text
from paidsw.audit.model import Account, Cost, Finding, Kind, NotSeen, Owner, Report, Thing, Where
from paidsw.rules.rule import Severity

HERE = Where("cn-beijing", "DSW", "dsw-1", "mine")
FOUND = Finding(
    Kind.DISK, Severity.HIGH, "a disk", HERE, "dsw release dsw-1 --region cn-beijing", "system-disk-size"
)
MISSED = NotSeen("cn-beijing", "DLC", "DLC jobs", "no permission", "attach a policy")
EMPTY = Report("Alibaba Cloud", "2026-01-05T02:00:00Z", ("cn-beijing",))


def test_an_empty_report_is_three_parts() -> None:
    assert text.table(EMPTY) == (
        "Audit of Alibaba Cloud at 2026-01-05T02:00:00Z\n\nACCOUNT\n  Trial: \n\nNothing that costs in 1 region"
    )
    page = html.page(EMPTY)
    assert "<h2>Findings" not in page
    assert "<h2>Not seen" not in page
    assert 'class="verdict v0"' in page
    assert "| Severity |" not in text.markdown(EMPTY)


def test_a_finding_in_the_table_is_what_where_facts_and_end() -> None:
    full = replace(
        FOUND, since="2026-01-01T00:00:00Z", cost=Cost(Decimal("1.50"), "CNY", "hour"), owner=Owner.NOT_OURS
    )
    assert text.table(replace(EMPTY, findings=(full,))).split("\n\n")[1] == (
        "FINDINGS\n"
        '  HIGH      cn-beijing DSW dsw-1 "mine"\n'
        "            a disk\n"
        "            1.5 CNY/hour, not ours, since 2026-01-01T00:00:00Z, rule system-disk-size\n"
        "            end it: dsw release dsw-1 --region cn-beijing"
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(FOUND, rule="")
    assert text.facts(bare) == []
    lines = text.table(replace(EMPTY, findings=(bare,))).split("\n\n")[1].splitlines()
    assert lines[2:] == ["            a disk", "            end it: dsw release dsw-1 --region cn-beijing"]
    assert text.place(Where("account", "Billing")) == "account Billing"
    assert html.page(replace(EMPTY, findings=(bare,))).count("class=soft") == 1


@pytest.mark.parametrize("owner", Owner)
def test_every_owner_has_words(owner: Owner) -> None:
    assert (text.owner(owner) == "") is (owner is Owner.UNKNOWN)


def test_what_blocks_is_told_from_what_is_a_limit() -> None:
    both = replace(EMPTY, not_seen=(MISSED, replace(MISSED, blocking=False, why="far away")))
    table = text.table(both)
    assert "  MISSING   cn-beijing DLC: DLC jobs: no permission\n            attach a policy" in table
    assert "  limit     cn-beijing DLC: DLC jobs: far away" in table
    assert "&#40;limit&#41; far away" in text.markdown(both)
    page = html.page(both)
    assert (page.count(">not seen<"), page.count(">known limit<")) == (1, 1)
    assert [item["blocking"] for item in document.document(both)["notSeen"]] == [True, False]


@pytest.mark.parametrize(
    ("code", "report"), [(1, replace(EMPTY, findings=(FOUND,))), (2, replace(EMPTY, not_seen=(MISSED,)))]
)
def test_the_colour_of_the_verdict(code: int, report: Report) -> None:
    assert f'class="verdict v{code}"' in html.page(report)


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_its_colour_on_the_page(severity: Severity) -> None:
    page = html.page(replace(EMPTY, findings=(replace(FOUND, severity=severity),)))
    assert f".{severity}{{border-left-color" in page
    assert f'class="card {severity}"' in page


def test_every_link_of_an_ending_is_one() -> None:
    end = "delete it at https://cr.console.aliyun.com/ and at https://pai.console.aliyun.com/?regionId=cn-beijing (x)"
    page = html.page(replace(EMPTY, findings=(replace(FOUND, end=end),)))
    assert page.count("<a href=") == 2
    assert 'href="https://pai.console.aliyun.com/?regionId=cn-beijing"' in page


def test_a_name_in_an_ending_that_looks_like_a_link_is_none() -> None:
    page = html.page(replace(EMPTY, findings=(replace(FOUND, end="see https://evil.example/ there"),)))
    assert "<a " not in page


def test_a_thing_without_a_name_is_called_by_its_id() -> None:
    thing = Thing("instance", Where("cn-beijing", "DSW", "dsw-9"), "Stopped", Owner.OURS, "", "x")
    report = replace(EMPTY, things=(thing,))
    assert "instance   cn-beijing DSW dsw-9: Stopped, ours by its labels, x" in text.table(report)
    assert "<b><bdi>dsw-9</bdi></b>" in html.page(report)


@pytest.mark.parametrize("count", [49, 50, 51, 120])
def test_no_more_things_than_fit(count: int) -> None:
    kinds = ("instance", "workspace")
    things = tuple(Thing(kinds[n % 2], Where("r", "s", f"id-{n}"), "x", Owner.UNKNOWN) for n in range(count))
    report = replace(EMPTY, things=things)
    table, page = text.table(report), html.page(report)
    assert table.count("id-") == page.count("id-") == min(count, 50)
    rest = max(0, count - 50)
    assert ("more of kind" in table) is bool(rest)
    assert (f"and {rest} more" in page) is bool(rest)
    assert len(json.loads(document.text(report))["things"]) == count


def test_trial_and_bill() -> None:
    account = Account("valid until x", Decimal("12.500"), "e", "1.00", "CNY", ("p: 1 of 2",), ("OSS: 3 CNY",))
    report = replace(EMPTY, account=account)
    assert list(text.account_lines(report)) == [
        "Trial: valid until x, 12.5 CU surely left this month",
        "Pack: p: 1 of 2",
        "Balance: 1.00 CNY",
        "Billed this month (hours late): OSS: 3 CNY",
    ]
    assert document.document(report)["account"] == {
        "trial": "valid until x",
        "leftCu": "12.500",
        "trialEnd": "e",
        "balance": "1.00",
        "currency": "CNY",
        "packs": ["p: 1 of 2"],
        "billed": ["OSS: 3 CNY"],
    }


@pytest.mark.parametrize("left", ["0", "250", "1E+2", "0.0001"])
def test_cu_are_plain_numbers_everywhere(left: str) -> None:
    report = replace(EMPTY, account=Account("t", Decimal(left)))
    for written in (*text.account_lines(report), document.document(report)["account"]["leftCu"]):
        assert "E" not in written


def test_rule_names_and_times_are_not_broken_and_ids_of_any_length_are() -> None:
    where = Where("cn-beijing", "DSW", "x-" * 40, "mine")
    page = html.page(replace(EMPTY, findings=(replace(FOUND, where=where, rule="trial-region"),)))
    assert "rule <span class=n>trial-region</span>" in page
    assert f"<bdi>{'x-' * 40}</bdi>" in page


def test_the_stack_is_named_where_one_was_compared() -> None:
    report = replace(EMPTY, compared="p/<dev>")
    assert ", compared with stack p/<dev>" in text.table(report)
    assert "compared with stack p/&lt;dev&gt;" in html.page(report)
    assert "p/&#60;dev&#62;" in text.markdown(report)
    assert document.document(report)["comparedWith"] == "p/<dev>"
    assert document.document(EMPTY)["comparedWith"] is None
