"""Random histories of a few states and one account: no files are lost, nothing is taken, left or doubled.

With SOAK=1 in the environment many more and longer ones are tried.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.ownership import steps
from tests.ownership.judged import Judged
from tests.ownership.steps import BESIDE, CLONE, HERE, STATES, Accident, Step

states = st.sampled_from(STATES)
# Most of what happens is about the first state, so that histories meet.
mostly_here = st.sampled_from((HERE, HERE, HERE, CLONE, CLONE, BESIDE))
CALLS = (
    "CreateInstance",
    "CreateWorkspace",
    "DeleteInstance",
    "DeleteWorkspace",
    "GetInstance",
    "ListInstances",
    "UpdateInstanceLabels",
    "CreateInstanceShutdownTimer",
)
accidents = st.builds(
    Accident,
    kind=st.sampled_from(("provider", "all", "engine", "cancel")),
    operation=st.sampled_from(("", *CALLS)),
    nth=st.integers(1, 6),
    after=st.booleans(),
)
EDITS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("alicloud:region", ("cn-beijing", None)),
    ("workspaceId", ("own workspace", "other workspace", "404", None)),
    ("workspaceName", ("chosen_name", "other_name", None)),
    ("instanceName", ("renamed", None)),
    ("importId", ("own instance", "other's instance", "stranger", "dsw-0000000000000000", None)),
    ("ownerId", ("other's owner", "first owner", None)),
    ("replaceId", ("own instance", "other's instance", None)),
    ("running", ("false", None)),
    ("sessionHours", ("2", None)),
)
edits = st.sampled_from(EDITS).flatmap(
    lambda choice: st.builds(
        steps.Edit, state=mostly_here, key=st.just(choice[0]), value=st.sampled_from(choice[1])
    )
)
programs = st.builds(
    steps.Rewrite,
    state=mostly_here,
    name=st.sampled_from(("notebook", "notebook", "lab")),
    former=st.sampled_from(((), ("notebook",), ("lab",))),
    removed=st.sampled_from((False, False, False, True)),
    retained=st.sampled_from(((), (), (steps.INSTANCE,))),
)
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("stale", {"reads": 1}),
    ("stale", {"reads": 6}),
    ("stale", {"seconds": 90}),
    ("unlisted", {"reads": 3}),
    ("unlisted", {"seconds": 45}),
    ("unlisted", {"seconds": 600}),
    ("cut-before", {}),
    ("cut-after", {}),
    ("bad-body", {"body": "empty"}),
    ("http-500", {}),
    ("throttling", {}),
    ("permission", {}),
    ("success-false", {}),
    ("failed", {"code": "ImagePullBackOff", "message": "cannot pull"}),
    ("stuck", {"status": "Deleting"}),
    ("stuck", {"status": "EnvPreparing"}),
)
# Without its Cleanup a workspace that isn't empty ends in the alicloud plugin's own error: nothing of ours is asked.
FORGOTTEN = (steps.OWNER, steps.WORKSPACE, steps.INSTANCE)
STRUCK = (*CALLS, "GetWorkspace", "UpdateInstance*", "*Timer", "*")
strikes = st.sampled_from(FAULTS).flatmap(
    lambda fault: st.builds(
        steps.Strike,
        kind=st.just(fault[0]),
        operation=st.sampled_from(STRUCK),
        nth=st.integers(1, 3),
        times=st.integers(0, 2),
        details=st.just(tuple(fault[1].items())),
    )
)


class Histories(RuleBasedStateMachine):
    """Three states, of which two have the same name, and everything that can come between them."""

    @initialize(
        strict_delete=st.booleans(),
        guards_need_running=st.booleans(),
        timer_exists=st.sampled_from(("refuse", "replace")),
        recycle_bin_days=st.sampled_from((0, 14)),
        names=st.sampled_from((("own_name", "third_name"), ("own_name", "third_name"), (None, None))),
        first=st.sampled_from(((), (steps.Up(),), (steps.Up(), steps.Up(CLONE)))),
    )
    def begin(self, names: tuple[str | None, str | None], first: tuple[Step, ...], **switches: Any) -> None:
        self.judged = Judged(**switches)
        for state, name in zip((CLONE, BESIDE), names, strict=True):
            self.take(steps.Edit(state, "instanceName", name))
        for step in first:
            self.take(step)

    def take(self, step: Step) -> None:
        note(repr(step))
        outcome = self.judged.play(step)
        if outcome is not None:
            note(f"    {outcome.code} {outcome.lines}")

    @rule(state=mostly_here)
    def up(self, state: str) -> None:
        self.take(steps.Up(state))

    @rule(state=mostly_here)
    def destroy(self, state: str) -> None:
        self.take(steps.Destroy(state))

    @rule(state=mostly_here, accident=accidents)
    def up_cut_short(self, state: str, accident: Accident) -> None:
        self.take(steps.Up(state, accident=accident))

    @rule(state=mostly_here, accident=accidents)
    def destroy_cut_short(self, state: str, accident: Accident) -> None:
        self.take(steps.Destroy(state, accident=accident))

    @rule(state=mostly_here, replace=st.sampled_from(steps.TYPES), accident=st.none() | accidents)
    def up_replacing(self, state: str, replace: str, accident: Accident | None) -> None:
        self.take(steps.Up(state, replace=(replace,), accident=accident))

    @rule(step=st.builds(steps.Preview, state=mostly_here) | st.builds(steps.Refresh, state=mostly_here))
    def look(self, step: Step) -> None:
        self.take(step)

    @rule(step=edits | programs)
    def change(self, step: Step) -> None:
        self.take(step)

    @rule(
        step=st.builds(steps.RenameStack, state=states, name=st.sampled_from(("dev", "prod")))
        | st.builds(steps.Move, states, states, st.sampled_from((steps.COMPONENT, steps.INSTANCE))).filter(
            lambda move: move.source != move.target
        )
        | st.builds(steps.CopyState, states, states).filter(lambda copy: copy.source != copy.target)
        | st.builds(steps.Forget, mostly_here, st.sampled_from(FORGOTTEN))
        | st.builds(steps.LoseState, mostly_here)
    )
    def edit_state(self, step: Step) -> None:
        self.take(step)

    @rule(
        operation=st.sampled_from(
            ("StopInstance", "StartInstance", "DeleteInstance", "DeleteInstanceShutdownTimer")
        ),
        index=st.integers(0, 2),
    )
    def console(self, operation: str, index: int) -> None:
        self.take(steps.Console(operation, index))

    @rule(guarded=st.booleans())
    def stranger(self, guarded: bool) -> None:
        self.take(steps.Stranger(guarded))

    @rule(step=strikes)
    def strike(self, step: Step) -> None:
        self.take(step)

    @rule(step=st.just(steps.Recover()) | st.builds(steps.Wait, st.sampled_from((1, 31, 300, 24_000))))
    def world_goes_on(self, step: Step) -> None:
        self.take(step)

    def teardown(self) -> None:
        if hasattr(self, "judged"):
            note(f"the history: {self.judged.history!r}")
            self.judged.everything_ends()


settings.register_profile("ownership", max_examples=50, stateful_step_count=12)
settings.register_profile("ownership-soak", max_examples=5_000, stateful_step_count=25)
Histories.TestCase.settings = settings(
    settings.get_profile("ownership-soak" if os.environ.get("SOAK") else "ownership"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestHistories = Histories.TestCase
