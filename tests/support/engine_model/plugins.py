"""The plugins of a run: the real servicers on an emulated account, one process for each provider of the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import grpc
from pulumi.runtime.proto import provider_pb2

from paidsw.cloud import Connection
from paidsw.provider.values import Properties, decode, encode
from rehearsal.alicloud.servicer import StandInServicer
from tests.support.direct import Crash, Direct, DirectClock, DirectWorkspaces, World
from tests.support.plugin import Failure

# "provider": its process is killed; "all": with the engine; "engine": the provider sees that and ends in order;
# "cancel": Ctrl-C.
Blow = Literal["provider", "all", "engine", "cancel"]


class EngineKilled(BaseException):
    """The engine's process ends here; the state stays as it was written last."""


class Stopped(Exception):
    """The run ends here, with an error: nothing more is registered or deleted."""


class NotebookProcess(Direct):
    """The provider, whose cloud and clock are the account's own, whatever it is configured with."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.served = _any(self.servicer)

    def configure(self, values: Mapping[str, Any]) -> Any:
        self.served.connection = Connection("http://127.0.0.1:9")
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)


class AlicloudProcess(Direct):
    """The stand-in for the alicloud plugin; it takes its region when it is configured."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.served = _any(StandInServicer(self.servicer.engine))
        self.served._clock = DirectClock(world)
        self.servicer = self.served

    def configure(self, values: Mapping[str, Any]) -> Any:
        client = DirectWorkspaces(self.world, str(values.get("region") or ""))
        self.served._client = client.until(self.servicer.cancelled)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)


class Blows:
    """What is to happen to the processes of a run, at one of its calls to the cloud."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.killed = False
        self.cancelled = False
        self._striking: Direct | None = None

    def plan(self, kind: Blow, operation: str = "", nth: int = 1, *, after: bool = True) -> None:
        """At the nth call to an operation, "" for any, before or after the cloud carries it out."""
        self.world.plan(lambda: self._strike(kind), operation, nth, after=after)

    def clear(self) -> None:
        self.killed = self.cancelled = False
        self.world.before = self.world.after = self.world.planned = None

    def during(self, process: Direct) -> None:
        self._striking = process

    def _strike(self, kind: Blow) -> None:
        self.killed = self.killed or kind in ("all", "engine")
        self.cancelled = self.cancelled or kind == "cancel"
        if kind in ("all", "provider"):
            raise Crash
        assert self._striking is not None
        self._striking.servicer.cancelled.set()


class Plugins:
    """The processes that a run of the engine has started."""

    def __init__(self, world: World, blows: Blows, said: list[str]) -> None:
        self._world = world
        self._blows = blows
        self._said = said
        self._processes: dict[str, Process] = {}

    def start(self, package: str) -> Process:
        """Another process of a plugin."""
        plugin = AlicloudProcess(self._world) if package == "alicloud" else NotebookProcess(self._world)
        return Process(plugin, self._blows, self._said)

    def keep(self, reference: str, process: Process) -> None:
        self._processes[reference] = process

    def get(self, reference: str) -> Process | None:
        return self._processes.get(reference)


class Process:
    """A plugin's process: its calls over plain values. After a crash it answers nothing any more."""

    def __init__(self, plugin: Direct, blows: Blows, said: list[str]) -> None:
        self._plugin = plugin
        self._blows = blows
        self._said = said
        self._dead = False

    def configure(self, values: Mapping[str, Any]) -> None:
        self._plugin.configure(values)

    def check(self, urn: str, old: Properties | None, new: Properties) -> tuple[Properties, list[str]]:
        olds = None if old is None else _struct(old)
        answer = self._call("Check", provider_pb2.CheckRequest(urn=urn, olds=olds, news=_struct(new)))
        return decode(answer.inputs), [failure.reason for failure in answer.failures]

    def check_config(self, urn: str, old: Properties | None, new: Properties) -> tuple[Properties, list[str]]:
        olds = None if old is None else _struct(old)
        answer = self._call("CheckConfig", provider_pb2.CheckRequest(urn=urn, olds=olds, news=_struct(new)))
        return decode(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, urn: str, identifier: str, old: Properties, outputs: Properties, new: Properties) -> Any:
        return self._call("Diff", self._diffed(urn, identifier, old, outputs, new))

    def diff_config(self, urn: str, old: Properties, new: Properties) -> Any:
        return self._call("DiffConfig", self._diffed(urn, "", old, old, new))

    def create(self, urn: str, new: Properties, *, preview: bool) -> tuple[str, Properties, bool]:
        request = provider_pb2.CreateRequest(urn=urn, properties=_struct(new), preview=preview)
        answer = self._call("Create", request)
        return answer.id, decode(answer.properties), answer.refresh_before_update

    def update(
        self,
        urn: str,
        identifier: str,
        old: Properties,
        outputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> tuple[Properties, bool]:
        request = provider_pb2.UpdateRequest(
            urn=urn,
            id=identifier,
            old_inputs=_struct(old),
            olds=_struct(outputs),
            news=_struct(new),
            preview=preview,
        )
        answer = self._call("Update", request)
        return decode(answer.properties), answer.refresh_before_update

    def read(
        self, urn: str, identifier: str, old: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties, bool]:
        request = provider_pb2.ReadRequest(
            urn=urn, id=identifier, inputs=_struct(old), properties=_struct(outputs)
        )
        answer = self._call("Read", request)
        return answer.id, decode(answer.inputs), decode(answer.properties), answer.refresh_before_update

    def delete(self, urn: str, identifier: str, old: Properties, outputs: Properties) -> None:
        request = provider_pb2.DeleteRequest(
            urn=urn, id=identifier, old_inputs=_struct(old), properties=_struct(outputs)
        )
        self._call("Delete", request)

    def invoke(self, token: str, arguments: Any) -> Any:
        return self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=arguments))

    def _diffed(
        self, urn: str, identifier: str, old: Properties, outputs: Properties, new: Properties
    ) -> Any:
        return provider_pb2.DiffRequest(
            urn=urn, id=identifier, old_inputs=_struct(old), olds=_struct(outputs), news=_struct(new)
        )

    def _call(self, method: str, request: Any) -> Any:
        if self._blows.cancelled:
            raise Stopped("canceled")
        if self._dead:
            raise Failure(grpc.StatusCode.UNAVAILABLE, "the plugin exited")
        self._blows.during(self._plugin)
        lines = self._plugin.engine.lines
        before = len(lines)
        try:
            answer = self._outcome(lambda: self._plugin.call(method, request))
        finally:
            self._said += [message for _, message, passing in lines[before:] if not passing]
        if self._blows.killed:
            raise EngineKilled
        if isinstance(answer, Failure):
            self._said += answer.reasons or [answer.message]
            raise answer
        return answer

    def _outcome(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Failure as failure:
            return failure
        except Crash:
            self._dead = True
            return Failure(grpc.StatusCode.UNAVAILABLE, "error reading from server: EOF")


def _struct(properties: Properties) -> Any:
    return encode(properties.values, properties.secrets)


def _any(servicer: Any) -> Any:
    return servicer
