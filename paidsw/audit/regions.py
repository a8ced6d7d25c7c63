"""The regions where something can be billed, and which services are documented there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from paidsw.trial.regions import ALL, DSW, DSW_OFFICIAL, EAS_OFFICIAL


class Service(StrEnum):
    """A service that an audit asks."""

    DSW = "DSW"
    WORKSPACE = "AIWorkSpace"
    EAS = "EAS"
    DLC = "DLC"
    BILLING = "Billing"


REGIONAL = (Service.DSW, Service.WORKSPACE, Service.EAS, Service.DLC)
# Where billing findings and failures are filed: they belong to no region.
ACCOUNT = "account"


@dataclass(frozen=True)
class Place:
    """A region and its services; `official` are those that a document of Alibaba Cloud places there."""

    region: str
    services: tuple[Service, ...]
    official: frozenset[Service]


def _place(region: str) -> Place:
    services = REGIONAL if region in DSW else (Service.EAS,)
    official = {Service.DSW, Service.WORKSPACE} if region in DSW_OFFICIAL.regions else set()
    if region in EAS_OFFICIAL.regions:
        official.add(Service.EAS)
    return Place(region, services, frozenset(official))


PLACES = {region: _place(region) for region in ALL}


def console(region: str) -> str:
    """PAI's console in a region."""
    return f"https://pai.console.aliyun.com/?regionId={region}"
