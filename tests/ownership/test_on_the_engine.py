"""The model is true: histories end alike on it and on the real engine.

With SOAK=1 in the environment some dozens are played, otherwise those that have most in them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from paidsw.emulator.testing import Emulator
from paidsw.setup.layout import ROOT
from tests.ownership.judged import Judged
from tests.ownership.on_the_engine import OnTheEngine, kept
from tests.ownership.recorded import LONG, SHORT
from tests.ownership.steps import STATES, Step
from tests.support.engine import is_quiet

pytestmark = pytest.mark.engine
PLAYED = {**SHORT, **LONG} if os.environ.get("SOAK") else SHORT


@pytest.mark.parametrize("history", PLAYED.values(), ids=PLAYED)
def test_a_history_ends_alike_on_the_model_and_on_the_engine(
    history: tuple[Step, ...], tmp_path: Path, cloud: Emulator, launch_folder: Path
) -> None:
    # A kill must reach the processes themselves, which a fork server's aren't.
    cut_short = any(getattr(step, "accident", None) for step in history)
    engine = OnTheEngine(tmp_path, cloud, ROOT if cut_short else launch_folder)
    model = Judged()
    for step in history:
        expected, code = model.play(step), engine.play(step)
        if expected is None:
            continue
        said = [engine.last_text, *expected.lines]
        assert (code == 0) is (expected.code == 0), said
        assert is_quiet(engine.last_text)
        for state in STATES:
            assert engine.kept(state) == kept(model.played, state), (step, *said)
        assert _alive(engine) == sorted(one.status for one in model.played.world.instances), (step, *said)


def _alive(engine: OnTheEngine) -> list[str]:
    return sorted(thing.status for thing in engine.emulator.live() if thing.kind == "instance")
