"""The product's own program, registering its resources with the model as it does with the engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockMonitor, Mocks, set_mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import set_root_resource

from paidsw.provider.values import decode, encode
from tests.support.engine_model.deployment import Deployment
from tests.support.engine_model.goal import Goal
from tests.support.engine_model.plugins import EngineKilled, Stopped
from tests.support.plugin import Failure

Program = Callable[[], Any]


class _Gone(grpc.RpcError):
    """What a program sees of an engine that ended, and of a function that failed."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


class Monitor(MockMonitor):
    """The engine's side of a program's calls. One call at a time, in their order."""

    def __init__(self, deployment: Deployment, *, preview: bool) -> None:
        super().__init__(_NoMocks())
        self._deployment = deployment
        self._preview = preview
        self._one_at_a_time = threading.Lock()
        self.ended: BaseException | None = None

    def Invoke(self, request: Any) -> Any:
        def call() -> Any:
            try:
                answer = self._deployment.invoke(request.tok, request.provider, request.args)
            except Failure as failure:
                raise _Gone(f"invocation of {request.tok} returned an error: {failure.message}") from None
            result = {"return": getattr(answer, "return"), "failures": list(answer.failures)}
            return resource_pb2.ResourceInvokeResponse(**result)

        return self._guarded(call)

    def RegisterResource(self, request: Any) -> Any:
        def register() -> Any:
            made = self._deployment.register(Goal.of(request))
            return resource_pb2.RegisterResourceResponse(
                urn=made.urn,
                id=made.id,
                object=encode(
                    {**made.inputs.values, **made.outputs.values}, made.inputs.secrets | made.outputs.secrets
                ),
            )

        return self._guarded(register)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        def register() -> Any:
            self._deployment.register_outputs(request.urn, decode(request.outputs))
            return empty_pb2.Empty()

        return self._guarded(register)

    def _guarded(self, work: Callable[[], Any]) -> Any:
        with self._one_at_a_time:
            if self.ended is not None:
                raise _Gone("the engine has ended")
            try:
                return work()
            except (Stopped, EngineKilled) as end:
                self.ended = end
                raise _Gone(str(end)) from None


class _NoMocks(Mocks):
    def call(self, args: Any) -> Any:
        raise NotImplementedError

    def new_resource(self, args: Any) -> Any:
        raise NotImplementedError


def run(
    program: Program,
    monitor: Monitor,
    *,
    stack: str,
    project: str,
    config: Mapping[str, Any],
    secret: Iterable[str] = (),
    preview: bool,
) -> None:
    """Run a program to its end. Raises Stopped, EngineKilled, and what the program raises by itself."""
    before = asyncio.get_event_loop_policy().get_event_loop()
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    try:
        # Each run is a program of its own, with the root of its own stack.
        no_root: Any = None
        set_root_resource(no_root)
        set_all_config(dict(config), [*secret])
        set_mocks(monitor.mocks, project, stack, preview, monitor=monitor)
        awaiting: Any = pulumi.runtime.test
        awaiting(program)()
    except Exception:
        if monitor.ended is None:
            raise
    finally:
        set_all_config({}, [])
        asyncio.set_event_loop(before)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    if monitor.ended is not None:
        raise monitor.ended
