"""Whether a region has a type now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from paidsw.provider.errors import ProviderError


def refuse_sold_out(region: str, instance_type: str, specs: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a type that the region hasn't got now: it would queue, and start at an hour nobody chose.

    `specs` are the types that ListEcsSpecs offers.
    """
    for spec in specs:
        if spec.get("InstanceType") == instance_type:
            if spec.get("IsAvailable") is not True:
                raise ProviderError(
                    f"{instance_type} is sold out in {region} at the moment; try again later, or another region of the "
                    "trial"
                )
            return
    raise ProviderError(
        f"{region} doesn't offer the instance type {instance_type} to this account; choose another ecsSpec or another "
        "region of the trial"
    )
