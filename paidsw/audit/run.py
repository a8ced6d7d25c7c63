"""One audit: all regions and the account at once, then everything against the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from paidsw.audit import account, instances, neighbours
from paidsw.audit.declared import Declared
from paidsw.audit.looking import (
    IMAGES,
    INSTANCES,
    JOBS,
    RESOURCES,
    SERVICES,
    SPECS,
    WORKSPACES,
    Looker,
    View,
    missed,
    settle,
)
from paidsw.audit.model import Account, Finding, NotSeen, Report, Thing
from paidsw.audit.regions import ACCOUNT, PLACES, Place, Service
from paidsw.cloud import Connection, Uncertain
from paidsw.cloud.clock import Clock, EmulatorClock, SystemClock
from paidsw.cloud.pages import every_pack
from paidsw.trial.terms import TERMS

# The trial is the account's, so any region can tell of it; a second one in case the first is unwell.
_ASKED_FOR_TRIAL = 2
_PRIVATE = NotSeen(
    "every region",
    Service.DSW,
    "private instances of other users of this account",
    "the cloud lists them to administrators of their workspace only",
    "run the audit as the account itself or as a workspace administrator, if the account has several users",
    blocking=False,
)
_NOT_ASKED = NotSeen(
    ACCOUNT,
    Service.BILLING,
    "balance, this month's bill and resource packs",
    "--without-billing leaves them out",
    "run the audit without that option",
    blocking=False,
)


@dataclass(frozen=True)
class Options:
    """What to look at. `regions` empty: all; `limit`: seconds that a region may take."""

    connection: Connection
    regions: tuple[str, ...] = ()
    declared: Declared | None = None
    limit: float = 25.0
    billing: bool = True


@dataclass
class _Found:
    findings: list[Finding] = field(default_factory=list)
    not_seen: list[NotSeen] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    seen: list[instances.Seen] = field(default_factory=list)


def clock_of(connection: Connection) -> Clock:
    """The cloud's time."""
    return EmulatorClock(connection.emulator) if connection.emulator else SystemClock()


async def audit(options: Options) -> Report:
    """Look at everything and judge it. Raises CloudError only where an emulator's clock can't be read."""
    clock = clock_of(options.connection)
    now = datetime.fromtimestamp(await clock.now(), UTC)
    looker = Looker(options.connection, clock, options.limit)
    places = [PLACES[region] for region in options.regions or PLACES]
    (views, money) = await asyncio.gather(
        asyncio.gather(*(looker.region(place) for place in places)), _account(looker, places, options, now)
    )
    settle(views)
    found = _Found(not_seen=[_PRIVATE, *money.not_seen])
    trial = account.trial(money.lists.get("GetUserConfig"), now)
    for view in views:
        _judge(view, found, options.declared, trial, now)
    found.findings += account.of_trial(trial, found.seen)
    described = _judge_bill(money, found, trial, now)
    if options.declared is not None:
        found.findings += instances.gone(options.declared, _ids(found), _looked(views))
    return Report(
        cloud=options.connection.emulator or "Alibaba Cloud",
        at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        regions=tuple(place.region for place in places),
        findings=tuple(found.findings),
        not_seen=tuple(found.not_seen),
        things=tuple(found.things),
        account=described,
        compared=options.declared.name if options.declared else "",
    ).sorted()


def _judge(view: View, found: _Found, declared: Declared | None, trial: account.Trial, now: datetime) -> None:
    region, lists = view.place.region, view.lists
    found.not_seen += view.not_seen
    # A trial that wasn't read is said so; until then its types count as paid, so that no price is made up.
    pays = trial.pays or not trial.read
    prices = instances.Prices(tuple(lists.get(SPECS, ())), pays)
    for item in lists.get(INSTANCES, ()):
        try:
            seen = instances.read(item, region, declared)
            findings = list(instances.examine_instance(seen, prices, now))
        except (ValidationError, ArithmeticError, KeyError, TypeError, AttributeError, ValueError):
            found.not_seen.append(unreadable(view.place))
            continue
        found.seen.append(seen)
        found.things.append(instances.thing(seen))
        found.findings += findings
    for read, judge in _NEIGHBOURS.items():
        found.findings += (one for item in lists.get(read, ()) for one in judge(item, region))
    own = declared.workspaces if declared else None
    found.things += (neighbours.workspace(item, region, own) for item in lists.get(WORKSPACES, ()))


def unreadable(place: Place) -> NotSeen:
    """An instance of a list that can't be read: it is there, and nobody knows what it is."""
    error = Uncertain("ListInstances", "", code="UnreadableAnswer")
    return missed(place, Service.DSW, "ListInstances", "one instance", error, 0)


_NEIGHBOURS = {
    SERVICES: neighbours.service,
    RESOURCES: neighbours.resource_group,
    JOBS: neighbours.job,
    IMAGES: neighbours.image,
}


def _ids(found: _Found) -> set[str]:
    return {seen.instance.instance_id for seen in found.seen}


def _looked(views: Iterable[View]) -> set[str]:
    return {view.place.region for view in views if INSTANCES in view.lists}


@dataclass
class _Money:
    lists: dict[str, Any] = field(default_factory=dict)
    not_seen: list[NotSeen] = field(default_factory=list)


_MONEY = {
    "QueryAccountBalance": "the account's balance",
    "QueryBillOverview": "this month's bill",
    "QueryResourcePackageInstances": "resource packs",
}


async def _account(looker: Looker, places: Sequence[Place], options: Options, now: datetime) -> _Money:
    here = Place(ACCOUNT, (Service.BILLING,), frozenset({Service.BILLING}))
    regions = _trial_regions(places)
    work: dict[str, Any] = {f"GetUserConfig {region}": _user_config(looker, region) for region in regions}
    if options.billing:
        work |= _billing(looker, account.month(now))
    results = await looker.within(work)
    money = _Money(not_seen=[] if options.billing else [_NOT_ASKED])
    trials = {name: results.pop(name) for name in list(results) if name.startswith("GetUserConfig ")}
    answers = [answer for answer in trials.values() if not isinstance(answer, Exception)]
    if answers:
        money.lists["GetUserConfig"] = answers[0]
    else:
        error = next(iter(trials.values()))
        money.not_seen.append(
            missed(PLACES[regions[0]], Service.DSW, "GetUserConfig", "the trial", error, looker.limit)
        )
    for name, result in results.items():
        if isinstance(result, Exception):
            money.not_seen.append(missed(here, Service.BILLING, name, _MONEY[name], result, looker.limit))
        else:
            money.lists[name] = result
    return money


def _trial_regions(places: Sequence[Place]) -> list[str]:
    chosen = [place.region for place in places if place.region in TERMS.region_ids]
    return (chosen or list(TERMS.region_ids))[:_ASKED_FOR_TRIAL]


async def _user_config(looker: Looker, region: str) -> dict[str, Any]:
    return await looker.caller(Service.DSW, region)("GetUserConfig", {})


def _billing(looker: Looker, month: str) -> dict[str, Any]:
    call = looker.caller(Service.BILLING, "cn-hangzhou")

    async def balance() -> Mapping[str, Any]:
        found = (await call("QueryAccountBalance", {}))["Data"]
        if account.amount(found["AvailableAmount"]) is None:
            raise ValueError("a balance that is no amount")
        return dict(found)

    async def bill() -> list[Mapping[str, Any]]:
        items = (await call("QueryBillOverview", {"BillingCycle": month}))["Data"].get("Items") or {}
        return [{**item} for item in items.get("Item") or []]

    return {
        "QueryAccountBalance": balance(),
        "QueryBillOverview": bill(),
        "QueryResourcePackageInstances": every_pack(call),
    }


def _judge_bill(money: _Money, found: _Found, trial: account.Trial, now: datetime) -> Account:
    bill, balance = money.lists.get("QueryBillOverview") or [], money.lists.get("QueryAccountBalance") or {}
    packs = money.lists.get("QueryResourcePackageInstances") or []
    try:
        found.findings += account.of_bill(bill, balance, account.month(now))
        return account.describe(trial, packs, bill, balance)
    except ValueError:
        here = Place(ACCOUNT, (Service.BILLING,), frozenset({Service.BILLING}))
        error = Uncertain("QueryBillOverview", "", code="UnreadableAnswer")
        found.not_seen.append(
            missed(here, Service.BILLING, "QueryBillOverview", "this month's bill", error, 0)
        )
        return account.describe(trial, packs, [], {})
