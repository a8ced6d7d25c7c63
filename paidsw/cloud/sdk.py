"""One official SDK, loaded at the first call; its operations are called by their API names."""

from __future__ import annotations

import asyncio
import copy
import importlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, ClassVar, Generic, Self, TypeVar

from paidsw.cloud.classify import call, stranger
from paidsw.cloud.connection import Connection
from paidsw.cloud.emulated import Address, ask
from paidsw.cloud.errors import NotSent, Reason, Refused, Uncertain
from paidsw.cloud.messages import Text
from paidsw.core.text import snake_case

T = TypeVar("T")
# How long a call under way may still answer after a cancel, in real seconds.
GRACE_SECONDS = 1.0


class Once(Generic[T]):
    """Something loaded once, even if many ask at the same time; a failed load is retried by the next one."""

    def __init__(self, load: Callable[[], Awaitable[T]]) -> None:
        self._load = load
        self._task: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """The loaded thing, or what loading it raised."""
        if self._task is None or (self._task.done() and (self._task.cancelled() or self._task.exception())):
            self._task = asyncio.ensure_future(self._load())
        return await asyncio.shield(self._task)


class SdkClient:
    """A region of one product. A subclass names the SDK's module and the product's host name."""

    module: ClassVar[str]
    product: ClassVar[str]
    # The host, where a product has one for all regions.
    host: ClassVar[str | None] = None

    def __init__(self, connection: Connection, region: str) -> None:
        self.region = region
        self._connection = connection
        # By address: an emulator that was started again may listen elsewhere.
        self._sdks: dict[Address | None, Once[tuple[Any, Any, Any]]] = {}
        self._cancelled: asyncio.Event | None = None

    @property
    def options(self) -> str:
        """The options by which `dsw` asks the same cloud in the same region."""
        return f"--region {self.region}{self._connection.options()}"

    def until(self, cancelled: asyncio.Event) -> Self:
        """The same client, but its calls are abandoned a moment after `cancelled` is set."""
        other = copy.copy(self)
        other._cancelled = cancelled
        return other

    async def call(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        """One operation, like ``GetInstance``: `request` in the API's names, `path` its ids; the body.

        Raises CloudError and nothing else, and never blocks the event loop.
        """
        address = self._connection.address()
        sdk = self._sdks.setdefault(address, Once(partial(self._load, address)))

        async def send() -> Any:
            client, models, runtime = await sdk.get()
            method: Callable[..., Awaitable[Any]] = getattr(
                client, f"{snake_case(operation)}_with_options_async"
            )
            arguments: list[Any] = list(path)
            parameters = inspect.signature(method).parameters.keys()
            # Operations without query and body take no request object.
            if {"request", "tmp_req"} & parameters:
                arguments.append(_model(getattr(models, f"{operation}Request")(), request))
            if "headers" in parameters:  # operations of the RPC style take none
                arguments.append({})
            return await method(*arguments, runtime)

        try:
            return await call(
                operation, lambda: answered_in_time(operation, send(), self._cancelled), address
            )
        except Refused:
            # The SDK's errors don't tell who answered. An emulator that still has its nonce has had its port all along.
            if address is not None and address.nonce and not await _is_there(address):
                raise stranger(operation, address) from None
            raise

    async def _load(self, address: Address | None) -> tuple[Any, Any, Any]:
        if address is not None and address.nonce:
            await ask(address, "GET", "status")
        client = await self._connection.sdk_client(self.module, self.product, self.region, self.host, address)
        models = await asyncio.to_thread(importlib.import_module, f"{self.module}.models")
        runtime = await asyncio.to_thread(importlib.import_module, "darabonba.runtime")
        return client, models, runtime.RuntimeOptions()


async def _is_there(address: Address) -> bool:
    try:
        await ask(address, "GET", "status")
    except NotSent:
        return False
    return True


async def answered_in_time(
    operation: str, sending: Coroutine[Any, Any, T], cancelled: asyncio.Event | None
) -> T:
    """The result of a call; Uncertain if it was cancelled and has no answer a moment later."""
    if cancelled is None:
        return await sending
    answer = asyncio.ensure_future(sending)
    stopping = asyncio.ensure_future(cancelled.wait())
    try:
        await asyncio.wait({answer, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await asyncio.wait({answer}, timeout=GRACE_SECONDS)
        if not answer.done():
            raise Uncertain(
                operation,
                Text.CANCELLED(),
                code=Reason.CANCELLED,
            )
        return answer.result()
    finally:
        stopping.cancel()
        answer.cancel()


def _model(empty: Any, request: dict[str, Any]) -> Any:
    """The SDK's request object.

    Its from_map fills in an empty list for every list that isn't given, and would send it: an UpdateInstance of the
    name alone would change disks and datasets too.
    """
    model = empty.from_map(request)
    for name, value in vars(model).items():
        if value == []:
            setattr(model, name, None)
    return model
