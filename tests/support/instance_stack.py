"""A stack with one instance, run as the engine runs it: what it keeps in its state, and when it calls what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.proto import provider_pb2

from paidsw.emulator.dsw.lifecycle import plan
from paidsw.emulator.dsw.models import Instance
from paidsw.provider.instance import labels
from tests.support.direct import World
from tests.support.plugin import URN, Failure, Plugin

PLANTED: dict[str, Any] = {
    "imageAuth": "cGxhbnRlZDpzZWNyZXQ=",
    "environmentVariables": {"TOKEN": "planted-token"},
}
NEVER_SAID: tuple[str, ...] = ("planted", PLANTED["imageAuth"], "Traceback", "\n", "internal error")


@dataclass
class InstanceStack:
    """The state of one resource between runs, kept by the engine's rules.

    A failed create without an id leaves nothing. A failure with an id keeps it, with the reasons, and with the old
    inputs if it was an update. Before an update the resource is read; reasons alone bring about an update. What is to
    be replaced is deleted first, as the provider asks for.
    """

    plugin: Plugin
    instance_id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def up(self, declared: dict[str, Any]) -> Failure | None:
        """pulumi up: what went wrong, None when nothing did."""
        return self.refresh() or (self._update(declared) if self.instance_id else self._create(declared))

    def refresh(self) -> Failure | None:
        if not self.instance_id:
            return None
        try:
            found, inputs, outputs = self.plugin.read(self.instance_id, self.inputs, self.outputs)
        except Failure as failure:
            if not failure.instance_id:
                return failure
            # A resource found unhealthy isn't a failure of the refresh.
            self._keep(failure, failure.inputs)
            return None
        if not found:
            self._forget()
        else:
            self.inputs, self.outputs, self.reasons = inputs, outputs, []
        return None

    def destroy(self) -> Failure | None:
        """pulumi destroy."""
        if self.instance_id:
            try:
                self.plugin.delete(self.instance_id, {**self.outputs, **self.inputs})
            except Failure as failure:
                return self._keep(failure, self.inputs)
            self._forget()
        return None

    def _create(self, declared: dict[str, Any]) -> Failure | None:
        try:
            self.instance_id, self.outputs = self.plugin.create(declared)
        except Failure as failure:
            return self._keep(failure, declared)
        self.inputs, self.reasons = declared, []
        return None

    def _update(self, declared: dict[str, Any]) -> Failure | None:
        try:
            shown = self.plugin.diff(self.inputs, declared, self.outputs)
        except Failure as failure:
            return failure
        if shown.replaces:
            return self.destroy() or self._create(declared)
        if not self.reasons and shown.changes != _SOME:
            return None
        try:
            self.outputs = self.plugin.update(self.instance_id, self.inputs, declared, state=self.outputs)
        except Failure as failure:
            return self._keep(failure, self.inputs)
        self.inputs, self.reasons = declared, []
        return None

    def _keep(self, failure: Failure, inputs: dict[str, Any]) -> Failure:
        if failure.instance_id:
            assert self.instance_id in ("", failure.instance_id)
            self.instance_id, self.reasons = failure.instance_id, failure.reasons
            self.inputs, self.outputs = inputs, failure.state
        return failure

    def _forget(self) -> None:
        self.instance_id, self.inputs, self.outputs, self.reasons = "", {}, {}, []


_SOME = provider_pb2.DiffResponse.DIFF_SOME


def differences(world: World, declared: dict[str, Any] | None) -> list[str]:
    """What lives other than as declared (None: nothing is), in words; empty when it is the same."""
    alive = world.instances
    if declared is None:
        return [f"{i.id} {i.name} is {i.status} and declared nowhere" for i in alive]
    if len(alive) != 1:
        return [f"{len(alive)} instances live, not one: {[(i.name, i.status) for i in alive]}"]
    found, culler = alive[0], alive[0].culler
    hours = declared["sessionHours"]
    running = declared.get("running", True)
    timed = found.timer is not None and found.timer.due <= world.cloud.now() + hours * 3_600_000
    stopped = found.status in {"Stopped", "Failed"}
    seen = {
        "status": (found.status, "Running") if running else (stopped, True),
        "instanceName": (found.name, declared["instanceName"]),
        "ecsSpec": (found.ecs_spec, declared["ecsSpec"]),
        "driver": (found.spec.Driver, declared.get("driver")),
        "labels": (labels.of_user(found.labels), declared.get("labels") or {}),
        "made by": (labels.is_declared_at(URN, found.labels), True),
        "session label": (labels.session_hours(found.labels), hours),
        "timer within the session": (timed, running),
        "culler": (culler and (culler.max_idle_minutes, culler.cpu, culler.gpu), _culler(declared)),
    }
    return [
        f"{name} is {is_!r}, declared {wanted!r}" for name, (is_, wanted) in seen.items() if is_ != wanted
    ]


def _culler(declared: dict[str, Any]) -> tuple[int, int, int | None]:
    culler = declared["idleInstanceCuller"]
    return culler["maxIdleTimeInMinutes"], culler["cpuPercentThreshold"], culler.get("gpuPercentThreshold")


def unguarded(world: World) -> list[str]:
    """Machines that run, or are about to, with nothing that would stop them."""
    bare = [i for i in world.instances if not (i.timer or i.culler)]
    return [f"{i.id} is {i.status}" for i in bare if _may_run(i)]


def _may_run(instance: Instance) -> bool:
    if instance.status == "Updating":  # and back to where it was
        return instance.machine_on or any(step.status == "Running" for step in instance.pending)
    if instance.status == "Saving":  # and down, or back to where it was
        return any(step.status == "Running" for step in instance.pending)
    return instance.status not in {"Stopped", "Failed", "Stopping", "Deleting"}


def recover(world: World) -> None:
    """The cloud recovers: no more faults, and what was stuck continues."""
    world.cloud.faults.clear()
    world.cloud.stale.clear()
    ends = {"Deleting": ("Deleting", "Gone"), "Stopping": ("Stopping", "Stopped"), "Updating": ("Stopped",)}
    for instance in world.instances:
        if not instance.pending and instance.status not in {"Running", "Stopped", "Failed"}:
            way = ends.get(instance.status, ("Starting", "Running"))
            plan(world.cloud.state, instance, world.cloud.now(), *way)
    world.cloud.commit()


def assert_clean(*texts: str) -> None:
    """One line each, no traceback, none of the planted secrets."""
    for text in texts:
        assert not [word for word in NEVER_SAID if word in text], text
