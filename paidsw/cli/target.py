"""The notebook that a command means: the one named, this project's, or the only one; and whose it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from paidsw.audit.declared import Declared, owner, stack_of
from paidsw.audit.model import Owner
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.models import ON_THE_WAY_UP, RUNNING
from paidsw.core.messages import Message
from paidsw.core.text import printable

_MOST_NAMED = 10
_LONGEST = 150
# The owners of this project's stack, those whose notebooks come first.
_OURS = (Owner.DECLARED, Owner.UNDECLARED)


async def found(
    connection: Connection,
    region: str,
    instance_id: str | None,
    *,
    running: bool = False,
    state: Declared | None = None,
) -> tuple[DswClient, Instance]:
    """The notebook, and a client of its region. Raises CliError where it can't be told which.

    `state` is what this project's stack declares, as far as that is known.
    """
    client = DswClient(connection, region)
    try:
        listed = await client.all_instances()
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None
    return client, announced(listed, region, instance_id, running=running, state=state)


def announced(
    listed: Sequence[Instance],
    region: str,
    instance_id: str | None,
    *,
    running: bool = False,
    state: Declared | None = None,
) -> Instance:
    """The one that `choose` gives; says on standard error whose it is, unless it is the only one and this stack's."""
    chosen = choose(listed, region, instance_id, running=running, state=state)
    whose = owner(chosen.instance_id, chosen.labels, state)
    if len(listed) > 1 or (state is not None and whose is not Owner.DECLARED):
        print(f"{called(chosen)}: {whose_it_is(chosen, state)}", file=sys.stderr, flush=True)
    return chosen


def choose(
    listed: Sequence[Instance],
    region: str,
    instance_id: str | None,
    *,
    running: bool = False,
    state: Declared | None = None,
) -> Instance:
    """The one that is named, or else this stack's by its state, the only one, or the only one with our labels."""
    if instance_id is not None:
        listed = [one for one in listed if one.instance_id == instance_id]
        if not listed:
            raise CliError(Text.NOT_THERE(instance=instance_id, region=region), Text.SEE_STATUS())
    else:
        listed = _of_this_stack(listed, state) or listed
    candidates = [one for one in listed if one.status == RUNNING or not running]
    if not candidates:
        raise _none(listed, region)
    ours = [one for one in candidates if owner(one.instance_id, one.labels, None) is Owner.OURS]
    if len(candidates) == 1 or len(ours) == 1:
        return (candidates if len(candidates) == 1 else ours)[0]
    named = ", ".join(called(one) for one in candidates[:_MOST_NAMED])
    more = len(candidates) - _MOST_NAMED
    several = Text.SEVERAL_RUN if running else Text.SEVERAL
    give = Text.GIVE_ID_OF_MORE(names=named, count=more) if more > 0 else Text.GIVE_ID(names=named)
    raise CliError(several(region=region), give)


def _of_this_stack(listed: Sequence[Instance], state: Declared | None) -> list[Instance]:
    """What this stack declares, or else what it only owns; what somebody else has never stands in for it."""
    for wanted in _OURS if state is not None else ():
        mine = [one for one in listed if owner(one.instance_id, one.labels, state) is wanted]
        if mine:
            return mine
    return []


def whose_it_is(instance: Instance, state: Declared | None) -> Message:
    """Whose a notebook is, by the state of this project's stack or else by its labels."""
    whose = owner(instance.instance_id, instance.labels, state)
    stack = printable(stack_of(instance.labels), _LONGEST) or "?"
    text = {
        Owner.DECLARED: Text.OF_THIS_STACK,
        Owner.UNDECLARED: Text.OF_THIS_STACK_UNDECLARED,
        Owner.UNPROVEN: Text.PERHAPS_OF_THIS_STACK,
        Owner.OTHER_OWNER: Text.OF_ANOTHER_STATE,
        Owner.NOT_OURS: Text.NOT_OF_THIS_PROJECT,
    }.get(whose, Text.OF_STACK)
    return text(stack=stack)


def _none(listed: Sequence[Instance], region: str) -> CliError:
    if not listed:
        return CliError(Text.NO_NOTEBOOK(region=region), Text.MAKE_ONE())
    if len(listed) > 1:
        return CliError(Text.NONE_RUNS(region=region), Text.START_ONE())
    (one,) = listed
    status = printable(one.status)
    if one.status in ON_THE_WAY_UP:
        return CliError(Text.NOT_YET_RUNNING(notebook=called(one), status=status), Text.WAIT())
    return CliError(Text.NOT_RUNNING(notebook=called(one), status=status), Text.UP_STARTS_IT())


def called(instance: Instance) -> str:
    """Name and id, fit to be shown."""
    name, own_id = printable(instance.instance_name), printable(instance.instance_id)
    return f"{name} ({own_id})" if name else own_id
