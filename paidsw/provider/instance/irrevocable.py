"""What no update takes back: a public instance, a grown disk. It is named with its cost, and the rest is mended."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from paidsw.core.values import Node
from paidsw.provider.values import contains_unknown
from paidsw.rules.disks import capacity_gib, is_system
from paidsw.trial.terms import TERMS

_DISKS, _VISIBILITY = "cloudDisks", "accessibility"


def keys(seen: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """The properties that can't become what `new` declares, for an instance whose inputs are `seen`."""
    found = {_VISIBILITY} if _is_public(seen, new) else set()
    grown = _grown(seen, new)
    return frozenset(found | ({_DISKS} if grown is not None else set()))


def sentences(instance_id: str, urn: str, seen: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Why these can't, what that costs and what ends it, one sentence each."""
    way_out = (
        f"save what you need (dsw backup), then replace it: pulumi up --replace '{urn}' (with importId set, "
        "pulumi config rm importId first)"
    )
    found = []
    if _is_public(seen, new):
        found.append(
            f"instance {instance_id} is PUBLIC and can't be made private again, others in its workspace can use up the "
            f"quota; {way_out}"
        )
    grown = _grown(seen, new)
    if grown is not None:
        found.append(
            f"the system disk of instance {instance_id} was grown to {grown}Gi and can't shrink{_cost(grown)}; "
            f"{way_out}"
        )
    return found


def _is_public(seen: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return str(seen.get(_VISIBILITY)).upper() == "PUBLIC" and new.get(_VISIBILITY, "PRIVATE") == "PRIVATE"


def _grown(seen: Mapping[str, Any], new: Mapping[str, Any]) -> Decimal | None:
    """GiB of a system disk that is larger than declared."""
    found, declared = _system_gib(seen), _system_gib(new)
    return found if found is not None and declared is not None and found > declared else None


def _system_gib(inputs: Mapping[str, Any]) -> Decimal | None:
    disks = inputs.get(_DISKS)
    if not disks or contains_unknown(disks):
        return None
    return next((capacity_gib(disk) for disk in filter(is_system, Node(_DISKS, disks).entries)), None)


def _cost(gib: Decimal) -> str:
    billed = gib - TERMS.free_disk_gib.value
    if billed <= 0:
        return ""
    return (
        f": its {billed} GiB beyond the free ones are billed by the hour, stopped or not, until it is deleted"
    )
