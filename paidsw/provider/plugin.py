"""What every provider plugin of ours answers alike: the protocol around the resources.

Written on the SDK's protocol stubs and not on its experimental provider class: every one of that class's
methods would have to be replaced (docs/decisions.md lists why).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, ClassVar, TypeAlias, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from paidsw.core.messages import Message, UserError
from paidsw.core.redaction import Secrets
from paidsw.provider.engine import Engine
from paidsw.provider.errors import clean_errors
from paidsw.provider.outgoing import learn, outgoing

T = TypeVar("T")
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class PluginServicer(ResourceProviderServicer):
    """A provider plugin without its resources."""

    version: ClassVar[str]
    # The properties that are secrets wherever they stand, marked or not.
    hidden: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.cancelled = asyncio.Event()
        self.secrets = Secrets()
        self._running: set[asyncio.Future[Any]] = set()

    @clean_errors
    async def Handshake(self, request: Any, context: Context) -> Any:
        """Agree on the forms of values before anything else is sent."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @clean_errors
    async def Attach(self, request: Any, context: Context) -> Any:
        """Serve an engine that didn't start us (PULUMI_DEBUG_PROVIDERS)."""
        self.engine.connect(request.address)
        return empty_pb2.Empty()

    @clean_errors
    async def GetPluginInfo(self, request: Any, context: Context) -> Any:
        """The version of this provider."""
        return plugin_pb2.PluginInfo(version=self.version)

    @clean_errors
    async def Cancel(self, request: Any, context: Context) -> Any:
        """Wake every wait; each returns what it has, with its id."""
        self.cancelled.set()
        return empty_pb2.Empty()

    def secrets_after(self, request: Any) -> Secrets:
        """What no answer to a request may show: its secrets, and those of all requests before."""
        learn(self.secrets, request, self.hidden)
        return self.secrets

    async def undisturbed(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, even when the engine hangs up: half of a create is a machine without a guard."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def drained(self, seconds: float) -> None:
        """Wait, but not without limit, until nothing is under way."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)


def checked(inputs: Any, failures: Iterable[tuple[str, Message | UserError | str]]) -> Any:
    """The answer to Check and CheckConfig; `failures` are pairs of property and sentence."""
    return provider_pb2.CheckResponse(
        inputs=inputs,
        failures=[provider_pb2.CheckFailure(property=name, reason=outgoing(text)) for name, text in failures],
    )


def changes(some: bool) -> Any:
    """Whether a diff found something, in the protocol's terms."""
    return provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE


def type_of(urn: str) -> str:
    """The resource type in a URN: urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else urn
