"""Trial, packs and bill: what the cloud's numbers mean, and what no number may pass for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from paidsw.audit import account
from paidsw.audit.account import Trial
from paidsw.audit.listed import ListedInstance
from paidsw.audit.model import Billed, Cost, Kind, Owner, Pack
from paidsw.cloud import Instance
from paidsw.rules.rule import Severity
from paidsw.trial.entitlement import Allowance
from tests.support.cloud import A10, HOME

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
HOUR = 3_600_000


def pays(left: str) -> Trial:
    return Trial(Allowance(Decimal(left), NOW - timedelta(days=1), NOW + timedelta(days=60)))


def seen(status: str = "Running", spec: str = A10, timer: int | None = None, **more: Any) -> ListedInstance:
    body: dict[str, Any] = {"InstanceId": "dsw-1", "Status": status, "EcsSpec": spec, **more}
    if timer is not None:
        body["InstanceShutdownTimer"] = {"DueTime": "2026-01-05T04:00:00Z", "RemainingTimeInMs": timer}
    return ListedInstance(Instance.from_wire(body), HOME, Owner.OURS)


def item(amount: object, code: str = "oss", **more: Any) -> dict[str, Any]:
    return {"ProductCode": code, "ProductName": code.upper(), "PretaxAmount": amount, **more}


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-01-31T15:59:59+00:00", "2026-01"),
        ("2026-01-31T16:00:00+00:00", "2026-02"),
        ("2025-12-31T16:00:00+00:00", "2026-01"),
        ("2026-01-31T23:30:00-08:00", "2026-02"),
    ],
)
def test_the_month_of_a_bill_is_chinas(instant: str, expected: str) -> None:
    assert account.month(datetime.fromisoformat(instant)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1,234.50", Decimal("1234.50")),
        ("-1,000,000.01", Decimal("-1000000.01")),
        (0, Decimal(0)),
        (3.2, Decimal("3.2")),
        ("", None),
        (None, None),
        ("a lot", None),
        ("NaN", None),
        ("Infinity", None),
        ([], None),
        ({}, None),
    ],
)
def test_amounts(value: object, expected: Decimal | None) -> None:
    assert account.amount(value) == expected


def test_what_was_not_read_is_neither_paid_nor_unpaid() -> None:
    found = account.trial(None, NOW)
    assert (found.read, found.pays) == (False, False)
    assert list(account.of_trial(found, [seen(timer=9 * HOUR)])) == []


@pytest.mark.parametrize(
    "config", [{}, {"FreeTier": None}, {"FreeTier": []}, {"FreeTier": "valid"}, {"FreeTier": {}}]
)
def test_an_answer_of_another_form_is_no_trial(config: dict[str, Any]) -> None:
    found = account.trial(config, NOW)
    assert (found.read, found.pays) == (True, False)
    assert found.why_not
    [finding] = account.of_trial(found, [seen()])
    assert (finding.kind, finding.severity) == (Kind.TRIAL, Severity.CRITICAL)


@pytest.mark.parametrize("status", ["Stopped", "Failed", "Deleting", "Stopping", "Arrearge"])
def test_what_does_not_run_needs_no_trial(status: str) -> None:
    assert list(account.of_trial(Trial(why_not="none"), [seen(status)])) == []


def test_what_is_paid_in_advance_needs_no_trial() -> None:
    assert list(account.of_trial(pays("0"), [seen(PaymentType="Subscription")])) == []


def test_a_used_up_month_is_a_finding_for_each_machine() -> None:
    found = list(account.of_trial(pays("0"), [seen(), seen("Queuing"), seen("Stopped")]))
    assert [one.kind for one in found] == [Kind.TRIAL, Kind.TRIAL]
    assert "used up" in str(found[0].what)


@pytest.mark.parametrize(("left", "kinds"), [("13.982", []), ("13.981", [Kind.QUOTA])])
def test_the_quota_to_the_last_cu(left: str, kinds: list[Kind]) -> None:
    found = list(account.of_trial(pays(left), [seen(timer=HOUR), seen(timer=HOUR)]))
    assert [one.kind for one in found] == kinds


def test_machines_without_timer_or_rate_are_others_findings() -> None:
    assert list(account.of_trial(pays("1"), [seen(), seen(spec="ecs.other", timer=99 * HOUR)])) == []


def test_the_bill_is_summed_by_product_and_refunds_count() -> None:
    bill = [item(3, "learn"), item("1,000.5", "oss"), item(-3, "learn"), item(0, "ecs"), item("0.5", "oss")]
    [found] = account.of_bill(account.charged(bill), None, "2026-01")
    assert (found.where.id, found.cost, found.severity) == (
        "oss",
        Cost(Decimal(1001), "CNY", "month"),
        Severity.LOW,
    )


def test_pais_own_bill_is_the_graver_one() -> None:
    found = list(account.of_bill(account.charged([item("0.01", "learn", Currency="USD")]), None, "2026-02"))
    assert [(one.severity, str(one.cost)) for one in found] == [(Severity.HIGH, "0.01 USD/month")]
    assert "2026-02" in str(found[0].what)
    assert "hours late" in str(found[0].what)


@pytest.mark.parametrize("wrong", [None, "", "much", [], float("nan")])
def test_an_amount_that_nobody_can_read_is_not_nothing(wrong: object) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        account.charged([item(1), item(wrong)])


@pytest.mark.parametrize(("left", "kinds"), [("-0.01", [Kind.BALANCE]), ("0.00", []), ("-0", []), ("5", [])])
def test_an_account_in_the_red(left: str, kinds: list[Kind]) -> None:
    found = list(
        account.of_bill([], account.balance({"AvailableAmount": left, "Currency": "CNY"}), "2026-01")
    )
    assert [one.kind for one in found] == kinds
    assert all("owes 0.01 CNY" in str(one.what) for one in found)


def test_the_account_in_words() -> None:
    pack = {"Remark": "trial", "RemainingAmount": "10", "TotalAmount": "250", "TotalAmountUnit": "CU*H"}
    balance = account.balance({"AvailableAmount": "1.00", "Currency": "CNY"})
    found = account.describe(pays("12.5"), (account.pack(pack),), account.charged([item(2)]), balance)
    assert (found.left_cu, found.balance, found.currency) == (Decimal("12.5"), "1.00", "CNY")
    assert found.packs == (Pack("trial", "10", "250", "CU*H", "?", "?"),)
    assert found.billed == (Billed("OSS", Decimal(2), "CNY", "oss"),)
    assert str(found.trial).startswith("valid until 2026-03-06")


def test_an_account_of_which_nothing_is_known() -> None:
    found = account.describe(Trial(), (account.pack({}),), (), None)
    assert (str(found.trial), found.left_cu, found.trial_end, found.balance) == ("not read", None, "", "")
    assert found.packs == (Pack("?", "?", "?", "?", "?", "?"),)
    assert account.describe(Trial(why_not="claim it"), (), (), None).trial == "claim it"
