"""The regions of the services that can bill, whether the trial covers them or not, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from paidsw.trial.figures import Source, Sourced


@dataclass(frozen=True, slots=True)
class Listed(Sourced):
    """The regions that a document places a service in."""

    regions: tuple[str, ...]


DSW_OFFICIAL = Listed(
    (
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
    ),
    sources=(
        Source("Endpoints of the DSW API (help.aliyun.com, api-pai-dsw-2022-01-01-endpoint)", "2026-08"),
    ),
    note="the copy read ends after ap-southeast-5",
)
DSW_LIKELY = Listed(
    ("ap-southeast-7", "us-west-1", "us-east-1", "eu-central-1"),
    sources=(Source("Regions and zones of PAI (help.aliyun.com, regions-and-zones)", "2026-06-27"),),
    note="regions of PAI's general computing, without a word of DSW; ap-southeast-7 is named for DLC only",
)
EAS_OFFICIAL = Listed(
    (
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
    ),
    sources=(
        Source("Official SDK alibabacloud-eas20210701 7.0.0, its table of endpoints", "2026-08"),
        Source("Endpoints of the EAS API (help.aliyun.com, api-eas-2021-07-01-endpoint)", "2026-08"),
    ),
)

# Wherever DSW may be, and all of these with the regions that only EAS is in.
DSW = (*DSW_OFFICIAL.regions, *DSW_LIKELY.regions)
ALL = tuple(dict.fromkeys((*DSW, *EAS_OFFICIAL.regions)))
# Billing is one service for all regions; requests to it name this one.
BILLING = "cn-hangzhou"
