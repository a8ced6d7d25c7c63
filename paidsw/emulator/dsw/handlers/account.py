"""GetUserConfig and ListEcsSpecs: what is left of the trial, and what it may be used for."""

from __future__ import annotations

from ...catalogue import SPECS, EcsSpec
from ...clock import iso
from ...ledger.bill import trial_end
from ...request import Call, Json, page


def get_user_config(call: Call) -> Json:
    """The account's configuration, with the settings' ``user_config`` laid over it."""
    switches = call.account.state.settings
    answer: Json = {
        "AccountSufficient": switches.account_sufficient,
        "EnableEciDisk": False,
        "FreeTier": _free_tier(call),
        "FreeTierSpecAvailable": call.region in call.account.tariff.regions,
    }
    return _overlay(answer, switches.user_config)


def _free_tier(call: Call) -> Json:
    cloud, state = call.account, call.account.state
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
    result = dict(answer)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _overlay(result[key], value)
        else:
            result[key] = value
    return result


def list_specs(call: Call) -> Json:
    """Types of the region for CPU or GPU."""
    kind = call.query.choice("AcceleratorType", ("CPU", "GPU"), "")
    found = [spec for spec in SPECS.values() if spec.accelerator == kind]
    return {
        "EcsSpecs": [_spec(call, spec) for spec in page(call.query, found, default=50)],
        "TotalCount": len(found),
    }


def _spec(call: Call, spec: EcsSpec) -> Json:
    tariff = call.account.tariff
    covered = call.region in tariff.regions and spec.name in tariff.trial_types
    sold_out = call.account.state.settings.is_sold_out(call.region, spec.name)
    return {
        "AcceleratorType": spec.accelerator,
        "CPU": spec.cpu,
        "Currency": "CNY",
        "GPU": spec.gpu,
        "GPUMemorySize": float(spec.gpu_memory),
        "GPUType": spec.gpu_type,
        "InstanceBandwidthRx": 10,
        "InstanceType": spec.name,
        "IsAvailable": not sold_out,
        "Labels": [{"Key": "SupportResourcePackDeduction", "Value": "true"}] if covered else [],
        "Memory": float(spec.memory),
        "Price": float(spec.price),
        "SpotStockStatus": "NoStock" if sold_out else "WithStock",
        "SystemDiskCapacity": tariff.free_disk_gib,
    }
