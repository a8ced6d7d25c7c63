"""Asking for the account's trial, balance, bill and resource packs."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paidsw.audit import account
from paidsw.audit.inventory import InventoryReader
from paidsw.audit.messages import Text
from paidsw.audit.model import Balance, Billed, NotSeen, Pack
from paidsw.audit.not_seen import not_seen
from paidsw.audit.regions import ACCOUNT, PLACES, Place, Service
from paidsw.cloud.pages import every_pack, inner, items
from paidsw.trial.regions import BILLING
from paidsw.trial.terms import TERMS

# The trial belongs to the account, so any region knows it; a second one in case the first doesn't answer.
_ASKED_FOR_TRIAL = 2
_HERE = Place(ACCOUNT, (Service.BILLING,), frozenset({Service.BILLING}))
_NOT_ASKED = NotSeen(
    ACCOUNT,
    Service.BILLING,
    Text.MONEY(),
    Text.LEFT_OUT(),
    Text.RUN_WITH_BILLING(),
    blocking=False,
)
_BALANCE, _BILL, _PACKS = "QueryAccountBalance", "QueryBillOverview", "QueryResourcePackageInstances"
_WHAT = {
    _BALANCE: Text.BALANCE(),
    _BILL: Text.BILL(),
    _PACKS: Text.PACKS(),
}


@dataclass
class Billing:
    """What the cloud answered; None and empty where it wasn't asked or didn't answer."""

    user_config: account.Item | None = None
    balance: Balance | None = None
    bill: tuple[Billed, ...] = ()
    packs: tuple[Pack, ...] = ()
    not_seen: list[NotSeen] = field(default_factory=list)


async def ask(reader: InventoryReader, places: Sequence[Place], now: datetime, *, with_bill: bool) -> Billing:
    """The trial and, `with_bill`, the balance, the month's bill and the packs."""
    regions = _trial_regions(places)
    work: dict[tuple[str, str], Awaitable[Any]] = {
        ("GetUserConfig", region): reader.caller(Service.DSW, region)("GetUserConfig", {})
        for region in regions
    }
    if with_bill:
        work |= {(name, ACCOUNT): call for name, call in _queries(reader, account.month(now)).items()}
    results = await reader.within(work)
    answer = [results.pop(("GetUserConfig", region)) for region in regions]
    found = Billing(not_seen=[] if with_bill else [_NOT_ASKED])
    found.user_config = next((one for one in answer if not isinstance(one, Exception)), None)
    if found.user_config is None:
        place, what = PLACES[regions[0]], Text.TRIAL()
        found.not_seen.append(not_seen(place, Service.DSW, "GetUserConfig", what, answer[0], reader.limit))
    answers = {name: result for (name, _), result in results.items() if not isinstance(result, Exception)}
    found.balance, found.bill = answers.get(_BALANCE), answers.get(_BILL, ())
    found.packs = answers.get(_PACKS, ())
    found.not_seen += (
        not_seen(_HERE, Service.BILLING, name, _WHAT[name], result, reader.limit)
        for (name, _), result in results.items()
        if isinstance(result, Exception)
    )
    return found


def _trial_regions(places: Sequence[Place]) -> list[str]:
    chosen = [place.region for place in places if place.region in TERMS.region_ids]
    return (chosen or list(TERMS.region_ids))[:_ASKED_FOR_TRIAL]


def _queries(reader: InventoryReader, month: str) -> dict[str, Awaitable[Any]]:
    call = reader.caller(Service.BILLING, BILLING)

    async def balance() -> Balance:
        return account.balance((await call(_BALANCE, {}))["Data"])

    async def bill() -> tuple[Billed, ...]:
        data = (await call(_BILL, {"BillingCycle": month}))["Data"]
        return account.charged(items(_BILL, inner(_BILL, data, "Items"), "Item"))

    async def packs() -> tuple[Pack, ...]:
        return tuple(account.pack(item) for item in await every_pack(call))

    return {_BALANCE: balance(), _BILL: bill(), _PACKS: packs()}
