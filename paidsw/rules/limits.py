"""Numbers within bounds, shared by the rules about guards and quotas."""

from dataclasses import replace
from decimal import Decimal

from paidsw.core.messages import Message
from paidsw.core.values import Node
from paidsw.rules.rule import Finding, Wording
from paidsw.trial.terms import Bounds

_WHOLE = Wording(
    what="{subject} is {value}",
    allowed="a whole number of {unit} from {minimum} to {maximum}",
    fix="set it to {usual}",
)
_WHOLE_MISSING = replace(_WHOLE, what="{subject} is missing")
_ANY = replace(_WHOLE, allowed="a number of {unit} from {minimum} to {maximum}")
_ANY_MISSING = replace(_ANY, what="{subject} is missing")


def plain(value: Decimal) -> int | float:
    """A decimal as a plain number of the wire: whole ones as int."""
    return int(value) if value == value.to_integral_value() else float(value)


def within(
    node: Node, bounds: Bounds, *, at_most: Decimal | None = None, whole: bool = True
) -> Decimal | None:
    """The number at `node` if it lies within the bounds (and is whole where it must be), else None."""
    number = node.number
    if number is None or not bounds.minimum <= number <= _top(bounds, at_most):
        return None
    return None if whole and number != number.to_integral_value() else number


def finding(
    node: Node, bounds: Bounds, subject: str, *, at_most: Decimal | None = None, whole: bool = True
) -> Finding:
    """The finding for a number outside its bounds, missing, or not a number."""
    present, missing = (_WHOLE, _WHOLE_MISSING) if whole else (_ANY, _ANY_MISSING)
    return (missing if node.absent else present).at(
        node.path,
        subject=Message(subject),
        value=node.shown(),
        unit=Message(bounds.unit),
        minimum=plain(bounds.minimum),
        maximum=plain(_top(bounds, at_most)),
        usual=plain(usual(bounds, at_most)),
    )


def usual(bounds: Bounds, at_most: Decimal | None = None) -> Decimal:
    """The usual value, or the largest allowed one where that is smaller."""
    return min(bounds.default, _top(bounds, at_most))


def clamped(node: Node, bounds: Bounds, *, at_most: Decimal | None = None, whole: bool = True) -> int | float:
    """The nearest allowed value; the usual one where there is no number."""
    number = node.number
    if number is None:
        return plain(usual(bounds, at_most))
    number = max(bounds.minimum, min(number, _top(bounds, at_most)))
    return plain(number.to_integral_value(rounding="ROUND_FLOOR") if whole else number)


def _top(bounds: Bounds, at_most: Decimal | None) -> Decimal:
    return bounds.maximum if at_most is None else min(bounds.maximum, at_most)
