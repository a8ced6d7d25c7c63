"""What differs: between declared and actual inputs (a refresh), and between old and new inputs (a diff).

Works on plain inputs: in a diff and a preview some values aren't known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any

from paidsw.core.messages import Message
from paidsw.core.values import Node
from paidsw.provider.instance.inputs import FILLED_BY_CLOUD, REPLACING
from paidsw.provider.messages import Text
from paidsw.provider.resource_type import Kind
from paidsw.provider.values import contains_unknown
from paidsw.rules.disks import capacity_gib, is_system
from paidsw.trial.terms import TERMS

# Never shown by GetInstance, so what was declared stands.
UNSEEN = frozenset(
    {"imageAuth", "spotSpec", "allowBilling", "backup", "ownerId", "replaceId", "startClearedId"}
)
# A permission for other changes, and no change by itself.
_PERMISSIONS = frozenset({"replaceId", "startClearedId"})
# The cloud may add members of its own to these.
EXTENDED_BY_CLOUD = frozenset({"environmentVariables", "idleInstanceCuller", "userVpc"})

# What the API sends, or leaves out, for nothing.
EMPTY: tuple[object, ...] = (None, "", [], {})
# An empty text may be somebody's value; these mean nothing anywhere.
_NOTHING: tuple[object, ...] = (None, [], {})


def merge(
    declared: Mapping[str, Any],
    actual: Mapping[str, Any],
    once_declared: Set[str] = frozenset(),
    unseen: Set[str] = UNSEEN,
) -> dict[str, Any]:
    """The inputs after a refresh: what was declared, except where the cloud has something else.

    Keeps the declared form (order of a list, letter case, a default left out) where the meaning is the same,
    so that the next diff shows real changes only. What is `unseen` stays as declared. What the cloud may have filled
    in counts if it was `once_declared`, by a run that didn't live to say so. Without anything declared (an import) it
    is the actual inputs.
    """
    if not declared:
        one_image = "imageUrl" if "imageUrl" in actual else "imageId"
        dropped = {"imageUrl", "imageId"} - {one_image}
        return {key: value for key, value in actual.items() if key not in dropped}
    merged = {key: declared[key] for key in unseen if key in declared}
    for key in {*declared, *actual} - unseen:
        if key in declared and equivalent(key, declared[key], actual.get(key)):
            merged[key] = declared[key]
        elif key in actual and (key in declared or key in once_declared or key not in FILLED_BY_CLOUD):
            merged[key] = actual[key]
    return merged


def equivalent(key: str, declared: Any, actual: Any) -> bool:
    """Whether a declared and an actual value mean the same."""
    if declared in EMPTY and actual in EMPTY:
        return True
    if isinstance(declared, Mapping):
        found = {} if actual in EMPTY else actual
        if not isinstance(found, Mapping):
            return False
        if key in EXTENDED_BY_CLOUD:
            return all(equivalent("", value, found.get(name)) for name, value in declared.items())
        names = {*declared, *found}
        return all(equivalent("", declared.get(name), found.get(name)) for name in names)
    if isinstance(declared, list):
        return isinstance(actual, list) and _equivalent_lists(declared, actual)
    return bool(declared == actual)


def added(old: Any, new: Any) -> bool:
    """Whether one declaration has members that the other, otherwise equivalent, lacks: empty ones, or in a list."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return any(
            added(old[name], value) if name in old else value not in _NOTHING for name, value in new.items()
        )
    if isinstance(old, list) and isinstance(new, list):
        return not all(any(equivalent("", one, item) and not added(one, item) for one in old) for item in new)
    return False


def dropped(old: Any, new: Any, actual: Any) -> bool:
    """Whether the cloud still has a member that was declared and isn't any more, where it may add some itself."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and isinstance(actual, Mapping):
        gone = old.keys() - new.keys()
        return any(name in actual and equivalent("", old[name], actual[name]) for name in gone) or any(
            dropped(old.get(name), value, actual.get(name)) for name, value in new.items()
        )
    if isinstance(old, list) and isinstance(new, list) and isinstance(actual, list):
        return any(
            one != item and _says(item, one) and any(_says(one, other) for other in actual)
            for item in new
            for one in old
            if isinstance(item, Mapping) and one not in new
        )
    return False


def _equivalent_lists(declared: list[Any], actual: list[Any]) -> bool:
    """Same members in any order; members of the actual list may say more."""
    left = list(actual)
    # The most telling first, so that none takes what another needs.
    for item in sorted(declared, key=lambda one: len(one) if isinstance(one, Mapping) else 0, reverse=True):
        says = (index for index, other in enumerate(left) if _says(item, other))
        match = left.index(item) if item in left else next(says, None)
        if match is None:
            return False
        del left[match]
    return not left


def _says(item: Any, other: Any) -> bool:
    if isinstance(item, Mapping) and isinstance(other, Mapping):
        return all(equivalent("", value, other.get(name)) for name, value in item.items())
    return equivalent("", item, other)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Kind]:
    """What a diff shows, by top-level property. An unknown counts as changed."""
    found: dict[str, Kind] = {}
    for key in sorted({*old, *new} - _PERMISSIONS):
        if key not in old:
            found[key] = "add"
        elif key not in new:
            found[key] = "delete"
        elif (
            contains_unknown(new[key]) or not equivalent("", old[key], new[key]) or added(old[key], new[key])
        ):
            found[key] = "update"
    return found


def replacing(changed: Mapping[str, Kind]) -> list[str]:
    """Those of the changes that the API can't make on a living instance."""
    return [key for key in changed if key in REPLACING]


def permanent(actual: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """The properties that no update can make as `new` declares, for an instance whose inputs are `actual`."""
    found = {"accessibility"} if _is_public(actual, new) else set()
    return frozenset(found | ({"cloudDisks"} if _grown(actual, new) is not None else set()))


def permanent_differences(
    instance_id: str, urn: str, actual: Mapping[str, Any], new: Mapping[str, Any]
) -> list[Message]:
    """Why these can't be changed, what that costs and what ends it, one sentence each."""
    way_out = Text.REPLACE_IT(urn=urn)
    found = [Text.STAYS_PUBLIC(instance=instance_id, way_out=way_out)] if _is_public(actual, new) else []
    grown = _grown(actual, new)
    if grown is not None:
        billed = grown - TERMS.free_disk_gib.value
        cost = Text.GROWN_COST(gib=billed) if billed > 0 else ""
        found.append(Text.STAYS_GROWN(instance=instance_id, gib=grown, cost=cost, way_out=way_out))
    return found


def _is_public(actual: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    was_public = str(actual.get("accessibility")).upper() == "PUBLIC"
    return was_public and new.get("accessibility", "PRIVATE") == "PRIVATE"


def _grown(actual: Mapping[str, Any], new: Mapping[str, Any]) -> Decimal | None:
    """GiB of a system disk that is larger than declared."""
    found, declared = _system_gib(actual), _system_gib(new)
    return found if found is not None and declared is not None and found > declared else None


def _system_gib(inputs: Mapping[str, Any]) -> Decimal | None:
    disks = inputs.get("cloudDisks")
    if not disks or contains_unknown(disks):
        return None
    return next((capacity_gib(disk) for disk in filter(is_system, Node("cloudDisks", disks).entries)), None)
