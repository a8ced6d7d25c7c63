"""The routes of all operations, for aiohttp."""

from __future__ import annotations

import re

from aiohttp import web

from .application import GATEWAY, PLACE, no_action, pause, response, target
from .errors import ApiError
from .hosts import host_only
from .routing import Operation, Service
from .services import OPERATIONS


class Endpoint:
    """The operations that share a method and path; host and action header tell them apart."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Carry out the operation that the request means."""
        service, region = request[PLACE]
        operation = self._meant(service, request.headers.get("x-acs-action", ""))
        if operation is None:
            raise no_action(request)
        version = operation.service.version
        if request.headers.get("x-acs-version") != version:
            raise ApiError(400, "InvalidVersion", f"{operation.name} belongs to version {version}")
        host, _, query = target(request)
        answer = request.app[GATEWAY].perform(
            operation,
            region,
            dict(request.match_info),
            query=query,
            body=await request.read(),
            host=host_only(host),
        )
        if answer.hold_ms:
            await pause(request, answer.hold_ms)
        if answer.cut and request.transport is not None:
            request.transport.abort()
        return response(answer)

    def _meant(self, service: Service | None, action: str) -> Operation | None:
        for operation in self.operations:
            if service in (None, operation.service) and (operation.path != "/" or operation.name == action):
                return operation
        return None


def _resources() -> list[web.Resource]:
    """The routes of all operations, made once per process."""
    paths: dict[str, dict[str, list[Operation]]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {}).setdefault(operation.method, []).append(operation)
    # Not one by one for each server: tests start thousands.
    made = []
    for path, methods in paths.items():
        for ending in ("", "/") if path != "/" else ("",):
            resource = _resource(path + ending)
            for method, operations in methods.items():
                resource.add_route(method, Endpoint(operations).__call__)
            made.append(resource)
    return made


def _resource(path: str) -> web.Resource:
    if "{" not in path:
        return web.PlainResource(path)
    # aiohttp's own pattern for a parameter takes no braces.
    return web.DynamicResource(re.sub(r"{(\w+)}", r"{\1:[^/]+}", path))


RESOURCES = _resources()
