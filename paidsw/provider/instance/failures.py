"""How an operation ends that began on an instance and doesn't end well: nothing may lose the instance's id."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paidsw.cloud import Instance
from paidsw.cloud.models import ARREARS, RUNNING
from paidsw.cloud.polling import Cancelled, TimedOut
from paidsw.core.messages import Message, UserError
from paidsw.provider.errors import ProviderError, cause
from paidsw.provider.instance.entitlement import NotPaidFor
from paidsw.provider.messages import Text

_OWING = frozenset({ARREARS, "ArrearStopping"})
# The codes aren't documented but for two examples: InternalError and ImagePullBackOff.
_OF_IMAGE = re.compile(
    r"image.{0,3}pull|pull.{0,40}image|invalid.{0,3}image|image.{0,40}not (found|exist)", re.I
)
_OF_STOCK = re.compile(
    r"sold.?out|no.?stock|out.?of.?stock|(resource|capacity).{0,20}(insufficient|not.?enough)", re.I
)


class Unfinished(ProviderError):
    """The instance exists, was last seen as `instance`, and isn't as declared for these `causes`."""

    def __init__(
        self, instance: Instance, causes: Sequence[Message | str], advice: Message | str = ""
    ) -> None:
        super().__init__("; ".join(map(str, causes)), advice)
        self.instance = instance
        self.causes = [str(one) for one in causes]

    @property
    def reasons(self) -> list[str]:
        """The causes, each with the advice."""
        return [f"{one}; {self.advice}" if self.advice else one for one in self.causes]


class StartFailed(ProviderError):
    """The instance reached a status that it won't leave by itself."""


class NotGuarded(ProviderError):
    """A declared guard could not be set."""


def described(error: Exception, instance: Instance, timeout: float, wanted: str = RUNNING) -> str:
    """An error that ended an operation on an instance, which was to become `wanted`, as one sentence."""
    instance_id = instance.instance_id
    if isinstance(error, Cancelled):
        return str(Text.CANCELLED_WHILE(instance=instance_id, status=instance.status or "starting"))
    if isinstance(error, TimedOut):
        last = instance.status or "without a status"
        return str(Text.NOT_IN_TIME(instance=instance_id, wanted=wanted, seconds=timeout, status=last))
    found = cause(error)
    if instance.status in _OWING:
        return str(Text.STOPPED_FOR_DEBT(instance=instance_id, owing=Text.OWING(), error=found))
    return found if instance_id in found else str(Text.OF_INSTANCE(instance=instance_id, error=found))


def next_step(error: Exception, instance: Instance) -> Message | str:
    """What ends the trouble that ended an operation on an instance; empty where its sentence has said that."""
    if instance.status in _OWING or isinstance(error, NotPaidFor):
        return ""
    return error.advice if isinstance(error, UserError) and error.advice else Text.RUN_UP_OR_DESTROY()


def after_failed_start(reason: str) -> Message | str:
    """What helps where the cloud says that a start failed for this reason; empty where another start may do."""
    if _OF_IMAGE.search(reason):
        return Text.CORRECT_IMAGE()
    return Text.LATER_OR_OTHER_TYPE() if _OF_STOCK.search(reason) else ""


def why(error: Exception, timeout: float) -> str:
    """An error in brackets: its cause without advice; a cancel and a timeout in words."""
    if isinstance(error, Cancelled):
        return str(Text.WAS_CANCELLED())
    if isinstance(error, TimedOut):
        return str(Text.TOOK_TOO_LONG(seconds=timeout))
    return cause(error)
