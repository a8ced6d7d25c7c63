"""One audit: all regions and the account at once, then everything against the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pydantic import ValidationError

from paidsw.audit import account, billing, instances, other_services
from paidsw.audit.declared import Declared
from paidsw.audit.endings import Endings
from paidsw.audit.evidence import in_cloud_time
from paidsw.audit.inventory import (
    DEFAULT_LIMIT,
    IMAGES,
    INSTANCES,
    JOBS,
    RESOURCES,
    SERVICES,
    SPECS,
    WORKSPACES,
    InventoryReader,
    RegionInventory,
    resolve_missing_addresses,
)
from paidsw.audit.listed import ListedInstance, read
from paidsw.audit.messages import Text
from paidsw.audit.model import Finding, NotSeen, Report, Thing
from paidsw.audit.not_seen import unreadable_instance
from paidsw.audit.regions import PLACES, Service
from paidsw.cloud import Connection
from paidsw.core.times import written

_PRIVATE = NotSeen(
    "every region",
    Service.DSW,
    Text.PRIVATE_INSTANCES(),
    Text.ADMINISTRATORS_ONLY(),
    Text.RUN_AS_ACCOUNT(),
    blocking=False,
)
_OTHER_SERVICES = {
    SERVICES: other_services.service,
    RESOURCES: other_services.resource_group,
    JOBS: other_services.job,
    IMAGES: other_services.image,
}


@dataclass(frozen=True)
class Options:
    """What to look at. `regions` empty: all; `limit`: seconds that a region may take."""

    connection: Connection
    regions: tuple[str, ...] = ()
    declared: Declared | None = None
    limit: float = DEFAULT_LIMIT
    billing: bool = True


async def audit(options: Options) -> Report:
    """Look at everything and judge it. Raises CloudError only for missing credentials and an emulator that is gone."""
    clock = options.connection.clock()
    now = datetime.fromtimestamp(await clock.now(), UTC)
    reader = InventoryReader(options.connection, clock, options.limit)
    await reader.sign_in()
    places = [PLACES[region] for region in options.regions or PLACES]
    inventories, asked = await asyncio.gather(
        reader.regions(places), billing.ask(reader, places, now, with_bill=options.billing)
    )
    resolve_missing_addresses(inventories)
    found = _Found(not_seen=[_PRIVATE, *asked.not_seen])
    trial = account.trial(asked.user_config, now)
    declared = options.declared and in_cloud_time(options.declared, now)
    compared = replace(options, declared=declared)
    for inventory in inventories:
        _judge(inventory, found, compared, trial, now)
    found.findings += account.of_trial(trial, found.instances)
    found.findings += account.of_bill(asked.bill, asked.balance, account.month(now))
    if options.declared is not None:
        found.findings += instances.gone(
            options.declared, found.ids, _seen_whole(inventories), Endings(options.connection.emulator)
        )
    return Report(
        cloud=options.connection.emulator or "Alibaba Cloud",
        at=written(now),
        regions=tuple(place.region for place in places),
        findings=tuple(found.findings),
        not_seen=tuple(found.not_seen),
        things=tuple(found.things),
        account=account.describe(trial, asked.packs, asked.bill, asked.balance),
        compared=options.declared.name if options.declared else "",
    ).sorted()


@dataclass
class _Found:
    findings: list[Finding] = field(default_factory=list)
    not_seen: list[NotSeen] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    instances: list[ListedInstance] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        return {one.instance.instance_id for one in self.instances}


def _judge(
    inventory: RegionInventory,
    found: _Found,
    options: Options,
    trial: account.Trial,
    now: datetime,
) -> None:
    region, lists = inventory.place.region, inventory.lists
    endings = Endings(options.connection.emulator)
    found.not_seen += inventory.not_seen
    # A trial that couldn't be read is reported as not seen; its types then count as paid, so that no price is made up.
    pays = trial.pays or not trial.read
    prices = instances.Prices(tuple(lists.get(SPECS, ())), pays)
    for item in lists.get(INSTANCES, ()):
        try:
            listed = read(item, region, options.declared, endings)
            findings = list(instances.examine_instance(listed, prices, now))
        except (ValidationError, ArithmeticError, KeyError, TypeError, AttributeError, ValueError):
            found.not_seen.append(unreadable_instance(inventory.place))
            continue
        found.instances.append(listed)
        found.things.append(instances.thing(listed))
        found.findings += findings
    for kind, judge in _OTHER_SERVICES.items():
        found.findings += (one for item in lists.get(kind, ()) for one in judge(item, region, endings))
    own = options.declared.workspaces if options.declared else None
    found.things += (other_services.workspace(item, region, own) for item in lists.get(WORKSPACES, ()))


def _seen_whole(inventories: Iterable[RegionInventory]) -> set[str]:
    return {one.place.region for one in inventories if INSTANCES in one.lists and one.whole}
