"""What the cloud answers about an account with a fresh trial, to be changed by tests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from paidsw.trial.entitlement import DEDUCTIBLE, PAI_PRODUCT, Answers, Wanted

A10 = "ecs.gn7i-c8g1.2xlarge"
V100 = "ecs.gn6v-c8g1.2xlarge"
REGION = "cn-wulanchabu"
NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


def free_tier(left: Any = 250, **changes: Any) -> dict[str, Any]:
    """FreeTier; a change to None takes a member away."""
    values = {
        "IsFreeTierUser": True,
        "Status": "valid",
        "StartTime": "2026-11-01T00:00:00Z",
        "EndTime": "2027-02-01T00:00:00Z",
        "InitBaseUnit": "CU*H",
        "InitBaseValue": 250.0,
        "InitShowUnit": "CU*H",
        "InitShowValue": "250",
        "PeriodBaseUnit": "CU*H",
        "PeriodBaseValue": left,
        "PeriodShowUnit": "CU*H",
        "PeriodShowValue": None if left is None else str(left),
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def spec(name: str = A10, **changes: Any) -> dict[str, Any]:
    labels = [{"Key": DEDUCTIBLE, "Value": "true"}]
    return {"InstanceType": name, "IsAvailable": True, "Price": 10.5, "Labels": labels, **changes}


def answers(trial: Any = None, *, activated: Any = True, available: Any = True, specs: Any = None) -> Answers:
    return Answers(
        {"FreeTier": free_tier() if trial is None else trial, "FreeTierSpecAvailable": available},
        [spec(A10), spec(V100)] if specs is None else specs,
        [
            {"ProductCode": "OSS_share", "IsPurchased": True},
            {"ProductCode": PAI_PRODUCT, "IsPurchased": activated},
        ],
    )


def wanted(kind: str = A10, hours: str = "4", region: str = REGION) -> Wanted:
    return Wanted(region, kind, Decimal(hours))
