"""The provider `paidsw`: the protocol's resource calls on one side, plain values on the other."""

from __future__ import annotations

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
from paidsw.provider.instance.compare import Kind
from paidsw.provider.operation import Ledger, Operation
from paidsw.provider.plugin import Context, PluginServicer, changes, checked, type_of
from paidsw.provider.values import decode, encode

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
        result = await functions.call(self.connection, request.tok, decode(request.args).values)
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
            await self.engine.log("warning", advice, request.urn)
        secrets = news.secrets | resource.SECRET_INPUTS
        return checked(encode(found.inputs, secrets), found.failures)

    @clean_errors
    async def Diff(self, request: Any, context: Context) -> Any:
        """What changes, property by property; a replacement deletes first, since name and quota are single."""
        old, new = decode(request.old_inputs).values, decode(request.news).values
        difference = resource.diff(old, new, decode(request.olds).values)
        for advice in difference.advice:
            await self.engine.log("warning", advice, request.urn)
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
        inputs = decode(request.properties)
        if request.preview:
            await resource.foresee(self._starter(request.urn), inputs.values)
            state = resource.preview(inputs.values)
            return provider_pb2.CreateResponse(
                properties=encode(state, resource.SECRETS), refresh_before_update=True
            )
        start = self._starter(request.urn)
        instance_id, state = await self.undisturbed(resource.create(start, request.timeout, inputs.values))
        try:
            properties = encode(state, resource.SECRETS)
        except Exception as error:
            raise PartialFailure(instance_id, {}, [sentence(error)]) from error
        return provider_pb2.CreateResponse(id=instance_id, properties=properties, refresh_before_update=True)

    @clean_errors
    async def Read(self, request: Any, context: Context) -> Any:
        """Refresh or import. An import's id is REGION/INSTANCE_ID; an empty id in the answer means gone."""
        inputs, state = decode(request.inputs).values, decode(request.properties).values
        region, instance_id = resource.locate(request.id, {**state, **inputs})
        found = await resource.read(self._starter(request.urn), instance_id, inputs, state, region)
        if found is None:
            return provider_pb2.ReadResponse(id="", refresh_before_update=True)
        return provider_pb2.ReadResponse(
            id=instance_id,
            inputs=encode(found[0], resource.SECRET_INPUTS),
            properties=encode(found[1], resource.SECRETS),
            refresh_before_update=True,
        )

    @clean_errors
    async def Update(self, request: Any, context: Context) -> Any:
        """Update, or say in a preview what an update would give."""
        old, new = decode(request.old_inputs).values, decode(request.news).values
        if request.preview:
            known = decode(request.olds).values
            await resource.foresee(self._starter(request.urn), new, known)
            state = resource.preview(new, known)
        else:
            start, known = self._starter(request.urn), decode(request.olds).values
            changing = resource.update(start, request.timeout, request.id, old, new, known)
            state = await self.undisturbed(changing)
        return provider_pb2.UpdateResponse(
            properties=encode(state, resource.SECRETS), refresh_before_update=True
        )

    @clean_errors
    async def Delete(self, request: Any, context: Context) -> Any:
        """Delete, and wait until it is gone."""
        known = {**decode(request.properties).values, **decode(request.old_inputs).values}
        region, instance_id = resource.locate(request.id, known)
        start = self._starter(request.urn)
        await self.undisturbed(resource.delete(start, request.timeout, instance_id, region, known))
        return empty_pb2.Empty()

    def _starter(self, urn: str) -> resource.Start:
        """How operations on one resource are started."""
        _known(urn)

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
            f"{token} is not a resource of paidsw; the only one is {resource.TOKEN}",
            grpc.StatusCode.INVALID_ARGUMENT,
        )
