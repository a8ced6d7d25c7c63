"""`dsw release --undeclared` in a rehearsal: its own state is at hand, and no other counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.emulator import process
from paidsw.provider.instance import labels
from tests.support.audited import OWNER_ID, URN, instance_resource, owner_resource, state
from tests.support.command import Project
from tests.support.rehearsed import notebook

OWNED = labels.ours(URN, 4) | {labels.OWNER: OWNER_ID}
RELEASE = ("release", "--undeclared", "--emulator", "--region", "cn-wulanchabu")


def kept(project: Project, *instances: str) -> str:
    """What the rehearsal's stack has, and the same as an export."""
    resources = (owner_resource(), *map(instance_resource, instances))
    text = state(*resources, emulator=".rehearsal/emulator")
    path = project.state / ".pulumi" / "stacks" / "dsw-free-tier" / "dev.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    latest = json.loads(text)["deployment"]
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}), encoding="utf-8")
    return text


def ids(project: Project) -> set[str]:
    live = process.account(project.emulator).live
    return {one.id for one in live if one.kind == "instance"}


@pytest.fixture
def export(project: Project, tmp_path: Path) -> Path:
    (project.root / "Pulumi.yaml").write_text("name: dsw-free-tier\n", encoding="utf-8")
    return tmp_path / "stack.json"


def test_its_own_state_needs_no_export(project: Project) -> None:
    mine, lost = notebook(project, OWNED, "mine"), notebook(project, OWNED, "lost")
    kept(project, mine)
    project.control().advance(300)
    assert project.dsw(*RELEASE, "--yes").code == ExitCode.FOUND
    assert ids(project) == {mine, lost}
    assert project.dsw(*RELEASE, "--yes", "--running", lost).code == ExitCode.OK
    assert ids(project) == {mine}
    assert project.dsw(*RELEASE, "--yes").out == "Nothing to release.\n"


@pytest.mark.parametrize("which", ["older", "of another clone"])
def test_an_export_of_another_time_or_clone_is_refused(project: Project, export: Path, which: str) -> None:
    """Both name the emulator by the same folder, which each clone has."""
    mine = notebook(project, OWNED, "mine")
    export.write_text(kept(project), encoding="utf-8")
    text = kept(project, mine)
    if which == "of another clone":
        export.write_text(text.replace(mine, "dsw-theirs").replace(OWNER_ID, "f" * 12), encoding="utf-8")
    result = project.dsw(*RELEASE, "--state", str(export), "--yes", "--running", mine)
    assert result.code == ExitCode.FAILED
    assert "isn't the state that the rehearsal has now; leave --state out: with --emulator" in result.err
    assert ids(project) == {mine}
    export.write_text(text, encoding="utf-8")
    result = project.dsw(*RELEASE, "--state", str(export), "--yes")
    assert (result.code, result.out) == (ExitCode.OK, "Nothing to release.\n")


def test_a_rehearsal_that_has_nothing_decides_nothing(project: Project) -> None:
    made = notebook(project, OWNED)
    result = project.dsw(*RELEASE, "--yes")
    assert result.code == ExitCode.FAILED
    assert result.err.endswith(
        "the rehearsal's state is empty, so it can't tell what is left over; "
        "name what is to be deleted, as dsw audit --emulator lists it: dsw release ID --emulator\n"
    )
    assert ids(project) == {made}


def test_another_stack_than_the_rehearsals_is_refused(project: Project) -> None:
    mine, lost = notebook(project, OWNED, "mine"), notebook(project, OWNED, "lost")
    kept(project, mine)
    result = project.dsw(*RELEASE, "--stack", "prod", "--yes", "--running", lost)
    assert result.code == ExitCode.FAILED
    assert "is of stack dsw-free-tier/dev, and this is dsw-free-tier/prod; give " in result.err
    assert ids(project) == {mine, lost}


def test_what_is_left_alone_is_released_by_the_command_that_is_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = notebook(project, OWNED | {labels.OWNER: "f" * 12}, "foreign")
    kept(project, "dsw-mine")
    shown = project.dsw(*RELEASE, "--yes").out
    command = f"dsw release {foreign} --region cn-wulanchabu --emulator"
    assert f"; if it is left over: {command}\n" in shown
    monkeypatch.setattr("builtins.input", lambda _: foreign)
    assert project.dsw(*command.split()[1:]).code == ExitCode.OK
    assert ids(project) == set()


def test_what_is_declared_is_released_by_the_rehearsal(project: Project, export: Path) -> None:
    mine = notebook(project, OWNED, "mine")
    export.write_text(kept(project, mine), encoding="utf-8")
    result = project.dsw("release", mine, "--emulator", "--state", str(export), "--yes")
    assert result.code == ExitCode.FAILED
    assert f"{mine} is declared by the stack; release it with make down" in result.err
    result = project.dsw("release", "dsw-0123456789abcdef", "--emulator", "--yes")
    assert result.err.endswith("; see dsw audit --emulator\n")


def test_the_real_cloud_needs_an_export(project: Project) -> None:
    result = project.dsw("release", "--undeclared", "--yes")
    assert result.code == ExitCode.USAGE
    assert "--undeclared needs --state; run pulumi stack export --file stack.json first" in result.err


def test_the_audit_of_a_rehearsal_compares_with_its_own_state(project: Project) -> None:
    mine, lost, clones = (notebook(project, OWNED, name) for name in ("mine", "lost", "clones"))
    kept(project, mine)
    document = json.loads(project.dsw("audit", "--emulator", "--region", "cn-wulanchabu", "--json").out)
    assert document["comparedWith"] == "dsw-free-tier/dev"
    ends = {
        one["id"]: (one["owner"], one["end"])
        for one in document["findings"]
        if one["rule"] == "idle-shutdown"
    }
    assert ends[mine] == ("declared", "make down")
    assert ends[lost] == ("undeclared", f"dsw release {lost} --region cn-wulanchabu --emulator")
    assert clones in ends


def test_the_audit_calls_nothing_left_over_by_an_old_export(project: Project, export: Path) -> None:
    mine = notebook(project, OWNED, "mine")
    export.write_text(kept(project), encoding="utf-8")
    kept(project, mine)
    project.control().advance(3 * 3600)
    shown = project.dsw("audit", "--emulator", "--region", "cn-wulanchabu", "--json", "--state", str(export))
    document = json.loads(shown.out)
    assert {one["owner"] for one in document["findings"] if one["id"] == mine} == {"unproven"}
    assert "which proves nothing: the stack has another state by now" in shown.out
