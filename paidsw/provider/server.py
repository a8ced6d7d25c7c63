"""Serves the provider to the engine: one port on loopback, its number on standard output, and a quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from paidsw.core.redaction import keeping
from paidsw.provider.diagnostics import tame
from paidsw.provider.engine import Engine
from paidsw.provider.errors import bug_sentence
from paidsw.provider.outgoing import outgoing
from paidsw.provider.plugin import PluginServicer

# How long running operations have to finish, with their ids, after SIGTERM or a lost engine. Seconds.
DRAIN_SECONDS = 20.0
# How long nothing must run before an interrupt ends the provider. Seconds.
IDLE_SECONDS = 0.1


class InFlight(grpc.aio.ServerInterceptor):
    """Counts the calls under way."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """Wrap a call so that it is counted from its request to its answer."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def counted(request: Any, context: Any) -> Any:
            self._count(+1)
            try:
                return await handler.unary_unary(request, context)
            finally:
                self._count(-1)

        return grpc.unary_unary_rpc_method_handler(
            counted, handler.request_deserializer, handler.response_serializer
        )

    async def idle(self) -> None:
        """Returns when nothing has run for a moment."""
        with contextlib.suppress(TimeoutError):
            while True:
                self._changed.clear()
                await asyncio.wait_for(self._changed.wait(), None if self.count else IDLE_SECONDS)

    def _count(self, step: int) -> None:
        self.count += step
        self._changed.set()


async def serve(servicer_class: Callable[[Engine], PluginServicer], engine_address: str | None) -> None:
    """Serve until the engine is gone or a signal comes; running operations end in order first.

    Ctrl-C reaches the whole process group, but the engine decides when an operation ends: it sends Cancel. So
    SIGINT ends a provider only once nothing runs. SIGTERM, and an engine that died, cancel what runs.
    """
    tame(asyncio.get_running_loop())
    engine = Engine(engine_address)
    engine.connect()
    servicer = servicer_class(engine)
    with keeping(servicer.secrets):
        await _serve(servicer, engine)


async def _serve(servicer: PluginServicer, engine: Engine) -> None:
    in_flight = InFlight()
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS, interceptors=[in_flight])
    add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    terminated, interrupted = _on(signal.SIGTERM), _on(signal.SIGINT)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()

    async def interrupted_and_idle() -> None:
        await interrupted.wait()
        await in_flight.idle()

    ends = {terminated.wait(), interrupted_and_idle(), engine.gone()}
    await asyncio.wait({asyncio.ensure_future(end) for end in ends}, return_when=asyncio.FIRST_COMPLETED)
    servicer.cancelled.set()
    await server.stop(DRAIN_SECONDS)
    await servicer.drained(DRAIN_SECONDS)
    await engine.close()


def _on(number: signal.Signals) -> asyncio.Event:
    """An event for a signal. Not by the loop's own handlers, which Windows lacks."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    signal.signal(number, lambda *_: loop.call_soon_threadsafe(event.set))
    return event


def main(servicer_class: Callable[[Engine], PluginServicer], arguments: list[str]) -> None:
    """Serve the engine whose address is the first argument that isn't an option."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    try:
        asyncio.run(serve(servicer_class, addresses[0] if addresses else None))
    except Exception as error:
        sys.exit(outgoing(bug_sentence("", error)))
