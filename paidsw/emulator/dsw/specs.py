"""ListEcsSpecs."""

from __future__ import annotations

from ..catalogue import SPECS, EcsSpec
from ..lifecycle import is_sold_out
from ..models import Json
from ..paging import page
from ..routing import Call, operation


@operation("dsw", "GET", "/api/v2/ecsspecs", "ListEcsSpecs")
def list_specs(call: Call) -> Json:
    """Types of the region for CPU or GPU."""
    kind = call.query.choice("AcceleratorType", ("CPU", "GPU"), "")
    found = [spec for spec in SPECS.values() if spec.accelerator == kind]
    return {
        "EcsSpecs": [_spec(call, spec) for spec in page(call.query, found, default=50)],
        "TotalCount": len(found),
    }


def _spec(call: Call, spec: EcsSpec) -> Json:
    tariff = call.cloud.tariff
    covered = call.region in tariff.regions and spec.name in tariff.trial_types
    sold_out = is_sold_out(call.cloud.state, call.region, spec.name)
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
