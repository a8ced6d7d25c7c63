"""Whether a stack's state proves that an instance, which it doesn't declare, is left over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from paidsw.audit.declared import Declared
from paidsw.audit.messages import Text
from paidsw.cloud import Instance
from paidsw.core.messages import Message
from paidsw.core.times import parsed, written

# The cloud tells times to the second.
_SECOND = timedelta(seconds=1)


def in_cloud_time(declared: Declared, now: datetime) -> Declared:
    """The same, with the time of the state by the cloud's clock, which is at `now`: an emulator has its own."""
    if declared.written is None:
        return declared
    return replace(declared, written=declared.written + (now - datetime.now(UTC)))


def doubt(instance: Instance, declared: Declared) -> Message | None:
    """Why an instance with this stack's owner may not be left over, though the state doesn't declare it."""
    if declared.empty:
        return Text.STATE_IS_EMPTY()
    if declared.written is None:
        return Text.STATE_HAS_NO_TIME()
    if declared.pending:
        return Text.CREATE_IS_PENDING()
    if declared.outdated:
        return Text.STATE_IS_OUTDATED()
    if declared.current:
        return None
    changed = changed_at(instance)
    if changed is None:
        return Text.AGE_UNKNOWN()
    if declared.written < changed + _SECOND:
        return Text.STATE_IS_OLDER(state=written(declared.written), changed=written(changed))
    return None


def changed_at(instance: Instance) -> datetime | None:
    """When an instance was made or changed last; None where that can't be told."""
    try:
        made = parsed(instance.gmt_create_time)
        return max(made, parsed(instance.gmt_modified_time)) if instance.gmt_modified_time else made
    except ValueError:
        return None
