"""What there is in a region: all lists at once, each with its own permission, all within one time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from paidsw.audit.messages import Text
from paidsw.audit.model import NotSeen
from paidsw.audit.not_seen import NO_ADDRESS, not_seen
from paidsw.audit.regions import Place, Service
from paidsw.cloud import CloudError, Connection, DswClient, Reason, Throttled, Uncertain
from paidsw.cloud.clock import Clock, SystemClock
from paidsw.cloud.models import DOWN
from paidsw.cloud.pages import Caller, every_page
from paidsw.cloud.polling import Deadline, retry
from paidsw.cloud.sdk import SdkClient
from paidsw.cloud.search import ALL, every_instance
from paidsw.cloud.services import BillingClient, DlcClient, EasClient
from paidsw.cloud.workspaces import WorkspaceClient

Items = list[dict[str, Any]]
CLIENTS: Mapping[Service, type[SdkClient]] = {
    Service.DSW: DswClient,
    Service.WORKSPACE: WorkspaceClient,
    Service.EAS: EasClient,
    Service.DLC: DlcClient,
    Service.BILLING: BillingClient,
}
DEFAULT_LIMIT = 25.0
ATTEMPTS = 5


@dataclass(frozen=True)
class Read:
    """One list of a region: what it holds, in the user's words, and how it is asked for."""

    service: Service
    operation: str
    member: str
    what: Text
    request: Mapping[str, Any] = field(default_factory=dict, hash=False)


# Asked for by `every_instance`, whose first request this is.
INSTANCES = Read(
    Service.DSW, "ListInstances", "Instances", Text.INSTANCES, {"ResourceId": ALL, "WorkspaceId": ALL}
)
WORKSPACES = Read(Service.WORKSPACE, "ListWorkspaces", "Workspaces", Text.WORKSPACES)
IMAGES = Read(Service.WORKSPACE, "ListImages", "Images", Text.IMAGES, {"Accessibility": "PRIVATE"})
SERVICES = Read(Service.EAS, "ListServices", "Services", Text.EAS_SERVICES)
RESOURCES = Read(Service.EAS, "ListResources", "Resources", Text.EAS_RESOURCE_GROUPS)
JOBS = Read(Service.DLC, "ListJobs", "Jobs", Text.DLC_JOBS, {"FromAllWorkspaces": True, "ShowOwn": False})
SPECS = Read(Service.DSW, "ListEcsSpecs", "EcsSpecs", Text.PRICES)
READS = (INSTANCES, WORKSPACES, IMAGES, SERVICES, RESOURCES, JOBS)


@dataclass
class RegionInventory:
    """What was seen of a region, by what was read, and what wasn't."""

    place: Place
    lists: dict[Read, Items] = field(default_factory=dict)
    not_seen: list[NotSeen] = field(default_factory=list)
    # Whether the instances of all workspaces were seen.
    whole: bool = False


class InventoryReader:
    """Makes the calls of one audit. Reads only."""

    def __init__(self, connection: Connection, clock: Clock, limit: float = DEFAULT_LIMIT) -> None:
        self._connection = connection
        self._clock = clock
        self.limit = limit

    def caller(self, service: Service, region: str) -> Caller:
        """Calls to a service, retried within the limit while the cloud throttles them or has an internal error."""
        client = CLIENTS[service](self._connection, region)

        async def call(operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
            return await retry(
                lambda: client.call(operation, request, *path),
                clock=self._clock,
                deadline=Deadline(SystemClock(), self.limit),
                cancelled=asyncio.Event(),
                retried=is_worth_retrying,
                attempts=ATTEMPTS,
            )

        return call

    async def sign_in(self) -> None:
        """Find credentials before the first call. Raises NotSent where there are none, or no usable proxy."""
        # Otherwise each of a hundred calls looks for them, which takes minutes.
        await self._connection.credentials_source()

    async def regions(self, places: Iterable[Place]) -> list[RegionInventory]:
        """All regions at once."""
        return await asyncio.gather(*(self.region(place) for place in places))

    async def region(self, place: Place) -> RegionInventory:
        """All lists of a region; whatever doesn't answer within the limit is given up."""
        found = RegionInventory(place)
        callers = {service: self.caller(service, place.region) for service in place.services}
        work: dict[Read, Awaitable[Items]] = {
            read: asyncio.ensure_future(
                self._instances(found, callers[Service.DSW])
                if read is INSTANCES
                else every_page(callers[read.service], read.operation, read.member, dict(read.request))
            )
            for read in READS
            if read.service in callers
        }
        if INSTANCES in work:
            work[SPECS] = self._specs(callers[Service.DSW], work[INSTANCES])
        for read, result in (await self.within(work)).items():
            if isinstance(result, Exception):
                # Without prices a finding is still found.
                blocking, what = read is not SPECS, read.what()
                found.not_seen.append(
                    not_seen(place, read.service, read.operation, what, result, self.limit, blocking)
                )
            else:
                found.lists[read] = result
        return found

    async def _instances(self, found: RegionInventory, call: Caller) -> Items:
        """Those of all workspaces, as far as this user may list them; the rest is noted as not seen."""
        place = found.place
        spaces = self.caller(Service.WORKSPACE, place.region)
        listed = await every_instance(
            call, lambda: every_page(spaces, WORKSPACES.operation, WORKSPACES.member, {})
        )
        found.whole = listed.refused is None
        if listed.refused is not None:
            what = Text.INSTANCES_ELSEWHERE()
            found.not_seen.append(
                not_seen(place, Service.DSW, INSTANCES.operation, what, listed.refused, self.limit)
            )
        return listed.items

    async def _specs(self, call: Caller, listing: Awaitable[Items]) -> Items:
        """Prices for the kinds of machines that run; not asked for where nothing runs."""
        try:
            instances = await listing
        except Exception:
            return []  # that the instances weren't seen is said once, by their own list
        running = [item for item in instances if item.get("Status") not in DOWN]
        kinds = sorted({str(item.get("AcceleratorType") or "GPU") for item in running})
        lists = [every_page(call, SPECS.operation, SPECS.member, {"AcceleratorType": kind}) for kind in kinds]
        return [spec for specs in await asyncio.gather(*lists) for spec in specs]

    async def within(self, work: Mapping[Any, Awaitable[Any]]) -> dict[Any, Any | CloudError | TimeoutError]:
        """Results, CloudErrors, and a TimeoutError for each that took longer than the limit."""
        tasks = {key: asyncio.ensure_future(awaitable) for key, awaitable in work.items()}
        if not tasks:
            return {}
        _, late = await asyncio.wait(tasks.values(), timeout=self.limit)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        return {key: _outcome(task, late) for key, task in tasks.items()}


def _outcome(task: asyncio.Future[Any], late: Set[asyncio.Future[Any]]) -> Any:
    if task in late or task.cancelled():
        return TimeoutError()
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, ValueError | TypeError | AttributeError | KeyError):
        return Uncertain("", "the cloud's answer can't be read", code=Reason.UNREADABLE)
    return error


def is_worth_retrying(error: CloudError) -> bool:
    """Whether a retry may help within the limit; a cloud that can't be reached gets only one try."""
    return isinstance(error, Throttled) or error.status >= 500


def resolve_missing_addresses(inventories: Sequence[RegionInventory]) -> None:
    """A service without an address in one region isn't offered there; without one in any region, it wasn't seen."""
    met = {read.service for one in inventories for read in one.lists}
    for one in inventories:
        one.not_seen = [
            item
            if item.why != NO_ADDRESS or item.service in met
            else replace(item, blocking=True, fix=Text.CHECK_NETWORK())
            for item in one.not_seen
        ]
