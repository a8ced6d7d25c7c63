"""Functions of the provider, called by programs before any resource is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from pydantic import Field

from paidsw.cloud import Connection
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core import forms
from paidsw.core.redaction import keep
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import importing
from paidsw.provider.messages import Text
from paidsw.provider.outgoing import outgoing
from paidsw.provider.owner.look import PATIENCE, look
from paidsw.provider.property_model import PropertyModel
from paidsw.provider.resource_type import Start
from paidsw.rules.rule import INSTANCE_TYPE

GET_ACCESS = "paidsw:index:getAccess"
CHECK_IMPORT = "paidsw:index:checkImport"
CHECK_NAME = "paidsw:index:checkName"
GET_WORKSPACE = "paidsw:index:getWorkspace"
GET_OWNED_INSTANCE = "paidsw:index:getOwnedInstance"
ALL = (GET_ACCESS, CHECK_IMPORT, CHECK_NAME, GET_WORKSPACE, GET_OWNED_INSTANCE)
_TIMEOUT = 30.0


class ImportCheck(PropertyModel):
    """Arguments of `checkImport`."""

    region: str = Field(min_length=1, description="Region in which the instance is declared.")
    instance_id: str = Field(min_length=1, description="Id of the instance.")
    inputs: dict[str, Any] = Field(
        description="Inputs that declare it; without workspaceId for a workspace that the stack makes."
    )
    secrets: list[str] = Field(default=[], description="Names of the inputs that are secret.")
    project: str = Field(description="Project of the program.")
    stack: str = Field(description="Its stack.")


class NameCheck(PropertyModel):
    """Arguments of `checkName`."""

    name: str = Field(min_length=1, description="Name of a component at the top of the program.")
    former: list[str] = Field(default=[], description="Names that it had before, which are its aliases.")
    component: str = Field(min_length=1, description="Its type.")


class WorkspaceQuery(PropertyModel):
    """Arguments of `getWorkspace`."""

    region: str = Field(min_length=1, description="Region of the workspace.")
    workspace_name: str = Field(min_length=1, description="Its name.")


class OwnedInstanceQuery(PropertyModel):
    """Arguments of `getOwnedInstance`."""

    region: str = Field(min_length=1, description="Region of the owner's instances.")
    owner_id: str = Field(pattern=forms.OWNER_ID, description="Id of the owner.")
    replace_id: str | None = Field(default=None, description="Id of an instance that may be replaced.")


async def call(
    connection: Connection, start: Start, token: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Call a function by its token; `start` starts an operation in a region."""
    if token == GET_ACCESS:
        return await get_access(connection)
    if token == CHECK_IMPORT:
        return await check_import(start, arguments)
    if token == CHECK_NAME:
        return check_name(start, arguments)
    if token == GET_WORKSPACE:
        return await get_workspace(connection, start, arguments)
    if token == GET_OWNED_INSTANCE:
        return await get_owned_instance(start, arguments)
    raise ProviderError(
        Text.NOT_A_FUNCTION(token=token, known=", ".join(ALL)), code=grpc.StatusCode.INVALID_ARGUMENT
    )


async def get_access(connection: Connection) -> dict[str, Any]:
    """Whether there are credentials, and which link of the official chain has them (never the secret).

    Raises CredentialsMissing, whose sentence says where they were looked for.
    """
    if connection.emulator is not None:
        return {"source": "emulator", "emulator": connection.emulator}
    return {"source": await connection.credentials_source()}


async def check_import(start: Start, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What keeps an instance from being imported as it is declared: `problems`, a sentence each, in order.

    Raises CloudError where the cloud can't be asked: nothing may be imported then.
    """
    asked = ImportCheck.of(arguments)
    keep([asked.inputs.get(name) for name in asked.secrets])
    ledger = start(asked.region, _TIMEOUT).ledger
    # The engine imports without a word of what the program declares.
    ledger.secret_imports[f"{asked.region}/{asked.instance_id}"] = frozenset(asked.secrets)
    wanted = importing.Wanted(
        asked.region, asked.instance_id, asked.inputs, asked.project, asked.stack, asked.secrets
    )
    return {"problems": [outgoing(problem) for problem in await importing.problems(start, wanted)]}


def check_name(start: Start, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`problems`: that a new component may be one of the state by another name, by what the engine read.

    The engine makes another component of one that is renamed without an alias, and deletes the old one in the end. A
    name that the program has declared before is no component's old one.
    """
    asked = NameCheck.of(arguments)
    ledger = start("", _TIMEOUT).ledger
    ledger.named |= {asked.name, *asked.former}
    kind = f"{asked.component}${INSTANCE_TYPE}"
    there: dict[str, dict[str, str]] = {}
    for instance_id, one in ledger.recorded.items():
        *_, found, name = one.urn.split("::")
        if found == kind:
            there[name] = {"instance": instance_id, "urn": one.urn}
    if asked.former or asked.name in there:
        return {"problems": []}
    left = sorted(there.keys() - ledger.named)
    problems = [Text.RENAMED(old=old, new=asked.name, **there[old]) for old in left]
    return {"problems": [outgoing(problem) for problem in problems]}


async def get_workspace(connection: Connection, start: Start, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`workspaceId` and `description` of the workspace that has a name now, empty for none; deleted ones aren't shown.

    Raises CloudError where the cloud can't be asked.
    """
    asked = WorkspaceQuery.of(arguments)
    client = WorkspaceClient(connection, asked.region)
    op = start(asked.region, _TIMEOUT)
    found = await op.retry(lambda: client.find_workspaces(asked.workspace_name))
    [item] = found[:1] or [{}]
    members = {"workspaceId": "WorkspaceId", "description": "Description"}
    return {name: str(item.get(member) or "") for name, member in members.items()}


async def get_owned_instance(start: Start, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`instanceId`, `instanceName` and `workspaceId` of an owner's instance that lives and stays, empty for none.

    Raises CloudError where the cloud can't be asked.
    """
    asked = OwnedInstanceQuery.of(arguments)
    seen = await look(start(asked.region, PATIENCE), asked.owner_id)
    found = next((one for one in seen.living if one.instance_id != asked.replace_id), None)
    if found is None:
        return {"instanceId": "", "instanceName": "", "workspaceId": ""}
    return {
        "instanceId": found.instance_id,
        "instanceName": found.instance_name,
        "workspaceId": found.workspace_id,
    }
