"""One official SDK, loaded at the first call, its operations called by their API names."""

from __future__ import annotations

import asyncio
import copy
import importlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar, Generic, Self, TypeVar

from paidsw.cloud.connection import Connection, call
from paidsw.cloud.errors import Uncertain

T = TypeVar("T")
# How long a call under way may still answer after a cancel, in real seconds.
GRACE_SECONDS = 1.0


class Once(Generic[T]):
    """Something loaded once, even when many ask at the same time; a failed load is tried again."""

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
    # The host of a product that is one for all regions.
    host: ClassVar[str | None] = None

    def __init__(self, connection: Connection, region: str) -> None:
        self.region = region
        self._connection = connection
        self._sdk = Once(self._load)
        self._cancelled: asyncio.Event | None = None

    def until(self, cancelled: asyncio.Event) -> Self:
        """The same client, whose calls are given up a moment after `cancelled` is set."""
        other = copy.copy(self)
        other._cancelled = cancelled
        return other

    async def call(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        """One operation, like ``GetInstance``: `request` in the API's names, `path` its ids; the body.

        Raises CloudError and nothing else, and never blocks the event loop.
        """

        async def send() -> Any:
            client, models, runtime = await self._sdk.get()
            method: Callable[..., Awaitable[Any]] = getattr(
                client, f"{_snake_case(operation)}_with_options_async"
            )
            arguments: list[Any] = list(path)
            parameters = inspect.signature(method).parameters.keys()
            # Operations without query and body take no request object.
            if {"request", "tmp_req"} & parameters:
                arguments.append(_model(getattr(models, f"{operation}Request")(), request))
            if "headers" in parameters:  # operations of the RPC style take none
                arguments.append({})
            return await method(*arguments, runtime)

        return await call(operation, lambda: answered_in_time(operation, send(), self._cancelled))

    async def _load(self) -> tuple[Any, Any, Any]:
        client = await self._connection.sdk_client(self.module, self.product, self.region, self.host)
        models = await asyncio.to_thread(importlib.import_module, f"{self.module}.models")
        runtime = await asyncio.to_thread(importlib.import_module, "darabonba.runtime")
        return client, models, runtime.RuntimeOptions()


async def answered_in_time(
    operation: str, sending: Coroutine[Any, Any, T], cancelled: asyncio.Event | None
) -> T:
    """The result of a call; Uncertain when it was cancelled and has no answer a moment later."""
    if cancelled is None:
        return await sending
    answer = asyncio.ensure_future(sending)
    stopping = asyncio.ensure_future(cancelled.wait())
    try:
        await asyncio.wait({answer, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await asyncio.wait({answer}, timeout=GRACE_SECONDS)
        if not answer.done():
            raise Uncertain(operation, "cancelled before its reply came, so it may have been carried out")
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


def _snake_case(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
