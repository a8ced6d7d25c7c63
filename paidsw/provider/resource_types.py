"""The types of resources that the provider has, in the order of a stack."""

from __future__ import annotations

from paidsw.provider.instance.calls import InstanceType
from paidsw.provider.owner.cleanup import CleanupType
from paidsw.provider.owner.owner import OwnerType
from paidsw.provider.resource_type import ResourceType

TYPES: tuple[ResourceType, ...] = (OwnerType(), CleanupType(), InstanceType())
BY_TOKEN = {one.token: one for one in TYPES}
