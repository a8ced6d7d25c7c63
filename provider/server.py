"""Serves the provider to the engine: one port on loopback, its number on standard output, and a quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from provider.engine import Engine
from provider.plugin import PluginServicer

# What running operations get to come to their end, with their ids, after SIGTERM or a lost engine. Seconds.
DRAIN_SECONDS = 20.0


async def serve(servicer_class: Callable[[Engine], PluginServicer], engine_address: str | None) -> None:
    """Serve until the engine is gone or SIGTERM comes; running operations end in order first."""
    engine = Engine(engine_address)
    engine.connect()
    servicer = servicer_class(engine)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()

    asked = asyncio.Event()
    _on_signals(asked)
    await asyncio.wait(
        {asyncio.ensure_future(asked.wait()), asyncio.ensure_future(engine.gone())},
        return_when=asyncio.FIRST_COMPLETED,
    )
    servicer.cancelled.set()
    await server.stop(DRAIN_SECONDS)
    await engine.close()


def _on_signals(asked: asyncio.Event) -> None:
    """Ctrl-C reaches the whole process group, but the end of an operation is the engine's to call: it sends Cancel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(NotImplementedError):  # Windows has no handlers on its event loop
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)


def main(servicer_class: Callable[[Engine], PluginServicer], arguments: list[str]) -> None:
    """Serve the engine whose address is the first argument that isn't an option."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    asyncio.run(serve(servicer_class, addresses[0] if addresses else None))
