"""One official SDK, loaded at the first call, its operations called by their API names."""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from dsw.connection import Connection, call


class SdkClient:
    """A region of one product. A subclass names the SDK's module and the product's host name."""

    module: ClassVar[str]
    product: ClassVar[str]

    def __init__(self, connection: Connection, region: str) -> None:
        self.region = region
        self._connection = connection
        self._ready: asyncio.Task[tuple[Any, Any, Any]] | None = None

    async def call(self, operation: str, request: dict[str, Any], *path: str) -> dict[str, Any]:
        """One operation, like ``GetInstance``: `request` in the API's names, `path` its ids; the body.

        Raises CloudError and nothing else, and never blocks the event loop.
        """

        async def send() -> Any:
            client, models, runtime = await self._sdk()
            method: Callable[..., Awaitable[Any]] = getattr(
                client, f"{_snake_case(operation)}_with_options_async"
            )
            arguments: list[Any] = list(path)
            # Operations without query and body take no request object.
            if {"request", "tmp_req"} & inspect.signature(method).parameters.keys():
                arguments.append(getattr(models, f"{operation}Request")().from_map(request))
            return await method(*arguments, {}, runtime)

        return await call(operation, send)

    async def _sdk(self) -> tuple[Any, Any, Any]:
        """The SDK's client, models and runtime options, loaded once even when many calls start together."""
        if self._ready is None or (self._ready.done() and self._ready.exception() is not None):
            self._ready = asyncio.ensure_future(self._load())
        return await asyncio.shield(self._ready)

    async def _load(self) -> tuple[Any, Any, Any]:
        client = await self._connection.sdk_client(self.module, self.product, self.region)
        models = await asyncio.to_thread(importlib.import_module, f"{self.module}.models")
        runtime = await asyncio.to_thread(importlib.import_module, "darabonba.runtime")
        return client, models, runtime.RuntimeOptions()


def _snake_case(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
