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
from paidsw.provider import config, functions, schema, secrecy
from paidsw.provider.engine import Engine
from paidsw.provider.errors import PartialFailure, ProviderError, clean_errors, sentence
from paidsw.provider.journal import Journal
from paidsw.provider.messages import Text
from paidsw.provider.operation import Ledger, Operation
from paidsw.provider.plugin import Context, PluginServicer, changes, checked, type_of
from paidsw.provider.resource_type import Call, Kind, ResourceType, Start, refuse_unknown
from paidsw.provider.resource_types import BY_TOKEN
from paidsw.provider.values import NOTHING, Properties, decode, encode

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
        arguments = decode(request.args)
        result = await functions.call(self.connection, self._start(""), request.tok, arguments.values)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(result, result if arguments.secrets else ()))
        return response

    @clean_errors
    async def Check(self, request: Any, context: Context) -> Any:
        """Shape and rules; no call to the cloud."""
        kind, news = _type(request.urn), decode(request.news)
        self.ledger.has_program = True
        found = kind.check(self._call(request.urn, new=news, old=decode(request.olds)))
        await self._advise(request.urn, found.advice)
        failures = [*found.failures, *secrecy.problems(kind, news)]
        return checked(encode(found.inputs, secrecy.of_inputs(kind, news)), failures)

    @clean_errors
    async def Diff(self, request: Any, context: Context) -> Any:
        """What changes, property by property."""
        kind = _type(request.urn)
        old, new, state = _compared(request)
        difference = await kind.diff(self._call(request.urn, request.id, old=old, new=new, state=state))
        await self._advise(request.urn, self._unsaid(difference.advice))
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
        kind, new = _type(request.urn), decode(request.properties)
        call = self._call(request.urn, seconds=request.timeout, new=new)
        reads, secrets = kind.read_before_update, secrecy.of_properties(kind, new)
        if request.preview:
            expected = encode(await kind.preview(call), secrets)
            return provider_pb2.CreateResponse(properties=expected, refresh_before_update=reads)
        refuse_unknown(call.new)
        with secrecy.kept(secrets):
            kept = await self.undisturbed(kind.create(call))
        try:
            properties = encode(kept.properties, secrets)
        except Exception as error:
            raise PartialFailure(kept.identifier, {}, [sentence(error)]) from error
        return provider_pb2.CreateResponse(
            id=kept.identifier, properties=properties, refresh_before_update=reads
        )

    @clean_errors
    async def Read(self, request: Any, context: Context) -> Any:
        """Refresh or import, which comes without inputs; an empty id in the answer means gone."""
        kind, old, state = _type(request.urn), decode(request.inputs), decode(request.properties)
        if not old.values:
            old = Properties({}, self.ledger.secret_imports.get(request.id, frozenset()))
        reads, secrets = kind.read_before_update, secrecy.of_properties(kind, old, state)
        with secrecy.kept(secrets):
            kept = await kind.read(self._call(request.urn, request.id, old=old, state=state))
        if kept is None:
            return provider_pb2.ReadResponse(id="", refresh_before_update=reads)
        return provider_pb2.ReadResponse(
            id=kept.identifier,
            inputs=encode(kept.inputs, secrecy.of_inputs(kind, old)),
            properties=encode(kept.properties, secrets),
            refresh_before_update=reads,
        )

    @clean_errors
    async def Update(self, request: Any, context: Context) -> Any:
        """Update, or say in a preview what an update would give."""
        kind, (old, new, state) = _type(request.urn), _compared(request)
        call = self._call(request.urn, request.id, seconds=request.timeout, old=old, new=new, state=state)
        secrets = secrecy.of_properties(kind, new, state)
        if request.preview:
            properties = await kind.preview(call)
        else:
            refuse_unknown(call.new)
            with secrecy.kept(secrets):
                properties = await self.undisturbed(kind.update(call))
        return provider_pb2.UpdateResponse(
            properties=encode(properties, secrets), refresh_before_update=kind.read_before_update
        )

    @clean_errors
    async def Delete(self, request: Any, context: Context) -> Any:
        """Delete, and wait until it is gone."""
        kind = _type(request.urn)
        old, state = decode(request.old_inputs), decode(request.properties)
        call = self._call(request.urn, request.id, seconds=request.timeout, old=old, state=state)
        await self.undisturbed(kind.delete(call))
        return empty_pb2.Empty()

    def _unsaid(self, advice: Iterable[Message]) -> list[Message]:
        """What no other diff of this run has said: an owner and its instance tell of one replacement."""
        fresh = [text for text in advice if not (text.values and str(text) in self.ledger.said)]
        self.ledger.said.update(map(str, fresh))
        return fresh

    async def _advise(self, urn: str, advice: Iterable[Message]) -> None:
        for text in advice:
            await self.engine.log("warning", text, urn)

    def _call(
        self,
        urn: str,
        identifier: str = "",
        *,
        seconds: float = 0,
        old: Properties = NOTHING,
        new: Properties = NOTHING,
        state: Properties = NOTHING,
    ) -> Call:
        """A call about a resource, with what the engine gives of it."""
        return Call(
            self._start(urn),
            identifier,
            old.values,
            new.values,
            state.values,
            secrets=old.secrets | new.secrets | state.secrets,
            seconds=seconds,
            ledger=self.ledger,
        )

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


def _compared(request: Any) -> tuple[Properties, Properties, Properties]:
    """What a diff and an update compare: the inputs in the state, the program's, and the properties in the state."""
    return decode(request.old_inputs), decode(request.news), decode(request.olds)


def _type(urn: str) -> ResourceType:
    """The type of a resource, by its URN."""
    token = type_of(urn)
    if token not in BY_TOKEN:
        raise ProviderError(
            Text.NOT_A_RESOURCE(token=token, known=", ".join(sorted(BY_TOKEN))),
            code=grpc.StatusCode.INVALID_ARGUMENT,
        )
    return BY_TOKEN[token]
