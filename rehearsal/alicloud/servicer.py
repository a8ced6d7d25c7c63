"""Serves `alicloud:pai/workspaceWorkspace:WorkspaceWorkspace` from a local emulator.

The real plugin waits a fixed 30 s per workspace and is a download of hundreds of megabytes; a rehearsal needs
neither. This one takes the real one's configuration and talks to loopback addresses only. It is no kinder than the real
one: it adopts nothing, doesn't look before an update, and creates before it deletes.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from paidsw.cloud import CloudError, Connection, NotFound
from paidsw.cloud.clock import EmulatorClock
from paidsw.cloud.polling import Cancelled, Deadline, TimedOut, poll, retry
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core.emulator_name import REHEARSAL, is_name, is_url
from paidsw.core.versions import ALICLOUD
from paidsw.provider.engine import Engine
from paidsw.provider.errors import PartialFailure, ProviderError, clean_errors
from paidsw.provider.plugin import Context, PluginServicer, changes, checked, type_of
from paidsw.provider.values import Properties, decode, encode

T = TypeVar("T")
WORKSPACE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"
ENDPOINTS = "endpoints"
_FIELDS = {
    "workspaceName": "WorkspaceName",
    "description": "Description",
    "displayName": "DisplayName",
    "envTypes": "EnvTypes",
    "resourceGroupId": "ResourceGroupId",
}
_OUTPUTS = {"createTime": "GmtCreateTime", "status": "Status"}
_REQUIRED = ("workspaceName", "description", "envTypes")
_REPLACING = frozenset({"workspaceName", "envTypes"})
TIMEOUT = 360.0


class StandInServicer(PluginServicer):
    """The workspace of the alicloud package; every other resource is refused."""

    version = ALICLOUD

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._client: WorkspaceClient | None = None
        self._clock: EmulatorClock | None = None

    @clean_errors
    async def CheckConfig(self, request: Any, context: Context) -> Any:
        """Refuse any cloud that isn't on this machine."""
        values = decode(request.news).values
        try:
            emulator_of(values)
        except ProviderError as error:
            return checked(request.news, [(ENDPOINTS, error)])
        return checked(request.news, [])

    @clean_errors
    async def DiffConfig(self, request: Any, context: Context) -> Any:
        """A change of configuration replaces nothing."""
        return provider_pb2.DiffResponse(changes=changes(request.olds != request.news))

    @clean_errors
    async def Configure(self, request: Any, context: Context) -> Any:
        """Take endpoint and region as the real plugin's configuration has them."""
        values = decode(request.args).values
        emulator = emulator_of(values)
        self._clock = EmulatorClock(emulator)
        client = WorkspaceClient(Connection(emulator), str(values.get("region") or ""))
        self._client = client.until(self.cancelled)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @clean_errors
    async def Check(self, request: Any, context: Context) -> Any:
        """The required inputs, as in the real plugin."""
        _workspace_only(request.urn)
        news = decode(request.news)
        missing = [
            (name, f"{name} is missing; it is required") for name in _REQUIRED if name not in news.values
        ]
        return checked(encode({k: v for k, v in news.values.items() if k in _FIELDS}, news.secrets), missing)

    @clean_errors
    async def Diff(self, request: Any, context: Context) -> Any:
        """What changes, and what of it needs a new workspace."""
        old, new = decode(request.old_inputs).values, decode(request.news).values
        found = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
        return provider_pb2.DiffResponse(
            changes=changes(bool(found)),
            replaces=[name for name in found if name in _REPLACING],
            diffs=found,
        )

    @clean_errors
    async def Create(self, request: Any, context: Context) -> Any:
        """Create a workspace. After a lost reply the name is taken, and the cloud says so."""
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode(inputs.values, inputs.secrets))
        workspace_id = await self._persist(lambda: self._ready().create_workspace(_body(inputs.values)))
        state = await self._enabled(workspace_id, inputs)
        return provider_pb2.CreateResponse(id=workspace_id, properties=encode(state, inputs.secrets))

    @clean_errors
    async def Read(self, request: Any, context: Context) -> Any:
        """Refresh or import; an empty id means gone."""
        _workspace_only(request.urn)
        try:
            state = await self._state(request.id)
        except NotFound:
            return provider_pb2.ReadResponse(id="")
        # What the cloud fills in by itself is not an input; an import declares what it must.
        declared, secrets = decode(request.inputs), decode(request.properties).secrets
        names = declared.values or dict.fromkeys(_REQUIRED)
        inputs = {name: state[name] for name in _FIELDS if name in names}
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=encode(inputs, declared.secrets),
            properties=encode(state, declared.secrets | (secrets - declared.values.keys())),
        )

    @clean_errors
    async def Update(self, request: Any, context: Context) -> Any:
        """Change description or display name, and wait for one that a create left unfinished."""
        inputs = decode(request.news)
        if request.preview:
            state = {**decode(request.olds).values, **inputs.values}
            return provider_pb2.UpdateResponse(properties=encode(state, inputs.secrets))
        body = {k: v for k, v in _body(inputs.values).items() if k in ("Description", "DisplayName")}
        await self._persist(lambda: self._ready().update_workspace(request.id, body))
        state = await self._enabled(request.id, inputs)
        return provider_pb2.UpdateResponse(properties=encode(state, inputs.secrets))

    @clean_errors
    async def Delete(self, request: Any, context: Context) -> Any:
        """Delete; that it is gone already is success."""
        with contextlib.suppress(NotFound):
            await self._persist(lambda: self._ready().delete_workspace(request.id))
        return empty_pb2.Empty()

    async def _enabled(self, workspace_id: str, inputs: Properties) -> dict[str, Any]:
        """The workspace once it can be used, as the real plugin waits for it. Its id is never lost."""

        async def look() -> dict[str, Any] | None:
            try:
                state = await self._state(workspace_id)
            except NotFound:
                return None  # a read may lag behind
            return state if state["status"] == "ENABLED" else None

        clock, deadline = self._timing()
        try:
            return await poll(look, clock=clock, deadline=deadline, cancelled=self.cancelled)
        except (Cancelled, TimedOut):
            reason = f"workspace {workspace_id} was not ENABLED in time; run pulumi up again"
        except (CloudError, ProviderError) as error:
            reason = f"workspace {workspace_id} was made, but then: {error}; run pulumi up again"
        raise PartialFailure(
            workspace_id, inputs.values, [reason], secrets=inputs.secrets, refresh_before_update=False
        )

    async def _state(self, workspace_id: str) -> dict[str, Any]:
        found = await self._persist(lambda: self._ready().get_workspace(workspace_id))
        return {name: found.get(wire) for name, wire in {**_FIELDS, **_OUTPUTS}.items()}

    async def _persist(self, send: Callable[[], Awaitable[T]]) -> T:
        clock, deadline = self._timing()
        try:
            return await retry(send, clock=clock, deadline=deadline, cancelled=self.cancelled)
        except Cancelled:
            raise ProviderError("cancelled", "run pulumi again", code=grpc.StatusCode.CANCELLED) from None

    def _timing(self) -> tuple[EmulatorClock, Deadline]:
        if self._clock is None:
            raise ProviderError("the stand-in for alicloud was used before it was configured")
        return self._clock, Deadline(self._clock, TIMEOUT)

    def _ready(self) -> WorkspaceClient:
        if self._client is None:
            raise ProviderError("the stand-in for alicloud was used before it was configured")
        return self._client


def emulator_of(values: Mapping[str, Any]) -> str:
    """The emulator from `alicloud:endpoints` (a list, or its JSON text): its folder, or a loopback URL.

    ProviderError unless it is on this machine.
    """
    endpoints = values.get(ENDPOINTS)
    if isinstance(endpoints, str):
        try:
            endpoints = json.loads(endpoints)
        except ValueError:
            endpoints = None
    blocks = (
        [block for block in endpoints if isinstance(block, Mapping)] if isinstance(endpoints, list) else []
    )
    address = next((block["aiworkspace"] for block in blocks if block.get("aiworkspace")), None)
    name = address if isinstance(address, str) and is_name(address) else f"http://{address}"
    if is_url(str(address)) or not is_name(name):
        raise ProviderError(
            f"alicloud:endpoints has aiworkspace {address!r}, but a rehearsal talks to this machine only; "
            f"give the folder of an emulator, like {REHEARSAL}, or use the real stack"
        )
    return name


def _workspace_only(urn: str) -> None:
    token = type_of(urn)
    if token != WORKSPACE:
        raise ProviderError(
            f"the rehearsal can't make {token}: of alicloud it has {WORKSPACE} only",
            code=grpc.StatusCode.UNIMPLEMENTED,
        )


def _body(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {wire: inputs[name] for name, wire in _FIELDS.items() if name in inputs}
