"""Functions of the provider, called by programs before any resource is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc

from paidsw.cloud import Connection
from paidsw.provider.errors import ProviderError
from paidsw.provider.messages import Text

GET_ACCESS = "paidsw:index:getAccess"


async def call(connection: Connection, token: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Call a function by its token."""
    if token == GET_ACCESS:
        return await get_access(connection)
    raise ProviderError(
        Text.NOT_A_FUNCTION(token=token, only=GET_ACCESS), code=grpc.StatusCode.INVALID_ARGUMENT
    )


async def get_access(connection: Connection) -> dict[str, Any]:
    """Whether there are credentials, and which link of the official chain has them (never the secret).

    Raises CredentialsMissing, whose sentence says where they were looked for.
    """
    if connection.emulator is not None:
        return {"source": "emulator", "emulator": connection.emulator}
    return {"source": await connection.credentials_source()}
