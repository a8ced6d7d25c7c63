"""`dsw status` and `dsw extend` on an emulator, in the same process."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cli.status import bar
from paidsw.cli.times import local
from paidsw.core.times import parsed
from paidsw.emulator.testing import Emulator
from tests.support.cloud import Cloud
from tests.support.command import Project
from tests.support.notebooks import ask, change, create
from tests.support.plugin import Plugin
from tests.support.samples import REGION


def status(project: Project, cloud: Emulator) -> dict[str, Any]:
    shown = ask(project, cloud, "status", "--json")
    document: dict[str, Any] = json.loads(shown.out)
    assert shown.code == (1 if document["problem"] else 0)
    return document


def test_a_running_notebook(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    instance_id = create(plugin, cloud)
    cloud.activity(instance_id, cpu=90, gpu=90)
    cloud.clock.advance(hours=1)
    found = status(project, cloud)
    assert found["region"] == REGION
    assert found["trial"]["cuPerMonth"] == 250
    assert found["trial"]["cuLeft"] == pytest.approx(250 - 6.991, abs=0.5)
    assert found["trial"]["cuLeft"] + found["trial"]["cuUsed"] == pytest.approx(250)
    (one,) = found["notebooks"]
    assert one["instanceId"] == instance_id
    assert one["status"] == "Running"
    assert one["idleMinutes"] == 30
    assert one["diskCleared"] is None
    stops = parsed(one["shutdownTime"]) - parsed(found["now"])
    assert timedelta(hours=2.9) < stops <= timedelta(hours=3)
    assert timedelta(minutes=50) < parsed(found["now"]) - parsed(one["since"]) <= timedelta(minutes=61)

    text = ask(project, cloud, "status")
    assert text.code == 0
    assert "[#############################.]" in text.out
    assert "of 250 CU, renewed 2" in text.out
    assert f"stops it in 2.9 h, at {local(parsed(one['shutdownTime']))}\n" in text.out
    assert "Running since" in text.out
    assert "after 30 idle minutes" in text.out


def test_what_runs_is_taken_off_the_hours_left(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    before = status(project, cloud)["trial"]["hoursLeft"]["ecs.gn7i-c8g1.2xlarge"]
    create(plugin, cloud)
    after = status(project, cloud)["trial"]["hoursLeft"]["ecs.gn7i-c8g1.2xlarge"]
    assert before == 32.4
    assert before - after == pytest.approx(4 + 200 / 60, abs=0.2)


def test_how_long_it_lasts_is_told_once(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    def left() -> list[str]:
        lines = ask(project, cloud, "status").out.splitlines()
        return [line for line in lines if re.search(r"\d h on ", line)]

    assert left() == ["Left        32.4 h on A10 or 13.4 h on V100, after 3 h 20 min of safety"]
    create(plugin, cloud)
    assert left() == [
        "Left        25.0 h on A10 or 10.0 h on V100, after 3 h 20 min of safety and the 3.9 h already reserved"
    ]
    found = status(project, cloud)["trial"]
    assert (found["hoursLeft"]["ecs.gn7i-c8g1.2xlarge"], found["hoursReserved"]) == (25.0, 3.9)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_it_fits_any_width(
    project: Project, cloud: Emulator, plugin: Plugin, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(plugin, cloud, instanceName="a" * 27)
    whole = ask(project, cloud, "status").out
    monkeypatch.setenv("COLUMNS", str(width))
    shown = ask(project, cloud, "status").out
    assert max(map(len, shown.splitlines())) <= width
    if width >= 40:
        assert "".join(shown.split()) == "".join(whole.split())


def test_a_stopped_one_says_when_it_is_cleared(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    cloud.clock.advance(hours=5)
    (one,) = status(project, cloud)["notebooks"]
    assert one["status"] == "Stopped"
    assert parsed(one["diskCleared"]) - parsed(one["since"]) == timedelta(days=15)
    assert "its disk is cleared at" in ask(project, cloud, "status").out
    assert one["diskIsCleared"] is False


def test_a_cleared_one_says_so_and_names_no_date(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    cloud.clock.advance(days=16)
    (one,) = status(project, cloud)["notebooks"]
    assert (one["diskCleared"], one["diskIsCleared"]) == (None, True)
    line = next(one for one in ask(project, cloud, "status").out.splitlines() if one.startswith("Disk"))
    assert line == "Disk        cleared: it was stopped for more than 15 days"


def test_without_the_trial_it_says_why(project: Project, cloud: Emulator) -> None:
    cloud.trial(claimed=False)
    assert "claim it first" in status(project, cloud)["problem"]
    shown = ask(project, cloud, "status")
    assert "it doesn't pay: this account has no PAI-DSW trial" in shown.out
    assert "Notebook    none\n" in shown.out


def test_a_notebook_without_guards_is_shown(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud, sessionHours=None, idleInstanceCuller=None)
    assert ask(project, cloud, "status").out.count("NONE: pulumi up sets it") == 2
    assert set(status(project, cloud)["trial"]["hoursLeft"].values()) == {0}


def test_a_cloud_out_of_reach_is_one_sentence(project: Project, cloud: Emulator) -> None:
    cloud.faults.add("http-500", "GetUserConfig", times=0)
    shown = ask(project, cloud, "status")
    assert shown.code == ExitCode.FAILED
    assert shown.err.startswith("error: GetUserConfig: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cloud, _: cloud.settings(denied=["GetLifecycle"]),
        lambda cloud, made: change(cloud, made, phases=[]),
        lambda cloud, made: change(cloud, made, status="Stopped"),
    ],
)
def test_since_when_is_left_out_where_it_is_not_told(
    project: Project, cloud: Emulator, plugin: Plugin, spoil: Any
) -> None:
    spoil(cloud, create(plugin, cloud))
    (one,) = status(project, cloud)["notebooks"]
    assert (one["since"], one["diskCleared"]) == (None, None)


def test_a_hostile_answer_does_nothing_to_the_terminal(
    project: Project, cloud: Emulator, plugin: Plugin
) -> None:
    cloud.force(create(plugin, cloud), "Up\x1b[2J\u202e")
    assert "Up\ufffd[2J\ufffd" in ask(project, cloud, "status").out
    cloud.faults.add("error", "GetUserConfig", message="\x1b]0;x\x07no", times=0)
    shown = ask(project, cloud, "status")
    assert "GetUserConfig: \ufffd]0;x\ufffdno" in shown.err


@pytest.mark.parametrize("region", ["cn-nowhere", ""])
def test_a_region_that_is_none(project: Project, cloud: Emulator, region: str) -> None:
    (project.root / "Pulumi.dev.yaml").write_text("config:\n  alicloud:region: cn-nowhere\n")
    shown = ask(project, cloud, "status", "--region", region)
    assert shown.code == ExitCode.USAGE
    assert "--region" in shown.err
    assert "can't be used; use cn-wulanchabu, " in shown.err
    shown = ask(project, cloud, "status")
    assert shown.code == ExitCode.USAGE
    assert "alicloud:region 'cn-nowhere' can't be used; use cn-wulanchabu, " in shown.err


@pytest.mark.parametrize(
    ("share", "filled"), [("1", 30), ("0.5", 15), ("0", 0), ("0.0001", 1), ("1.5", 30), ("-1", 0)]
)
def test_the_bar(share: str, filled: int) -> None:
    assert bar(Decimal(share)) == "#" * filled + "." * (30 - filled)


def hours(cloud: Emulator) -> float:
    timer = cloud.instances[0].timer
    assert timer is not None
    return (timer.due - cloud.clock.now_ms()) / 3_600_000


def test_extend(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    before = hours(cloud)
    shown = ask(project, cloud, "extend", "1.5")
    assert shown.code == 0, shown.err
    assert "runs 1.5 h longer: until" in shown.out
    assert hours(cloud) == pytest.approx(before + 1.5, abs=0.01)
    assert cloud.instances[0].unguarded_ms == 0


def test_extend_goes_as_far_as_the_quota(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    cloud.trial(remaining_cu=60)
    shown = ask(project, cloud, "extend", "10")
    assert "all that the trial or the longest session allows" in shown.out
    assert 5.1 < hours(cloud) < 5.3
    again = ask(project, cloud, "extend", "1")
    assert again.code == ExitCode.FAILED
    assert "can't run longer" in again.err
    cloud.activity(cloud.instances[0].id, cpu=90, gpu=90)
    cloud.clock.advance(days=1)
    assert cloud.bill().total == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda cloud: cloud.trial(claimed=False), "claim it first"),
        (lambda cloud: cloud.trial(remaining_cu=0), "too few for a session"),
        (lambda cloud: cloud.faults.add("http-500", "GetUserConfig", times=0), "can't be checked"),
        (
            lambda cloud: cloud.clock.advance(hours=6),
            "is not running but Stopped; pulumi up starts it, unless running is set to false",
        ),
    ],
)
def test_extend_is_refused_and_the_timer_stays(
    project: Project, cloud: Emulator, plugin: Plugin, spoil: Any, said: str
) -> None:
    create(plugin, cloud)
    spoil(cloud)
    timer = cloud.instances[0].timer
    before = len(cloud.calls)
    shown = ask(project, cloud, "extend", "2")
    assert shown.code == ExitCode.FAILED
    assert said in shown.err
    assert cloud.instances[0].timer == timer
    assert "UpdateInstanceShutdownTimer" not in [one.operation for one in cloud.calls[before:]]


def test_extend_under_no_culler_is_refused(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud, idleInstanceCuller=None)
    assert "has no idle shutdown" in ask(project, cloud, "extend", "1").err


def test_extend_by_less_than_a_minute_does_so(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    before = hours(cloud)
    shown = ask(project, cloud, "extend", "0.01")
    assert (shown.code, shown.err) == (0, "")
    assert hours(cloud) == pytest.approx(before + 0.01, abs=0.002)


def test_extend_beyond_the_longest_session_says_so(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    create(plugin, cloud)
    assert ask(project, cloud, "extend", "24").code == 0
    shown = ask(project, cloud, "extend", "1")
    assert "has as long to run as a session may have: 24.0 h from now; run the same command again later" in (
        shown.err
    )
    # Later it can be.
    cloud.activity(cloud.instances[0].id, cpu=90, gpu=90)
    cloud.clock.advance(hours=2)
    assert ask(project, cloud, "extend", "1").code == 0


def test_extend_at_the_end_of_the_trial_names_a_step(
    project: Project, cloud: Emulator, plugin: Plugin
) -> None:
    create(plugin, cloud)
    cloud.trial(expires_at="2026-01-05T02:00:00Z")
    shown = ask(project, cloud, "extend", "1")
    assert "the trial ended at" in shown.err
    assert "pulumi destroy releases what is left" in " ".join(shown.err.split())


def test_extend_needs_a_choice_where_several_run(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    ids = [create(plugin, cloud, instanceName=name, sessionHours=1) for name in ("one", "two")]
    shown = ask(project, cloud, "extend", "1")
    assert shown.code == ExitCode.FAILED
    assert all(one in shown.err for one in ids)
    assert ask(project, cloud, "extend", "1", ids[1]).code == 0
    assert "there is no 'dsw-none'" in ask(project, cloud, "extend", "1", "dsw-none").err


@pytest.mark.parametrize("length", ["0", "-1", "long", "25", "nan"])
def test_a_length_that_is_none(project: Project, cloud: Emulator, length: str) -> None:
    shown = ask(project, cloud, "extend", length)
    assert shown.code == ExitCode.USAGE
    assert shown.err.count("\n") == 1
    assert not cloud.calls


def test_nothing_is_to_be_made_while_the_trial_does_not_pay(project: Project, cloud: Emulator) -> None:
    assert "none; make one with pulumi up" in ask(project, cloud, "status").out
    cloud.trial(claimed=False)
    text = ask(project, cloud, "status").out
    assert "claim it first" in text
    assert "pulumi up" not in text


def test_what_was_not_seen_is_said(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    instance_id = create(plugin, cloud)
    cloud.settings(denied=["paidsw:ListAllInstances"])
    found = status(project, cloud)
    assert [one["instanceId"] for one in found["notebooks"]] == [instance_id]
    assert found["notSeen"].startswith("notebooks of workspaces that this user is not a member of")
    assert set(found["trial"]["hoursLeft"].values()) == {0}
    text = ask(project, cloud, "status").out
    assert "Left        unknown: notebooks of workspaces" in text
    assert "administrator for the policy docs/ram/read.json" in " ".join(text.split())
    cloud.settings(denied=[])
    assert status(project, cloud)["notSeen"] == ""


def test_a_notebook_of_another_workspace_than_the_default_one_is_shown(
    project: Project, cloud: Emulator
) -> None:
    made = Cloud(cloud).running()
    found = status(project, cloud)
    assert [one["instanceId"] for one in found["notebooks"]] == [made]
    # Nobody knows how long it runs.
    assert set(found["trial"]["hoursLeft"].values()) == {0}
    text = " ".join(ask(project, cloud, "status").out.split())
    # No pulumi up guards what no stack declares.
    assert text.count("NONE: set it in the PAI console") == 2
    assert "pulumi up" not in text
    assert "Left unknown: instance notebook runs without a shutdown timer" in text
