"""What is said where the cloud could not be asked, so that nothing is done."""

from __future__ import annotations

from paidsw.cloud import CloudError
from paidsw.cloud.polling import Cancelled
from paidsw.core.messages import Message
from paidsw.provider.errors import cause
from paidsw.provider.messages import Text
from paidsw.provider.owner.messages import OwnerText


def reason(error: CloudError | Cancelled) -> Message | str:
    """Why there is no answer."""
    return Text.WAS_CANCELLED() if isinstance(error, Cancelled) else cause(error)


def next_step(error: CloudError | Cancelled, again: Message) -> Message | str:
    """What helps: what the error itself advises, or to do it `again`."""
    if isinstance(error, Cancelled):
        return again
    return OwnerText.THEN(first=error.advice, again=again) if error.advice else again
