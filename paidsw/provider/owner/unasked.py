"""What is said where the cloud could not be asked, so that nothing is done."""

from __future__ import annotations

from paidsw.cloud import CloudError
from paidsw.cloud.errors import is_permission
from paidsw.cloud.permissions import ACTIONS
from paidsw.cloud.polling import Cancelled
from paidsw.core.messages import Message
from paidsw.provider.errors import cause
from paidsw.provider.messages import Text


def reason(error: CloudError | Cancelled) -> Message | str:
    """Why there is no answer."""
    return Text.WAS_CANCELLED() if isinstance(error, Cancelled) else cause(error)


def next_step(error: CloudError | Cancelled, again: Message) -> Message | str:
    """What helps: what the error itself advises, a permission, or to do it `again`."""
    if isinstance(error, Cancelled):
        return again
    if is_permission(error):
        actions = " and ".join(ACTIONS.get(error.operation, (error.operation,)))
        return Text.GRANT_THEN(actions=actions, again=again)
    return Text.THEN(first=error.advice, again=again) if error.advice else again
