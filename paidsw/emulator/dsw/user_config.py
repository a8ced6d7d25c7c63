"""GetUserConfig: what is left of the trial."""

from __future__ import annotations

from typing import Any

from ..clock import iso
from ..ledger import trial_end
from ..models import Json
from ..routing import Call, operation


@operation("dsw", "GET", "/api/v2/userconfig", "GetUserConfig")
def get_user_config(call: Call) -> Json:
    """The account's configuration, with the settings' ``user_config`` laid over it."""
    switches = call.cloud.state.settings
    answer: Json = {
        "AccountSufficient": switches.account_sufficient,
        "EnableEciDisk": False,
        "FreeTier": _free_tier(call),
        "FreeTierSpecAvailable": call.region in call.cloud.tariff.regions,
    }
    return _overlay(answer, switches.user_config)


def _free_tier(call: Call) -> Json:
    cloud, state = call.cloud, call.cloud.state
    if state.trial.claimed_at is None:
        return {"IsFreeTierUser": False, "Status": "invalid"}
    left = cloud.bill().cu_left
    end = trial_end(state, cloud.tariff)
    return {
        "EndTime": iso(end),
        "InitBaseUnit": "CU*H",
        "InitBaseValue": float(cloud.tariff.monthly_cu),
        "InitShowUnit": "CU*H",
        "InitShowValue": f"{cloud.tariff.monthly_cu}",
        "IsFreeTierUser": True,
        "PeriodBaseUnit": "CU*H",
        "PeriodBaseValue": float(left),
        "PeriodShowUnit": "CU*H",
        "PeriodShowValue": f"{left}",
        "StartTime": iso(state.trial.claimed_at),
        "Status": "valid" if call.now < end else "invalid",
    }


def _overlay(answer: Json, over: Json) -> Json:
    """Replace members, deep; null takes a member away."""
    result: dict[str, Any] = dict(answer)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _overlay(result[key], value)
        else:
            result[key] = value
    return result
