"""What an audit found and what it couldn't see, as data. Texts from the cloud are unchanged; reports clean them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from paidsw.audit.messages import Text
from paidsw.core.messages import Message
from paidsw.core.numbers import money, short
from paidsw.rules.rule import Severity

# A sentence of the audit's own, or a text of the cloud.
Sentence = Message | str

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 3
_ORDER = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


class Kind(StrEnum):
    """What kind of thing was found."""

    OUT_OF_TIER = "out-of-tier"  # an instance that the trial doesn't pay for
    UNGUARDED = "unguarded"  # runs without idle culler or shutdown timer
    DISK = "disk"  # a disk that bills, stopped or not
    DISK_CLEARED = "disk-cleared"  # a disk whose content the cloud will delete
    STORAGE = "storage"  # datasets on billed storage
    NETWORK = "network"  # paid ways in from outside
    EXPOSED = "exposed"  # others may start it
    SUBSCRIPTION = "subscription"  # paid in advance
    UNDECLARED = "undeclared"  # ours, and in no stack
    NOT_OURS = "not-ours"  # runs on the same quota, and is nobody's of this project
    GONE = "gone"  # declared, and not there any more
    EAS_SERVICE = "eas-service"
    EAS_RESOURCE = "eas-resource-group"
    DLC_JOB = "dlc-job"
    IMAGE = "image"
    TRIAL = "trial"  # something runs that the trial doesn't pay for
    QUOTA = "quota"  # the month's quota ends before the session
    BILLED = "billed"
    BALANCE = "balance"


class Owner(StrEnum):
    """Who owns a thing, by its labels and, if given, by a stack's state."""

    DECLARED = "declared"
    UNDECLARED = "undeclared"
    OURS = "ours"  # by its labels; there was no state to compare with
    UNPROVEN = "unproven"  # an earlier version's labels name this stack, which a clone's do too
    OTHER_OWNER = "other-owner"  # another state's
    OTHER_STACK = "other-stack"
    NOT_OURS = "not-ours"
    UNKNOWN = "unknown"  # carries no labels that could tell


@dataclass(frozen=True)
class Cost:
    """An amount in `unit` (CNY, CU, or the bill's currency) per `per` (hour, month)."""

    amount: Decimal
    unit: str
    per: str

    def __str__(self) -> str:
        shown = short(self.amount) if self.unit == "CU" else money(self.amount)
        return f"{shown} {self.unit}/{self.per}"


@dataclass(frozen=True)
class Where:
    """A thing: its region (``account`` for what has none), service, id and name."""

    region: str
    service: str
    id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that costs or will cost. `since` is an ISO time or empty, `cost` None where it isn't known."""

    kind: Kind
    severity: Severity
    what: Sentence
    where: Where
    end: Sentence
    rule: str = ""
    since: str = ""
    cost: Cost | None = None
    owner: Owner = Owner.UNKNOWN


@dataclass(frozen=True)
class NotSeen:
    """What an audit couldn't look at. `blocking`: the audit is incomplete by it; else it is a known limit."""

    region: str
    service: str
    what: Sentence
    why: Sentence
    fix: Sentence
    blocking: bool = True


@dataclass(frozen=True)
class Thing:
    """Something that is there, whether it costs or not."""

    kind: str
    where: Where
    status: str
    owner: Owner
    since: str = ""
    details: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Pack:
    """A resource pack as the billing API describes it: texts, "?" for what it leaves out."""

    name: str
    left: str
    total: str
    unit: str
    status: str
    until: str


@dataclass(frozen=True)
class Billed:
    """What a product was billed this month so far; `code` is the bill's name for it, empty where it has none."""

    product: str
    amount: Decimal
    currency: str
    code: str = ""


@dataclass(frozen=True)
class Balance:
    """What is left in the account: `written` as the billing API wrote it."""

    amount: Decimal
    currency: str
    written: str


@dataclass(frozen=True)
class Account:
    """Trial and bill, as far as they could be read; amounts of the bill are hours late."""

    trial: Sentence = ""
    left_cu: Decimal | None = None
    trial_end: str = ""
    balance: str = ""
    currency: str = ""
    packs: tuple[Pack, ...] = ()
    billed: tuple[Billed, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole answer of one audit."""

    cloud: str
    at: str
    regions: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    not_seen: tuple[NotSeen, ...] = ()
    things: tuple[Thing, ...] = ()
    account: Account = field(default_factory=Account)
    compared: str = ""

    @property
    def incomplete(self) -> bool:
        """Whether something that had to be looked at couldn't be."""
        return any(item.blocking for item in self.not_seen)

    @property
    def exit_code(self) -> int:
        """CLEAN, FINDINGS, or INCOMPLETE whatever else was found."""
        if self.incomplete:
            return INCOMPLETE
        return FINDINGS if self.findings else CLEAN

    @property
    def verdict(self) -> Message:
        """One sentence."""
        found = len(self.findings)
        findings = _count(found, Text.ONE_FINDING, Text.MANY_FINDINGS) if found else Text.NOTHING_COSTS()
        if self.incomplete:
            failed = sum(item.blocking for item in self.not_seen)
            return Text.INCOMPLETE(findings=findings, failed=failed)
        regions = _count(len(self.regions), Text.ONE_REGION, Text.MANY_REGIONS)
        text = Text.FINDINGS_IN if found else Text.NOTHING_COSTS_IN
        return text(findings=findings, regions=regions)

    def not_seen_by_reason(self) -> list[NotSeen]:
        """What wasn't seen, with the regions that share a reason in one entry."""
        alike: dict[tuple[str, ...], tuple[NotSeen, dict[str, None]]] = {}
        for item in self.not_seen:
            key = (item.service, str(item.what), str(item.why), str(item.fix), str(item.blocking))
            _, regions = alike.setdefault(key, (item, {}))
            regions[item.region] = None
        return [replace(item, region=", ".join(regions)) for item, regions in alike.values()]

    def sorted(self) -> Report:
        """The same report, the worst first, in a fixed order."""
        findings = sorted(
            self.findings, key=lambda f: (_ORDER.index(f.severity), f.where.region, f.where.id, f.rule)
        )
        not_seen = sorted(self.not_seen, key=lambda n: (not n.blocking, n.region, n.service, str(n.what)))
        things = sorted(self.things, key=lambda t: (t.where.region, t.kind, t.where.id))
        return replace(self, findings=tuple(findings), not_seen=tuple(not_seen), things=tuple(things))


def _count(count: int, one: Text, many: Text) -> Message:
    return (one if count == 1 else many)(count=count)
