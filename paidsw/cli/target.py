"""The notebook that a command means: the one named, the only one, or the only one of this project."""

from __future__ import annotations

from collections.abc import Sequence

from paidsw.audit.declared import owner
from paidsw.audit.model import Owner
from paidsw.cli.errors import CliError
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
            raise CliError(f"there is no {instance_id!r} in {region}", "see dsw status, or name its --region")
    candidates = [one for one in listed if one.status == RUNNING or not running]
    if not candidates:
        raise _none(listed, region)
    ours = [one for one in candidates if owner(one.instance_id, one.labels, None) is Owner.OURS]
    if len(candidates) == 1 or len(ours) == 1:
        return (candidates if len(candidates) == 1 else ours)[0]
    named = ", ".join(called(one) for one in candidates[:_MOST_NAMED])
    more = f" and {len(candidates) - _MOST_NAMED} more" if len(candidates) > _MOST_NAMED else ""
    raise CliError(
        f"{region} has several {'that run' if running else 'notebooks'}", f"give the id of one: {named}{more}"
    )


def _none(listed: Sequence[Instance], region: str) -> CliError:
    if not listed:
        return CliError(
            f"there is no notebook in {region}", "make one with pulumi up, or name another --region"
        )
    if len(listed) > 1:
        return CliError(
            f"no notebook is running in {region}", "start one with pulumi up, or name another --region"
        )
    (one,) = listed
    status = printable(one.status)
    if one.status in ON_THE_WAY_UP:
        return CliError(f"{called(one)} is not running yet but {status}", "wait a minute and run it again")
    return CliError(
        f"{called(one)} is not running but {status}", "pulumi up starts it, unless running is set to false"
    )


def called(instance: Instance) -> str:
    """Name and id, fit to be shown."""
    name, own_id = printable(instance.instance_name), printable(instance.instance_id)
    return f"{name} ({own_id})" if name else own_id
