"""The provider `paidsw`: the protocol's calls on one side, the types of resources on the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from paidsw import __version__
from paidsw.cloud import Connection, DswClient
from paidsw.cloud.clock import Clock, SystemClock
from paidsw.core.messages import Message
from paidsw.provider import config, functions, schema
from paidsw.provider.engine import Engine
from paidsw.provider.errors import PartialFailure, ProviderError, clean_errors, sentence
from paidsw.provider.journal import Journal
from paidsw.provider.messages import Text
from paidsw.provider.operation import Ledger, Operation
from paidsw.provider.plugin import Context, PluginServicer, changes, checked, type_of
from paidsw.provider.resource_type import Call, Kind, ResourceType, Start, refuse_unknown
from paidsw.provider.resource_types import BY_TOKEN
from paidsw.provider.values import decode, encode

_KINDS: dict[Kind, tuple[Any, Any]] = {
    "add": (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    "delete": (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    "update": (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}


class PaiDswServicer(PluginServicer):
    """Serves `paidsw`: its resources, and the functions its component needs."""

    version = __version__
    hidden = frozenset[str]().union(*(kind.secret_inputs | kind.secret_outputs for kind in BY_TOKEN.values()))

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.connection = Connection()
        self.clock: Clock = SystemClock()
        self._clients: dict[str, DswClient] = {}
        self.ledger = Ledger()
        self.journal = Journal.at_home()

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
        """A change replaces nothing, and the change to another cloud is refused: it would leave or delete notebooks."""
        old, new = decode(request.olds).values, decode(request.news).values
        config.refuse_other_cloud(old, new)
        changed = [key for key in config.KEYS if old.get(key) != new.get(key)]
        return provider_pb2.DiffResponse(changes=changes(bool(changed)), diffs=changed)

    @clean_errors
    async def Configure(self, request: Any, context: Context) -> Any:
        """Take the configuration; nothing is called or loaded yet."""
        values = decode(request.args).values
        self.connection = config.connection(values)
        self.clock = self.connection.clock()
        self.journal = Journal.at_home(self.connection.emulator or "")
        self._clients.clear()
        self.ledger = Ledger()
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
        kind, news = _type(request.urn), decode(request.news)
        self.ledger.has_program = True
        call = self._call(request.urn, new=request.news, old=request.olds, secrets=news.secrets)
        found = kind.check(call)
        await self._advise(request.urn, found.advice)
        return checked(encode(found.inputs, news.secrets | kind.secret_inputs), found.failures)

    @clean_errors
    async def Diff(self, request: Any, context: Context) -> Any:
        """What changes, property by property."""
        kind = _type(request.urn)
        values = {"old": request.old_inputs, "new": request.news, "state": request.olds}
        difference = await kind.diff(self._call(request.urn, request.id, **values))
        await self._advise(request.urn, difference.advice)
        return provider_pb2.DiffResponse(
            changes=changes(bool(difference.changes)),
            replaces=difference.replaces,
            deleteBeforeReplace=kind.deletes_first,
            diffs=list(difference.changes),
            detailedDiff={
                name: provider_pb2.PropertyDiff(
                    kind=_KINDS[change][name in difference.replaces], inputDiff=True
                )
                for name, change in difference.changes.items()
            },
            hasDetailedDiff=True,
        )

    @clean_errors
    async def Create(self, request: Any, context: Context) -> Any:
        """Create, or say in a preview what a create would give."""
        kind = _type(request.urn)
        call = self._call(request.urn, new=request.properties, seconds=request.timeout)
        reads = kind.read_before_update
        if request.preview:
            expected = encode(await kind.preview(call), kind.secret_outputs)
            return provider_pb2.CreateResponse(properties=expected, refresh_before_update=reads)
        refuse_unknown(call.new)
        kept = await self.undisturbed(kind.create(call))
        try:
            properties = encode(kept.properties, kind.secret_outputs)
        except Exception as error:
            raise PartialFailure(kept.identifier, {}, [sentence(error)]) from error
        return provider_pb2.CreateResponse(
            id=kept.identifier, properties=properties, refresh_before_update=reads
        )

    @clean_errors
    async def Read(self, request: Any, context: Context) -> Any:
        """Refresh or import, which comes without inputs; an empty id in the answer means gone."""
        kind = _type(request.urn)
        call = self._call(request.urn, request.id, old=request.inputs, state=request.properties)
        kept = await kind.read(call)
        reads = kind.read_before_update
        if kept is None:
            return provider_pb2.ReadResponse(id="", refresh_before_update=reads)
        return provider_pb2.ReadResponse(
            id=kept.identifier,
            inputs=encode(kept.inputs, kind.secret_inputs),
            properties=encode(kept.properties, kind.secret_outputs),
            refresh_before_update=reads,
        )

    @clean_errors
    async def Update(self, request: Any, context: Context) -> Any:
        """Update, or say in a preview what an update would give."""
        kind = _type(request.urn)
        values = {"old": request.old_inputs, "new": request.news, "state": request.olds}
        call = self._call(request.urn, request.id, seconds=request.timeout, **values)
        if request.preview:
            properties = await kind.preview(call)
        else:
            refuse_unknown(call.new)
            properties = await self.undisturbed(kind.update(call))
        return provider_pb2.UpdateResponse(
            properties=encode(properties, kind.secret_outputs), refresh_before_update=kind.read_before_update
        )

    @clean_errors
    async def Delete(self, request: Any, context: Context) -> Any:
        """Delete, and wait until it is gone."""
        kind = _type(request.urn)
        values = {"old": request.old_inputs, "state": request.properties}
        call = self._call(request.urn, request.id, seconds=request.timeout, **values)
        await self.undisturbed(kind.delete(call))
        return empty_pb2.Empty()

    async def _advise(self, urn: str, advice: Iterable[Message]) -> None:
        for text in advice:
            await self.engine.log("warning", text, urn)

    def _call(
        self,
        urn: str,
        identifier: str = "",
        *,
        seconds: float = 0,
        secrets: frozenset[str] = frozenset(),
        **values: Any,
    ) -> Call:
        """A call about a resource, its `old`, `new` and `state` decoded."""
        decoded = {name: decode(value).values for name, value in values.items()}
        start = self._start(urn)
        return Call(start, identifier, seconds=seconds, secrets=secrets, ledger=self.ledger, **decoded)

    def _start(self, urn: str) -> Start:
        """How operations are started, on a resource or (without a URN) on none."""

        def start(region: str, timeout: float) -> Operation:
            client = self.client(region)
            return Operation(
                urn, client, self.clock, self.engine, self.cancelled, timeout, self.ledger, self.journal
            )

        return start

    def client(self, region: str) -> DswClient:
        """The client of a region; its SDK is loaded once."""
        if region not in self._clients:
            self._clients[region] = DswClient(self.connection, region)
        return self._clients[region]


def _type(urn: str) -> ResourceType:
    """The type of a resource, by its URN."""
    token = type_of(urn)
    if token not in BY_TOKEN:
        raise ProviderError(
            Text.NOT_A_RESOURCE(token=token, known=", ".join(sorted(BY_TOKEN))),
            code=grpc.StatusCode.INVALID_ARGUMENT,
        )
    return BY_TOKEN[token]
