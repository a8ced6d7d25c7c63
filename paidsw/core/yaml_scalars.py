"""What a plain scalar of YAML means to Pulumi: the resolution of Go's yaml.v3, and the text of a number in JSON."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Time:
    """A date or a time, as Go's Time.String() writes it."""

    text: str


# What a scalar can be.
Plain = None | bool | int | float | str | Time

_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# Of Go's strconv.ParseInt with base 0, once the underscores are gone.
_INTEGERS = (
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0[bB]([01]+)"), 2),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)"), 8),
    (re.compile(r"([-+]?)(0|[1-9][0-9]*)"), 10),
)
_TIME = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?P<between>[Tt ])(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})"
    r"(?:[.,](?P<fraction>[0-9]+))?(?P<zone>Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
# Longer ones are beyond every number that Go reads, and slow to read in Python.
_MOST_DIGITS = 1000


def resolve(text: str) -> Plain:
    """What a scalar without quotes and tag is: nothing, a boolean, a number, a time, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _MOST_DIGITS:
        return text
    if text[0] == ".":
        # Go's strconv.ParseFloat takes underscores between digits only.
        return _number(re.sub(r"(?<=[0-9])_(?=[0-9])", "", text), text)
    digits = text.replace("_", "")
    for found in (_time(text), _whole(digits)):
        if found is not None:
            return found
    return _number(digits, text)


def json_text(value: bool | float | None) -> str:
    """What the JSON has in which Pulumi hands a value to the program."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if 1e-6 <= abs(value) < 1e21:
        plain = f"{Decimal(repr(value)):f}"
        return plain.removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


def _whole(digits: str) -> int | None:
    for pattern, base in _INTEGERS:
        found = pattern.fullmatch(digits)
        if found:
            value = int(found[1] + found[2], base)
            return value if _SMALLEST <= value <= _LARGEST else None
    return None


def _number(digits: str, text: str) -> float | str:
    """The number; the text where it is none, or too large for one."""
    value = float(digits) if _FLOAT.fullmatch(digits) else math.inf
    return value if math.isfinite(value) else text


def _time(text: str) -> Time | None:
    found = _TIME.fullmatch(text)
    if found is None or (found["between"] in ("T", "t")) != bool(found["zone"]):
        return None
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    clock = [int(found[part] or 0) for part in ("hour", "minute", "second")]
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    if clock[0] > 23 or max(clock[1:]) > 59:
        return None
    zone = (found["zone"] or "Z").replace(":", "")
    zone = "+0000 UTC" if zone in ("Z", "+0000", "-0000") else f"{zone} {zone}"
    fraction = (found["fraction"] or "")[:9].rstrip("0")
    shown = f"{year:04}-{month:02}-{day:02} {clock[0]:02}:{clock[1]:02}:{clock[2]:02}"
    return Time(f"{shown}{'.' if fraction else ''}{fraction} {zone}")
