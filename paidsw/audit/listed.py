"""An instance as a region lists it, and who owns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paidsw.audit.declared import Declared, owner
from paidsw.audit.endings import REAL, Endings
from paidsw.audit.evidence import doubt
from paidsw.audit.messages import Text
from paidsw.audit.model import Owner, Where
from paidsw.audit.regions import Service
from paidsw.cloud.models import DOWN, Instance
from paidsw.core.messages import Message
from paidsw.core.text import printable

SUBSCRIPTION = "Subscription"


@dataclass(frozen=True)
class ListedInstance:
    """An instance as a region lists it, and who owns it; `doubt` says why that isn't proven."""

    instance: Instance
    region: str
    owner: Owner
    doubt: Message | None = None
    endings: Endings = REAL

    @property
    def where(self) -> Where:
        """The instance as a place."""
        return Where(self.region, Service.DSW, self.instance.instance_id, self.instance.instance_name)

    @property
    def runs(self) -> bool:
        """Whether a machine is up; an unknown status counts as up."""
        return self.instance.status not in DOWN

    @property
    def pays_as_it_goes(self) -> bool:
        """Whether it isn't paid for in advance."""
        return self.instance.payment_type != SUBSCRIPTION

    @property
    def release(self) -> Message:
        """The command that deletes it, no matter who owns it."""
        return self.endings.release(printable(self.instance.instance_id, 64), self.region)

    @property
    def ending(self) -> Message:
        """What ends it for good."""
        return self.endings.instance(self.instance, self.region, self.owner)


def read(
    item: Mapping[str, Any], region: str, declared: Declared | None, endings: Endings = REAL
) -> ListedInstance:
    """An item of ListInstances."""
    return compared(Instance.from_wire(dict(item)), region, declared, endings)


def compared(
    instance: Instance, region: str, declared: Declared | None, endings: Endings = REAL
) -> ListedInstance:
    """An instance, and whose it is by a stack's state, whose time must be the cloud's."""
    whose, why = owner(instance.instance_id, instance.labels, declared), None
    if whose is Owner.UNPROVEN:
        why = Text.EARLIER_VERSION()
    elif whose is Owner.UNDECLARED and declared is not None and (why := doubt(instance, declared)):
        whose = Owner.UNPROVEN
    return ListedInstance(instance, region, whose, why, endings)
