"""The terms of the PAI-DSW free trial, as data: the only place that knows a number of the free tier.

Every figure carries who says it and when. `TERMS` is what is in force: the figures here, and what the user adds to
them by a file (`paidsw.trial.overlay`). Code that needs a limit takes a `Terms` (default `TERMS`), so that a changed
set of terms reaches every rule and every calculation.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from paidsw.trial.figures import Basis, Bounds, Figure, InstanceType, Rate, Region, Source, Terms
from paidsw.trial.overlay import overlaid

__all__ = ["TERMS", "Basis", "Bounds", "Figure", "InstanceType", "Rate", "Region", "Source", "Terms"]

_TUTORIAL = Source(
    "PAI-DSW free trial: the step-by-step tutorial",
    "2025-12-03",
    "https://help.aliyun.com/document_detail/2261126.html",
)
_ACP = Source(
    "Alibaba Cloud ACP course for large models, chapter 1 (AlibabaCloudDocs/aliyun_acp_learning)", "2026-08"
)
_BILLING = Source(
    "Billing of DSW (Alibaba Cloud help)",
    "2026-01-28",
    "https://www.alibabacloud.com/help/en/pai/dsw-billing-description",
)
_SDK = Source("Official SDK alibabacloud-pai-dsw20220101 2.4.0, comments of the models", "2026-08")
_RUN = Source("Community record of a trial run on an A10 in cn-beijing", "2026-09-20")
_BLOG_2023 = Source("Community article on the trial's deductible types", "2023-04")
_BLOG_2024 = Source("Community article on how long 5000 CU last", "2024")
_ECS = Source(
    "Instance families of ECS (Alibaba Cloud help)",
    "2026-08",
    "https://help.aliyun.com/zh/ecs/user-guide/overview-of-instance-families",
)
_CULLER = Source(
    "Idle shutdown of DSW (Alibaba Cloud help)",
    "2026-08",
    "https://help.aliyun.com/document_detail/470427.html",
)


def _region(id_: str, name: str, name_zh: str, *sources: Source) -> Region:
    return Region(id_, name, name_zh, True, sources=sources)


_REGIONS = (
    Region(
        "cn-wulanchabu",
        "North 6 (Ulanqab)",
        "华北6 乌兰察布",
        True,
        sources=(_TUTORIAL,),
        note="recommended: has the most GPUs",
    ),
    _region("cn-beijing", "North 2 (Beijing)", "华北2 北京", _TUTORIAL, _RUN),
    _region("cn-shanghai", "East 2 (Shanghai)", "华东2 上海", _TUTORIAL),
    _region("cn-hangzhou", "East 1 (Hangzhou)", "华东1 杭州", _TUTORIAL, _ACP),
    _region("cn-shenzhen", "South 1 (Shenzhen)", "华南1 深圳", _TUTORIAL),
    Region(
        "cn-zhangjiakou",
        "North 3 (Zhangjiakou)",
        "华北3 张家口",
        False,
        sources=(_ACP,),
        note="the sources disagree: the ACP course names it, the tutorial and the list of DSW endpoints don't",
    ),
    Region(
        "cn-hongkong",
        "Hong Kong",
        "中国香港",
        False,
        sources=(_TUTORIAL,),
        note="the tutorial names it as a region without the trial",
    ),
)

_TYPES = (
    InstanceType(
        "ecs.gn7i-c8g1.2xlarge",
        accelerator="GPU",
        gpu="NVIDIA A10",
        gpus=1,
        gpu_memory_gib=24,
        vcpus=8,
        memory_gib=30,
        rate=Rate(
            Decimal("6.991"), Decimal("6.991"), basis=Basis.STATED, sources=(_RUN, _BLOG_2023, _TUTORIAL)
        ),
        sources=(_TUTORIAL, _BLOG_2023, _RUN),
        note="recommended: fits the fine-tuning of 7B and 8B models",
    ),
    InstanceType(
        "ecs.gn6v-c8g1.2xlarge",
        accelerator="GPU",
        gpu="NVIDIA V100",
        gpus=1,
        gpu_memory_gib=16,
        vcpus=8,
        memory_gib=32,
        # 5000 CU / (15 d * 24 h) = 13.89; "15 days" read as little more than 14 gives 5000 / 336 = 14.88.
        rate=Rate(
            Decimal("13.9"),
            Decimal("14.9"),
            basis=Basis.INFERRED,
            sources=(_BLOG_2024,),
            note="no source states it: worked out from '5000 CU last 15 days without a pause', planned as if 14",
        ),
        sources=(_TUTORIAL, _BLOG_2023, _ECS),
        note="faster than the A10 and uses about twice the CU per hour",
    ),
    InstanceType(
        "ecs.g6.xlarge",
        accelerator="CPU",
        gpu="",
        gpus=0,
        gpu_memory_gib=0,
        vcpus=4,
        memory_gib=16,
        rate=None,
        sources=(_ACP, _BLOG_2023, _ECS),
        note="in the trial, but no source gives its CU per hour",
    ),
)

BUILT_IN = Terms(
    regions=MappingProxyType({region.id: region for region in _REGIONS}),
    instance_types=MappingProxyType({kind.id: kind for kind in _TYPES}),
    quota_cu_per_month=Figure(
        Decimal(250),
        "CU",
        basis=Basis.STATED,
        sources=(_TUTORIAL, _ACP),
        note="trials of 2023 and 2024 gave 5000 CU for 3 months",
    ),
    quota_months=Figure(3, "months", basis=Basis.STATED, sources=(_TUTORIAL, _ACP)),
    free_disk_gib=Figure(Decimal(100), "GiB", basis=Basis.STATED, sources=(_TUTORIAL, _BILLING, _SDK)),
    disk_kept_days=Figure(
        15,
        "days stopped",
        basis=Basis.STATED,
        sources=(_TUTORIAL, _SDK),
        note="that a start restarts the count is inferred",
    ),
    session_hours=Bounds(
        Decimal("0.25"),
        Decimal(4),
        Decimal(24),
        "hours",
        basis=Basis.CHOSEN,
        sources=(_TUTORIAL,),
        note="the tutorial says 1 to 2 hours a day and never overnight; a day is the longest that nobody has to look",
    ),
    idle_minutes=Bounds(
        Decimal(10),
        Decimal(30),
        Decimal(120),
        "minutes",
        basis=Basis.CHOSEN,
        sources=(_RUN, _CULLER),
        note="30 minutes were seen to work; two idle hours are the most that is allowed",
    ),
    idle_cpu_percent=Bounds(
        Decimal(5),
        Decimal(5),
        Decimal(100),
        "percent",
        basis=Basis.CHOSEN,
        sources=(_RUN, _SDK),
        note="the API takes 1 to 100; below 5 the background load alone keeps an instance awake",
    ),
    idle_gpu_percent=Bounds(
        Decimal(5),
        Decimal(10),
        Decimal(100),
        "percent",
        basis=Basis.CHOSEN,
        sources=(_RUN, _SDK),
        note="the API takes 1 to 100; 10 were seen to work",
    ),
    deduction_lag_minutes=Figure(
        180,
        "minutes",
        basis=Basis.STATED,
        sources=(_BILLING,),
        note="bills come 2 to 3 hours late; that what is left of the quota does so too is assumed",
    ),
    margin_minutes=Figure(
        20,
        "minutes",
        basis=Basis.CHOSEN,
        sources=(_BILLING,),
        note="minutes that have begun count whole, a stop takes some, and this machine's clock may be off by the 15 "
        "that the cloud's signatures allow",
    ),
    claim_url=Figure("https://free.aliyun.com", "address", basis=Basis.STATED, sources=(_TUTORIAL,)),
)

TERMS = overlaid(BUILT_IN)
