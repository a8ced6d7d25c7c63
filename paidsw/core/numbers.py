"""Numbers from outside, read; and numbers for people."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

# Longer ones don't count anything.
_MOST_DIGITS = 9
_CENT = Decimal("0.01")


def whole(value: object) -> int | None:
    """A count as JSON has it, or as text of its digits; None for anything else, negative numbers too."""
    if isinstance(value, bool):
        return None
    text = str(value) if isinstance(value, int) else value
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None


def money(amount: Decimal) -> str:
    """An amount of money with two decimals; less than a cent isn't shown as nothing."""
    rounded = amount.quantize(_CENT, ROUND_HALF_UP)
    if amount and not rounded:
        return "<0.01" if amount > 0 else ">-0.01"
    return f"{rounded if rounded else abs(rounded):f}"


def short(number: Decimal, places: int = 3) -> str:
    """A number without needless digits: at most so many decimals, no zeros at its end."""
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded.normalize():f}"
