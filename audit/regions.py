"""The regions in which something can run up a bill, and who says that a service is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

# help.aliyun.com, api-pai-dsw-2022-01-01-endpoint (the copy read ends after ap-southeast-5).
_DSW_OFFICIAL = (
    "cn-wulanchabu",
    "cn-beijing",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-hongkong",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-3",
    "ap-southeast-5",
)
# help.aliyun.com, regions-and-zones of PAI (2026-06-27); ap-southeast-7 is named for DLC only.
_LIKELY = ("ap-southeast-7", "us-west-1", "us-east-1", "eu-central-1")
# The endpoint table of the EAS SDK 7.0.0 and help.aliyun.com, api-eas-2021-07-01-endpoint.
_EAS_OFFICIAL = (
    "cn-wulanchabu",
    "cn-beijing",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-chengdu",
    "cn-hongkong",
    "cn-zhangjiakou",
    "cn-heyuan",
    "ap-southeast-1",
    "ap-southeast-5",
    "ap-south-1",
    "us-west-1",
    "us-east-1",
    "eu-central-1",
)


@dataclass(frozen=True)
class Place:
    """A region and its services; `official` are those that a document of Alibaba Cloud places there."""

    region: str
    services: tuple[Service, ...]
    official: frozenset[Service]


def _place(region: str) -> Place:
    with_dsw = region in (*_DSW_OFFICIAL, *_LIKELY)
    services = REGIONAL if with_dsw else (Service.EAS,)
    official = {Service.DSW, Service.WORKSPACE} if region in _DSW_OFFICIAL else set()
    if region in _EAS_OFFICIAL:
        official.add(Service.EAS)
    return Place(region, services, frozenset(official))


PLACES = {region: _place(region) for region in dict.fromkeys((*_DSW_OFFICIAL, *_LIKELY, *_EAS_OFFICIAL))}
