"""Random histories: whatever happens in whatever order, the next runs bring what lives to what is declared.

With SOAK=1 in the environment many more and longer ones are tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from paidsw.emulator.errors import ApiError
from tests.provider.test_sweep import DETAILS
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import PLANTED, InstanceStack, assert_clean, differences, recover, unguarded
from tests.support.plugin import Failure

FAULTS = [(kind, details) for kind, variants in DETAILS.items() for details in variants]
OPERATIONS = (
    "CreateInstance",
    "*InstanceShutdownTimer",
    "*IdleInstanceCuller",
    "GetInstance",
    "ListInstances",
    "St*Instance",
    "UpdateInstance*",
    "DeleteInstance",
    "*",
)
CHANGES: list[dict[str, Any]] = [
    {},
    {"instanceName": "renamed"},
    {"driver": "550.54.15"},
    {"ecsSpec": "ecs.gn6v-c8g1.2xlarge"},
    {"labels": {"course": "two"}},
    {"sessionHours": 2},
    {"running": False},
    {"backup": {"snapshot": "llm", "repository": "registry.example.com/me/notebooks"}},
    {"running": False, "driver": "550.54.15", "sessionHours": 2},
    {"idleInstanceCuller": {"maxIdleTimeInMinutes": 20, "cpuPercentThreshold": 5}},
]
CONSOLE = (
    "StopInstance",
    "StartInstance",
    "DeleteInstance",
    "DeleteInstanceShutdownTimer",
    "DeleteIdleInstanceCuller",
)


class Histories(RuleBasedStateMachine):
    """One stack, one account, and everything that can come between them."""

    @initialize(
        strict_update=st.booleans(),
        strict_delete=st.booleans(),
        timer_exists=st.sampled_from(["refuse", "replace"]),
        guards_need_running=st.booleans(),
    )
    def begin(self, **switches: Any) -> None:
        self.world = World(**switches)
        self.plugin = Direct(self.world)
        self.stack = InstanceStack(self.plugin)
        self.declared = self.world.inputs(**PLANTED)
        # Instances that somebody else left without a guard: the console, or a process that was killed.
        self.excused: set[str] = set()
        self.spent = False

    # --- what the user does ---

    @rule(change=st.sampled_from(CHANGES))
    def edit(self, change: dict[str, Any]) -> None:
        self.declared = self.world.inputs(**PLANTED, **change)

    @rule()
    def up(self) -> None:
        self._run(lambda: self.stack.up(self.declared))

    @rule()
    def destroy(self) -> None:
        self._run(self.stack.destroy)

    @rule()
    def refresh(self) -> None:
        self._run(self.stack.refresh)

    @rule(calls=st.integers(0, 12), after=st.booleans(), destroying=st.booleans())
    def crash(self, calls: int, after: bool, destroying: bool) -> None:
        """The provider's process is killed in the middle of a run, and the state is as it was before."""
        self.plugin.crash_in(calls, after=after)
        run = self.stack.destroy if destroying else lambda: self.stack.up(self.declared)
        try:
            self._run(run)
        except Crash:
            self.excused |= {instance.id for instance in self.world.instances}
        self._another_process()

    @rule(calls=st.integers(0, 12), destroying=st.booleans())
    def cancel(self, calls: int, destroying: bool) -> None:
        """Ctrl-C in the middle of a run; the process ends with it."""
        self.plugin.cancel_in(calls)
        self._run(self.stack.destroy if destroying else lambda: self.stack.up(self.declared))
        self._another_process()

    # --- what befalls ---

    @rule(
        fault=st.sampled_from(FAULTS),
        operation=st.sampled_from(OPERATIONS),
        nth=st.integers(1, 6),
        times=st.integers(0, 3),
    )
    def fault(self, fault: tuple[str, dict[str, Any]], operation: str, nth: int, times: int) -> None:
        self.world.strike(fault[0], operation, nth=nth, times=times, **fault[1])

    @rule()
    def cloud_recovers(self) -> None:
        recover(self.world)

    @rule(minutes=st.sampled_from([1, 31, 125, 300]))
    def time_passes(self, minutes: int) -> None:
        self.world.cloud.advance(60 * minutes)
        self.spent = self.spent or bool(self.excused)

    @precondition(lambda self: bool(self.world.instances))
    @rule(operation=st.sampled_from(CONSOLE))
    def console(self, operation: str) -> None:
        instance = self.world.instances[0]
        try:
            self.world.console(operation, instance.id)
        except ApiError as refusal:
            note(f"the console refuses: {refusal}")
        self.excused.add(instance.id)

    # --- what must hold ---

    @invariant()
    def none_runs_unguarded(self) -> None:
        bare = [text for text in unguarded(self.world) if text.split()[0] not in self.excused]
        assert not bare

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        recover(self.world)
        self.declared = self.world.inputs(**PLANTED)
        failure = self.stack.up(self.declared)
        if failure is not None:  # what was stuck may have gone on only now
            note(f"first: {failure.message}")
            failure = self.stack.up(self.declared)
        assert failure is None, failure
        assert differences(self.world, self.declared) == []
        assert self.stack.destroy() is None
        assert differences(self.world, None) == []
        assert self.spent or self.world.cloud.bill().total == Decimal(0)

    def _run(self, run: Callable[[], Failure | None]) -> None:
        self.plugin.engine.lines.clear()
        self.excused &= {instance.id for instance in self.world.instances}
        failure = run()
        said = [*self.plugin.engine.messages, *([failure.message, *failure.reasons] if failure else [])]
        for text in said:
            note(text)
        assert_clean(*said)
        if run != self.stack.refresh and (failure is None or failure.instance_id):
            self.excused.discard(self.stack.instance_id)
        if failure is not None and (
            "COULD NOT BE STOPPED" in failure.message or "takes it over" in failure.message
        ):
            self.excused |= {instance.id for instance in self.world.instances}

    def _another_process(self) -> None:
        self.world.before = self.world.after = None
        self.plugin = Direct(self.world)
        self.stack.plugin = self.plugin


settings.register_profile("quick", max_examples=60, stateful_step_count=12)
settings.register_profile("soak", max_examples=5_000, stateful_step_count=25)
CHOSEN = settings(
    settings.get_profile("soak" if os.environ.get("SOAK") else "quick"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
Histories.TestCase.settings = CHOSEN
TestHistories = Histories.TestCase
