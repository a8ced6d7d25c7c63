"""What the reports for people share: each part of a report as one line, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from paidsw.audit.messages import Text
from paidsw.audit.model import Account, Finding, Owner, Report, Thing, Where
from paidsw.core.messages import Message, Translate
from paidsw.core.numbers import money, short
from paidsw.core.text import LONGEST, printable
from paidsw.trial.budget import exact

LONGEST_NAME, LONGEST_TIME = 60, 40
MOST_THINGS = 50
_OWNERS = {
    Owner.DECLARED: Text.OWNED_DECLARED,
    Owner.UNDECLARED: Text.OWNED_UNDECLARED,
    Owner.OURS: Text.OWNED_OURS,
    Owner.UNPROVEN: Text.OWNED_UNPROVEN,
    Owner.OTHER_OWNER: Text.OWNED_OTHER_OWNER,
    Owner.OTHER_STACK: Text.OWNED_OTHER_STACK,
    Owner.NOT_OURS: Text.OWNED_NOT_OURS,
}
# Units of the billing API that people write differently.
_UNITS = {"CU*H": "CU"}


@dataclass(frozen=True)
class Parts:
    """A report's parts as clean lines of text."""

    translate: Translate = str

    def line(self, text: object, longest: int = LONGEST) -> str:
        """A sentence, or a text of the cloud, as one line of at most so many characters."""
        return printable(text.render(self.translate) if isinstance(text, Message) else text, longest)

    def say(self, text: Text, /, **values: object) -> str:
        """A sentence of the report itself, its values cleaned."""
        shown = {name: self.line(value) for name, value in values.items()}
        return text(**shown).render(self.translate)

    def headline(self, report: Report, text: Text, compared: Text) -> str:
        """What was audited and when, with `compared` instead of `text` where a stack was compared."""
        chosen = compared if report.compared else text
        return self.say(chosen, cloud=report.cloud, time=report.at, stack=report.compared)

    def place(self, where: Where) -> str:
        """Where a thing is."""
        name = printable(where.name, LONGEST_NAME)
        parts = [where.region, where.service, printable(where.id, LONGEST_NAME), f'"{name}"' if name else ""]
        return " ".join(part for part in parts if part)

    def owner(self, whose: Owner) -> str:
        """Who owns it; empty where that isn't known."""
        text = _OWNERS.get(whose)
        return self.translate(text) if text else ""

    def facts(self, finding: Finding) -> list[str]:
        """Cost, owner, age and rule, as far as they are known."""
        cost = str(finding.cost) if finding.cost else ""
        return [fact for fact in (cost, *self.owner_and_age(finding), self.rule(finding)) if fact]

    def owner_and_age(self, finding: Finding) -> list[str]:
        """Owner and age, as far as they are known."""
        since = printable(finding.since, LONGEST_TIME)
        age = self.say(Text.SINCE, time=since) if since else ""
        return [fact for fact in (self.owner(finding.owner), age) if fact]

    def rule(self, finding: Finding) -> str:
        """The rule that found it; empty where none did."""
        return self.say(Text.RULE, rule=finding.rule) if finding.rule else ""

    def state(self, thing: Thing) -> list[str]:
        """Status, owner and details of something that is there."""
        details = self.line(", ".join(self.line(detail) for detail in thing.details))
        parts = [printable(thing.status, LONGEST_TIME), self.owner(thing.owner), details]
        return [part for part in parts if part]

    def more(self, things: Sequence[Thing]) -> str:
        """How many things of which kinds aren't listed."""
        counts = Counter(thing.kind for thing in things)
        kinds = [self.say(Text.MORE_OF_KIND, count=count, kind=kind) for kind, count in counts.items()]
        return self.say(Text.AND_MORE, more=", ".join(kinds))

    def account(self, account: Account) -> Iterator[str]:
        """Trial, packs, bill and balance."""
        if account.left_cu is None:
            yield self.say(Text.TRIAL_IS, trial=account.trial)
        else:
            yield self.say(Text.TRIAL_IS_WITH, trial=account.trial, left=_left(account.left_cu))
        for pack in account.packs:
            values = vars(pack) | {
                "left": _amount(pack.left, _left),
                "total": _amount(pack.total, _left),
                "unit": _UNITS.get(pack.unit, pack.unit),
            }
            yield self.say(Text.PACK_IS, **values)
        if account.balance:
            amount = _amount(account.balance, lambda number: f"{number:,.2f}")
            yield self.say(Text.BALANCE_IS, amount=amount, currency=account.currency)
        for billed in account.billed:
            yield self.say(Text.BILLED_IS, **vars(billed) | {"amount": money(billed.amount)})


def _left(number: Decimal) -> str:
    # Rounded down, so that no more is promised than there is.
    return short(number.quantize(Decimal("0.01"), ROUND_FLOOR))


def _amount(text: str, show: Callable[[Decimal], str]) -> str:
    """An amount that the billing API sent as text, perhaps with separators; unchanged if it can't be read."""
    try:
        return show(exact(text.replace(",", "")))
    except ValueError:
        return text
