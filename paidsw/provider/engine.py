"""The Pulumi engine as the provider sees it: a place to report progress, and a reason to stay alive."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from paidsw.core.messages import Message
from paidsw.provider.outgoing import outgoing

Severity = Literal["info", "warning", "error"]
_SEVERITIES = {
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}


class Engine:
    """Reports to the engine at an address; without one (a provider started by hand) to nobody."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        self._channel: grpc.aio.Channel | None = None

    def connect(self, address: str | None = None) -> None:
        """Open the channel; needs a running event loop. `address` replaces the one from the start (Attach)."""
        self.address = address or self.address
        if self.address:
            self._channel = grpc.aio.insecure_channel(self.address, options=_GRPC_CHANNEL_OPTIONS)

    async def log(
        self, severity: Severity, message: Message | str, urn: str = "", *, passing: bool = False
    ) -> None:
        """Show a line beside a resource; `passing` lines are shown in the live display only."""
        await self.show(severity, outgoing(message), urn, passing=passing)

    async def show(self, severity: Severity, message: str, urn: str, *, passing: bool) -> None:
        """Hand a line that is fit for it to the engine."""
        if self._channel is None:
            return
        request = engine_pb2.LogRequest(
            severity=_SEVERITIES[severity], message=message, urn=urn, ephemeral=passing
        )
        try:
            # The SDK's stubs describe the blocking client; on this channel the call is awaitable.
            stub: Any = engine_pb2_grpc.EngineStub(self._channel)
            await stub.Log(request, timeout=5)
        except grpc.RpcError:
            pass  # a display that can't be reached must not fail an operation

    async def gone(self) -> None:
        """Returns when the engine is gone, at the latest a second or two after it died.

        An engine that was killed can't cancel anything; without this its providers would never end.
        """
        channel = self._channel
        if channel is None:
            await asyncio.Event().wait()
            return
        state = channel.get_state(try_to_connect=True)
        connected = False
        while True:
            if state is grpc.ChannelConnectivity.READY:
                connected = True
            elif connected and state in _LOST:
                return
            await channel.wait_for_state_change(state)
            state = channel.get_state(try_to_connect=True)

    async def close(self) -> None:
        """Close the channel."""
        if self._channel is not None:
            await self._channel.close()


_LOST = {grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN}
