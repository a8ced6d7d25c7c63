"""The provider `paidsw`: the protocol's calls on one side, typed inputs and states on the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from paidsw import __version__
from paidsw.cloud import Connection, DswClient
from paidsw.cloud.clock import Clock, SystemClock
from paidsw.provider import config, functions, schema
from paidsw.provider.engine import Engine
from paidsw.provider.errors import PartialFailure, ProviderError, clean_errors, sentence
from paidsw.provider.instance import resource
from paidsw.provider.instance.diff import Kind
from paidsw.provider.instance.inputs import InstanceInputs, with_defaults
from paidsw.provider.instance.state import SECRET_INPUTS, SECRET_OUTPUTS, State
from paidsw.provider.messages import Text
from paidsw.provider.operation import Ledger, Operation
from paidsw.provider.plugin import Context, PluginServicer, changes, checked, type_of
from paidsw.provider.values import contains_unknown, decode, encode

_KINDS: dict[Kind, tuple[Any, Any]] = {
    "add": (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    "delete": (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    "update": (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}


class PaiDswServicer(PluginServicer):
    """Serves `paidsw`: one resource, and the functions its component needs."""

    version = __version__

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.connection = Connection()
        self.clock: Clock = SystemClock()
        self._clients: dict[str, DswClient] = {}
        self._ledger = Ledger()

    @clean_errors
    async def GetSchema(self, request: Any, context: Context) -> Any:
        """The Pulumi package schema as JSON text."""
        return provider_pb2.GetSchemaResponse(schema=schema.text())

    @clean_errors
    async def CheckConfig(self, request: Any, context: Context) -> Any:
        """Refuse what isn't a configuration of ours."""
        return checked(request.news, config.failures(decode(request.news).values))

    @clean_errors
    async def DiffConfig(self, request: Any, context: Context) -> Any:
        """Another cloud replaces everything; anything else changes nothing."""
        old, new = decode(request.olds).values, decode(request.news).values
        moves = config.moves(old, new)
        changed = [key for key in config.KEYS if old.get(key) != new.get(key)]
        return provider_pb2.DiffResponse(
            changes=changes(bool(changed)),
            replaces=[config.EMULATOR] if moves else [],
            diffs=changed,
        )

    @clean_errors
    async def Configure(self, request: Any, context: Context) -> Any:
        """Take the configuration; nothing is called or loaded yet."""
        values = decode(request.args).values
        self.connection = config.connection(values)
        self.clock = self.connection.clock()
        self._clients.clear()
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @clean_errors
    async def Invoke(self, request: Any, context: Context) -> Any:
        """Call one of the functions."""
        arguments = decode(request.args).values
        result = await functions.call(self.connection, self._start(""), request.tok, arguments)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(result))
        return response

    @clean_errors
    async def Check(self, request: Any, context: Context) -> Any:
        """Shape and rules; no call to the cloud."""
        _known(request.urn)
        news = decode(request.news)
        found = resource.check(news.values, news.secrets, decode(request.olds).values)
        for advice in found.advice:
            await self.engine.log("warning", str(advice), request.urn)
        secrets = news.secrets | SECRET_INPUTS
        return checked(encode(found.inputs, secrets), found.failures)

    @clean_errors
    async def Diff(self, request: Any, context: Context) -> Any:
        """What changes, property by property; a replacement deletes first: a name is unique."""
        old, new = decode(request.old_inputs).values, decode(request.news).values
        difference = resource.difference(old, new, State.of(decode(request.olds).values))
        for advice in difference.advice:
            await self.engine.log("warning", str(advice), request.urn)
        return provider_pb2.DiffResponse(
            changes=changes(bool(difference.changes)),
            replaces=difference.replaces,
            deleteBeforeReplace=True,
            diffs=list(difference.changes),
            detailedDiff={
                name: provider_pb2.PropertyDiff(
                    kind=_KINDS[kind][name in difference.replaces], inputDiff=True
                )
                for name, kind in difference.changes.items()
            },
            hasDetailedDiff=True,
        )

    @clean_errors
    async def Create(self, request: Any, context: Context) -> Any:
        """Create, or say in a preview what a create would give."""
        start, values = self._starter(request.urn), decode(request.properties).values
        if request.preview:
            expected = await resource.preview(start, values)
            return provider_pb2.CreateResponse(
                properties=encode(expected, SECRET_OUTPUTS), refresh_before_update=True
            )
        creating = resource.create(start, request.timeout, _inputs(values))
        place, state = await self.undisturbed(creating)
        try:
            properties = encode(state.plain(), SECRET_OUTPUTS)
        except Exception as error:
            raise PartialFailure(str(place), {}, [sentence(error)]) from error
        return provider_pb2.CreateResponse(id=str(place), properties=properties, refresh_before_update=True)

    @clean_errors
    async def Read(self, request: Any, context: Context) -> Any:
        """Refresh or import, which comes without inputs; an empty id in the answer means gone."""
        values, known = decode(request.inputs).values, decode(request.properties).values
        place = _place(request.id, known, values)
        inputs = InstanceInputs.of(with_defaults(values)) if values else None
        state = await resource.read(self._starter(request.urn), place, inputs, State.of(known))
        if state is None:
            return provider_pb2.ReadResponse(id="", refresh_before_update=True)
        return provider_pb2.ReadResponse(
            # An id of an earlier version becomes one of this version here, before the engine compares it.
            id=str(place),
            inputs=encode(state.inputs.plain(), SECRET_INPUTS),
            properties=encode(state.plain(), SECRET_OUTPUTS),
            refresh_before_update=True,
        )

    @clean_errors
    async def Update(self, request: Any, context: Context) -> Any:
        """Update, or say in a preview what an update would give."""
        start = self._starter(request.urn)
        known, new = decode(request.olds).values, decode(request.news).values
        if request.preview:
            expected = await resource.preview(start, new, known)
            return provider_pb2.UpdateResponse(
                properties=encode(expected, SECRET_OUTPUTS), refresh_before_update=True
            )
        inputs, place = _inputs(new), _place(request.id, new)
        old = InstanceInputs.of(with_defaults(decode(request.old_inputs).values))
        updating = resource.update(start, request.timeout, place, old, inputs, State.of(known))
        state = await self.undisturbed(updating)
        return provider_pb2.UpdateResponse(
            properties=encode(state.plain(), SECRET_OUTPUTS), refresh_before_update=True
        )

    @clean_errors
    async def Delete(self, request: Any, context: Context) -> Any:
        """Delete, and wait until it is gone."""
        known, inputs = decode(request.properties).values, decode(request.old_inputs).values
        place = _place(request.id, known, inputs)
        declared = InstanceInputs.of({**known, **inputs})
        start = self._starter(request.urn)
        await self.undisturbed(resource.delete(start, request.timeout, place, declared))
        return empty_pb2.Empty()

    def _starter(self, urn: str) -> resource.Start:
        """How operations on one resource are started."""
        _known(urn)
        return self._start(urn)

    def _start(self, urn: str) -> resource.Start:
        def start(region: str, timeout: float) -> Operation:
            client = self.client(region)
            return Operation(urn, client, self.clock, self.engine, self.cancelled, timeout, self._ledger)

        return start

    def client(self, region: str) -> DswClient:
        """The client of a region; its SDK is loaded once."""
        if region not in self._clients:
            self._clients[region] = DswClient(self.connection, region)
        return self._clients[region]


def _known(urn: str) -> None:
    token = type_of(urn)
    if token != resource.TOKEN:
        raise ProviderError(
            Text.NOT_A_RESOURCE(token=token, only=resource.TOKEN), code=grpc.StatusCode.INVALID_ARGUMENT
        )


def _inputs(values: Mapping[str, Any]) -> InstanceInputs:
    """Inputs of a create or update. What isn't known can't be checked, so it isn't created."""
    unknown = sorted(key for key, value in values.items() if contains_unknown(value))
    if unknown:
        raise ProviderError(Text.NOT_KNOWN(names=", ".join(unknown)))
    return InstanceInputs.of(values)


def _place(identifier: str, *known: Mapping[str, Any]) -> resource.Place:
    """Where the resource with an id is, for an id of an earlier version by the last region that is `known`."""
    regions = [str(values["region"]) for values in known if values.get("region")]
    return resource.Place.of(identifier, *regions[-1:])
