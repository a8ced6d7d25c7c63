"""How an operation ends that began on an instance and doesn't end well: nothing may lose the instance's id."""

from __future__ import annotations

from collections.abc import Sequence

from paidsw.cloud import Instance, NotFound, Refused
from paidsw.cloud.models import ARREARS, RUNNING
from paidsw.cloud.polling import Cancelled, TimedOut, is_transient
from paidsw.core.messages import Message, UserError, listed
from paidsw.provider.errors import ProviderError, cause
from paidsw.provider.messages import Text

# How the cloud says that a region has no machine of the type.
_NO_STOCK = ("notenough", "nostock", "outofstock", "insufficient")


class Unfinished(ProviderError):
    """The instance exists, was last seen as `instance`, and isn't as declared for these `causes`."""

    def __init__(
        self, instance: Instance, causes: Sequence[Message | str], advice: Message | str = ""
    ) -> None:
        super().__init__(listed(causes, "; "), advice)
        self.instance = instance
        self.causes = list(causes)

    @property
    def reasons(self) -> list[UserError]:
        """The causes, each with the advice."""
        return [UserError(one, self.advice) for one in self.causes]


class StartFailed(ProviderError):
    """The instance reached a status that it won't leave by itself."""


class NotGuarded(ProviderError):
    """A declared guard could not be set."""


def described(error: Exception, instance: Instance, timeout: float, wanted: str = RUNNING) -> Message | str:
    """An error that ended an operation on an instance, which was to become `wanted`, as one sentence."""
    instance_id = instance.instance_id
    if isinstance(error, Cancelled):
        return Text.CANCELLED_WHILE(instance=instance_id, status=instance.status or "starting")
    if isinstance(error, TimedOut):
        last = instance.status or "without a status"
        return Text.NOT_IN_TIME(instance=instance_id, wanted=wanted, seconds=timeout, status=last)
    found = cause(error)
    if instance.status == ARREARS:
        return Text.STOPPED_FOR_DEBT(instance=instance_id, error=found)
    return found if instance_id in str(found) else Text.OF_INSTANCE(instance=instance_id, error=found)


def way_out(error: Exception, instance: Instance, *, deleted: bool = False) -> Message | str:
    """What ends such a failure; `deleted`: the instance was given up, since it held nothing yet."""
    if instance.status == ARREARS:
        return Text.SETTLE()
    if isinstance(error, NotFound):
        return Text.RUN_REFRESH_THEN_UP()
    if isinstance(error, UserError) and error.advice:
        return error.advice
    if deleted:
        return Text.RUN_UP_AGAIN()
    if isinstance(error, Refused) and not is_transient(error):
        return Text.CORRECT_THEN_UP()
    return Text.RUN_UP_OR_DESTROY()


def after_failed_start(instance: Instance) -> Message:
    """What can end a start's failure, by the reason that the cloud gives in its code or its message."""
    told = instance.reason.lower().replace(" ", "")
    if "image" in told or "pullbackoff" in told:
        return Text.CORRECT_IMAGE()
    if any(word in told for word in _NO_STOCK):
        return Text.UP_LATER()
    return Text.RUN_UP_OR_DESTROY()


def why(error: Exception, timeout: float) -> Message | str:
    """An error in brackets: its cause without advice; a cancel and a timeout in words."""
    if isinstance(error, Cancelled):
        return Text.WAS_CANCELLED()
    if isinstance(error, TimedOut):
        return Text.TOOK_TOO_LONG(seconds=timeout)
    return cause(error)
