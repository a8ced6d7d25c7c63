"""Numbers from outside and numbers for people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsw.core.numbers import money, short, whole


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (0, 0),
        (7, 7),
        ("7", 7),
        ("007", 7),
        (999_999_999, 999_999_999),
        (10**9, None),
        ("9" * 5000, None),
        (-1, None),
        ("-1", None),
        (1.0, None),
        ("1.0", None),
        (True, None),
        ("", None),
        ("²", None),
        ("٣", None),
        (None, None),
        ([1], None),
    ],
)
def test_what_counts_as_a_count(value: object, count: int | None) -> None:
    assert whole(value) == count


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("7.1523456", "7.15"),
        ("7.155", "7.16"),
        ("11.6", "11.60"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("0.004", "<0.01"),
        ("0.005", "0.01"),
        ("-0.0001", ">-0.01"),
        ("-3.1", "-3.10"),
        ("1E+6", "1000000.00"),
    ],
)
def test_money(amount: str, shown: str) -> None:
    assert money(Decimal(amount)) == shown


@given(st.decimals(-(10**9), 10**9, allow_nan=False))
def test_money_is_never_off_by_more_than_half_a_cent(amount: Decimal) -> None:
    shown = money(amount)
    if "0.01" in shown and shown[0] in "<>":
        assert amount
        assert abs(amount) < Decimal("0.005")
    else:
        assert abs(Decimal(shown) - amount) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("6.991", "6.991"), ("13.9000001", "13.9"), ("250", "250"), ("1E+2", "100"), ("0.0", "0")],
)
def test_short_numbers(number: str, shown: str) -> None:
    assert short(Decimal(number)) == shown
