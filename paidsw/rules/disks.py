"""Reading of `cloudDisks`, shared by the two rules about disks."""

import re
from decimal import Decimal

from paidsw.core.values import Node
from paidsw.rules.rule import Resource

_CAPACITY = re.compile(r"([1-9][0-9]{0,8})Gi")


def capacity_gib(disk: Node) -> Decimal | None:
    """GiB of a disk's `capacity`; None where it is missing or not of the form "100Gi"."""
    found = _CAPACITY.fullmatch(disk["capacity"].text or "")
    return Decimal(found[1]) if found else None


def is_system(disk: Node) -> bool:
    """Whether an entry of `cloudDisks` is the system disk."""
    return disk["subType"].text == "rootfs"


def usable(instance: Resource) -> bool:
    """Whether `cloudDisks` is absent (the cloud's default: the free system disk) or a list."""
    disks = instance["cloudDisks"]
    return disks.absent or isinstance(disks.value, list | tuple)
