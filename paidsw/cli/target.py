"""The notebook that a command means: the one named, the only one, or the only one of this project."""

from __future__ import annotations

from collections.abc import Sequence

from paidsw.audit.declared import owner
from paidsw.audit.model import Owner
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cloud import CloudError, Connection, DswClient, Instance
from paidsw.cloud.models import ON_THE_WAY_UP, RUNNING
from paidsw.core.text import printable

_MOST_NAMED = 10


async def found(
    connection: Connection, region: str, instance_id: str | None, *, running: bool = False
) -> tuple[DswClient, Instance]:
    """The notebook, and a client of its region. Raises CliError where it can't be told which."""
    client = DswClient(connection, region)
    try:
        return client, choose(await client.all_instances(), region, instance_id, running=running)
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None


def choose(
    listed: Sequence[Instance], region: str, instance_id: str | None, *, running: bool = False
) -> Instance:
    """The one that is named, or else the only one, or else the only one with this project's labels."""
    if instance_id is not None:
        listed = [one for one in listed if one.instance_id == instance_id]
        if not listed:
            raise CliError(Text.NOT_THERE(instance=instance_id, region=region), Text.SEE_STATUS())
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
