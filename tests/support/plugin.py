"""The provider on a real gRPC port, spoken to as the engine speaks to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from paidsw.provider.engine import Engine
from paidsw.provider.plugin import PluginServicer
from paidsw.provider.values import Properties, decode, encode
from tests.support.planted import in_clear
from tests.support.waiting import PATIENCE

URN = "urn:pulumi:dev::dsw-free-tier::paidsw:index:FreeTierNotebook$paidsw:index:Instance::notebook"


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """The side of the engine that providers see: it collects what they report."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str, bool]] = []

    def Log(self, request: Any, context: Any) -> Any:
        self.lines.append((request.severity, request.message, request.ephemeral))
        return empty_pb2.Empty()

    @property
    def messages(self) -> list[str]:
        return [message for _, message, _ in self.lines]


@dataclass
class Failure(Exception):
    """An error as the engine gets it."""

    code: grpc.StatusCode
    message: str
    instance_id: str = ""
    resource_id: str = ""
    reasons: list[str] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    secret_inputs: frozenset[str] = frozenset()
    refresh_before_update: bool = False
    # What of state and inputs isn't marked as a secret.
    in_clear: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, error: Any) -> Failure:
        failure = cls(error.code(), error.details() or "")
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                status = status_pb2.Status.FromString(value)
                detail = provider_pb2.ErrorResourceInitFailed()
                assert status.details[0].Unpack(detail)
                failure.instance_id = detail.id.rpartition("/")[2]
                failure.resource_id = detail.id
                failure.reasons = list(detail.reasons)
                properties = decode(detail.properties)
                failure.state, failure.secrets = properties.values, properties.secrets
                given = decode(detail.inputs)
                failure.inputs, failure.secret_inputs = given.values, given.secrets
                failure.in_clear = [in_clear(detail.properties), in_clear(detail.inputs)]
                failure.refresh_before_update = detail.refresh_before_update
        return failure


class Plugin:
    """A provider's calls over plain values; errors arrive as Failure."""

    def __init__(self, channel: grpc.Channel, engine: FakeEngine, servicer: PluginServicer) -> None:
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self.engine = engine
        self.servicer = servicer

    def call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=PATIENCE)
        except grpc.RpcError as error:
            raise Failure.of(error) from None

    def configure(self, values: Mapping[str, Any]) -> Any:
        request = provider_pb2.ConfigureRequest(args=encode(values), acceptSecrets=True)
        return self.call("Configure", request)

    def check(
        self, news: Mapping[str, Any], urn: str = URN, old: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        request = provider_pb2.CheckRequest(urn=urn, news=encode(news), olds=encode(old or {}))
        answer = self.call("Check", request)
        return decode(answer.inputs).values, [(f.property, f.reason) for f in answer.failures]

    def diff(
        self,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
        *,
        urn: str = URN,
        identifier: str = "x",
    ) -> Any:
        request = provider_pb2.DiffRequest(
            id=identifier,
            urn=urn,
            old_inputs=encode(old),
            olds=encode(old if state is None else state),
            news=encode(new),
        )
        return self.call("Diff", request)

    def create(
        self, inputs: Mapping[str, Any], *, urn: str = URN, preview: bool = False, timeout: float = 0
    ) -> tuple[str, dict[str, Any]]:
        answer = self.call(
            "Create",
            provider_pb2.CreateRequest(urn=urn, properties=encode(inputs), preview=preview, timeout=timeout),
        )
        return instance_id(answer.id, inputs), decode(answer.properties).values

    def read(
        self, identifier: str, inputs: Mapping[str, Any] | None = None, state: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        request = provider_pb2.ReadRequest(
            id=identifier, urn=URN, inputs=encode(inputs or {}), properties=encode(state or inputs or {})
        )
        answer = self.call("Read", request)
        found = decode(answer.inputs).values
        return instance_id(answer.id, found), found, decode(answer.properties).values

    def update(
        self,
        instance_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *,
        preview: bool = False,
        timeout: float = 0,
        state: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            id=instance_id,
            urn=URN,
            olds=encode(old if state is None else state),
            old_inputs=encode(old),
            news=encode(new),
            preview=preview,
            timeout=timeout,
        )
        return decode(self.call("Update", request).properties).values

    def delete(self, instance_id: str, state: Mapping[str, Any], *, timeout: float = 0) -> None:
        request = provider_pb2.DeleteRequest(
            id=instance_id, urn=URN, properties=encode(state), old_inputs=encode(state), timeout=timeout
        )
        self.call("Delete", request)

    def cancel(self) -> None:
        self.call("Cancel", empty_pb2.Empty())

    def raw(self, answer: Any) -> Properties:
        return decode(answer.properties)


def instance_id(resource_id: str, inputs: Mapping[str, Any]) -> str:
    """The instance in a resource's id, which is REGION/INSTANCE_ID; another plugin's id as it is."""
    region, slash, found = resource_id.rpartition("/")
    assert not slash or region == inputs["region"]
    return found


@contextmanager
def serving(servicer_class: Callable[[Engine], PluginServicer]) -> Iterator[Plugin]:
    """A provider plugin and an engine, each on a port of its own, in this process."""
    engine = FakeEngine()
    engine_server = grpc.server(futures.ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, engine_server)
    engine_port = engine_server.add_insecure_port("127.0.0.1:0")
    engine_server.start()
    started: futures.Future[tuple[int, PluginServicer, Callable[[], object]]] = futures.Future()

    async def run() -> None:
        stopping, loop = asyncio.Event(), asyncio.get_running_loop()
        link = Engine(f"127.0.0.1:{engine_port}")
        link.connect()
        servicer = servicer_class(link)
        server = grpc.aio.server()
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        started.set_result((port, servicer, partial(loop.call_soon_threadsafe, stopping.set)))
        await stopping.wait()
        servicer.cancelled.set()
        await server.stop(None)
        await servicer.drained(10)
        await link.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    port, servicer, stop = started.result(PATIENCE)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Plugin(channel, engine, servicer)
    finally:
        stop()
        thread.join(PATIENCE)
        engine_server.stop(None)
