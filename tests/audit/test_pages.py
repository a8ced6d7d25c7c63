"""Table, Markdown and page of small reports, part by part."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from paidsw.audit.model import (
    INCOMPLETE,
    Account,
    Billed,
    Cost,
    Finding,
    Kind,
    NotSeen,
    Owner,
    Pack,
    Report,
    Thing,
    Where,
)
from paidsw.audit.reports import document, html
from paidsw.audit.reports.markdown import markdown
from paidsw.audit.reports.parts import Parts
from paidsw.audit.reports.table import table
from paidsw.core.messages import message
from paidsw.rules.rule import Severity

HERE = Where("cn-beijing", "DSW", "dsw-1", "mine")
FOUND = Finding(
    Kind.DISK, Severity.HIGH, "a disk", HERE, "dsw release dsw-1 --region cn-beijing", "system-disk-size"
)
MISSED = NotSeen("cn-beijing", "DLC", "DLC jobs", "no permission", "attach a policy")
EMPTY = Report("Alibaba Cloud", "2026-01-05T02:00:00Z", ("cn-beijing",))


def test_an_empty_report_is_three_parts() -> None:
    assert table(EMPTY) == (
        "Audit of Alibaba Cloud at 2026-01-05T02:00:00Z\n\nACCOUNT\n  Trial: \n\nNothing that costs in 1 region"
    )
    page = html.page(EMPTY)
    assert "<h2>Findings" not in page
    assert "<h2>Not seen" not in page
    assert 'class="verdict v0"' in page
    assert "| Severity |" not in markdown(EMPTY)


def test_a_finding_in_the_table_is_what_where_facts_and_end() -> None:
    full = replace(
        FOUND, since="2026-01-01T00:00:00Z", cost=Cost(Decimal("1.50"), "CNY", "hour"), owner=Owner.NOT_OURS
    )
    assert table(replace(EMPTY, findings=(full,))).split("\n\n")[1] == (
        "FINDINGS\n"
        '  HIGH      cn-beijing DSW dsw-1 "mine"\n'
        "            a disk\n"
        "            1.50 CNY/hour, not ours, since 2026-01-01T00:00:00Z, rule system-disk-size\n"
        "            end it: dsw release dsw-1 --region cn-beijing"
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(FOUND, rule="")
    assert Parts().facts(bare) == []
    lines = table(replace(EMPTY, findings=(bare,))).split("\n\n")[1].splitlines()
    assert lines[2:] == ["            a disk", "            end it: dsw release dsw-1 --region cn-beijing"]
    assert Parts().place(Where("account", "Billing")) == "account Billing"
    assert html.page(replace(EMPTY, findings=(bare,))).count('class="soft"') == 2


@pytest.mark.parametrize("owner", Owner)
def test_every_owner_has_words(owner: Owner) -> None:
    assert (Parts().owner(owner) == "") is (owner is Owner.UNKNOWN)


def test_what_blocks_is_told_from_what_is_a_limit() -> None:
    both = replace(EMPTY, not_seen=(MISSED, replace(MISSED, blocking=False, why="far away")))
    said = table(both)
    assert "  MISSING   cn-beijing DLC: DLC jobs: no permission\n            attach a policy" in said
    assert "  limit     cn-beijing DLC: DLC jobs: far away" in said
    assert "&#40;limit&#41; far away" in markdown(both)
    page = html.page(both)
    assert (page.count(">not seen<"), page.count(">known limit<")) == (1, 1)
    assert [item["blocking"] for item in document.document(both)["notSeen"]] == [True, False]


@pytest.mark.parametrize(
    ("code", "report"),
    [(1, replace(EMPTY, findings=(FOUND,))), (INCOMPLETE, replace(EMPTY, not_seen=(MISSED,)))],
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
    thing = Thing("instance", Where("cn-beijing", "DSW", "dsw-9"), "Stopped", Owner.OURS, "", ("x",))
    report = replace(EMPTY, things=(thing,))
    assert "instance   cn-beijing DSW dsw-9: Stopped, ours by its labels, x" in table(report)
    assert "<b><bdi>dsw-9</bdi></b>" in html.page(report)


@pytest.mark.parametrize("count", [49, 50, 51, 120])
def test_no_more_things_than_fit(count: int) -> None:
    kinds = ("instance", "workspace")
    things = tuple(Thing(kinds[n % 2], Where("r", "s", f"id-{n}"), "x", Owner.UNKNOWN) for n in range(count))
    report = replace(EMPTY, things=things)
    said, page = table(report), html.page(report)
    assert said.count("id-") == page.count("id-") == min(count, 50)
    rest = max(0, count - 50)
    assert ("more of kind" in said) is bool(rest)
    assert (f"and {rest} more" in page) is bool(rest)
    assert len(json.loads(document.text(report))["things"]) == count


def test_trial_and_bill() -> None:
    pack = Pack("p", "1.0000009", "2", "CU*H", "Available", "tomorrow")
    billed = Billed("OSS", Decimal("3.1415926"), "CNY")
    account = Account("valid until x", Decimal("12.500"), "e", "1,000.5", "CNY", (pack,), (billed,))
    report = replace(EMPTY, account=account)
    assert list(Parts().account(report.account)) == [
        "Trial: valid until x, at least 12.5 CU left this month",
        "Pack: p: 1 of 2 CU left, Available, until tomorrow",
        "Balance: 1,000.50 CNY",
        "Billed this month (hours late): OSS: 3.14 CNY",
    ]
    assert document.document(report)["account"] == {
        "trial": "valid until x",
        "leftCu": "12.500",
        "trialEnd": "e",
        "balance": "1,000.5",
        "currency": "CNY",
        "packs": ["p: 1.0000009 of 2 CU*H left, Available, until tomorrow"],
        "billed": ["OSS: 3.1415926 CNY"],
    }


@pytest.mark.parametrize("left", ["0", "250", "1E+2", "0.0001"])
def test_cu_are_plain_numbers_everywhere(left: str) -> None:
    report = replace(EMPTY, account=Account("t", Decimal(left)))
    for written in (*Parts().account(report.account), document.document(report)["account"]["leftCu"]):
        assert "E" not in written


def test_rule_names_and_times_are_not_broken_and_ids_of_any_length_are() -> None:
    where = Where("cn-beijing", "DSW", "x-" * 40, "mine")
    page = html.page(replace(EMPTY, findings=(replace(FOUND, where=where, rule="trial-region"),)))
    assert 'rule <span class="n">trial-region</span>' in page
    assert f"<bdi>{'x-' * 40}</bdi>" in page


def test_the_stack_is_named_where_one_was_compared() -> None:
    report = replace(EMPTY, compared="p/<dev>")
    assert ", compared with stack p/<dev>" in table(report)
    assert "compared with stack p/&lt;dev&gt;" in html.page(report)
    assert "p/&#60;dev&#62;" in markdown(report)
    assert document.document(report)["comparedWith"] == "p/<dev>"
    assert document.document(EMPTY)["comparedWith"] is None


@pytest.mark.parametrize("amount", ["", "a lot", "1,2,3.x", "NaN"])
def test_an_amount_that_nobody_can_read_is_shown_as_it_is(amount: str) -> None:
    pack = Pack("p", amount or "?", "250", "CU*H", "?", "?")
    lines = list(Parts().account(Account("t", balance=amount, currency="CNY", packs=(pack,))))
    assert f"p: {amount or '?'} of 250 CU left" in lines[1]
    assert lines[2:] == ([f"Balance: {amount} CNY"] if amount else [])


def test_a_report_is_translated_where_it_is_shown() -> None:
    chinese = {
        "end it: {end}": "停止计费 {end}",
        "FINDINGS": "发现",
        "{count} finding": "{count} 项",
        "{findings} in {regions}": "{regions}中有{findings}",
        "{count} region": "{count} 个地域",
        "Findings": "发现",
        "a disk of {size}": "{size} 的磁盘",
    }

    def translate(text: str) -> str:
        return chinese.get(text, text)

    report = replace(EMPTY, findings=(replace(FOUND, what=message("a disk of {size}", size="200Gi")),))
    said = table(report, translate)
    assert "发现\n  HIGH" in said
    assert "200Gi 的磁盘" in said
    assert "停止计费 dsw release dsw-1 --region cn-beijing" in said
    assert said.endswith("1 个地域中有1 项")
    page = html.page(report, translate)
    assert "<h2>发现</h2>" in page
    assert "200Gi 的磁盘" in page
    assert "200Gi 的磁盘" in markdown(report, translate)
    assert "a disk of 200Gi" in document.text(report)
