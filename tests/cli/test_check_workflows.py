"""The workflows for GitHub: pinned, with few rights, and run as they stand on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.cli.reports.markdown import MARKER
from paidsw.setup.layout import ROOT
from tests.support.command_tree import parsed
from tests.support.pipelines import HOSTILE, GitHub, Server, bash, pull_request, write

SETTINGS = ROOT / ".github" / "workflows" / "free-tier.yml"
PROGRAM = ROOT / ".github" / "workflows" / "free-tier-program.yml"
BOTH = (SETTINGS, PROGRAM)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job["steps"]


def script(name: str) -> str:
    (found,) = [step["run"] for step in steps(SETTINGS) if name in step.get("name", "")]
    assert isinstance(found, str)
    return found


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def settings_job(server: Server, head: str) -> GitHub:
    github = GitHub(server, server.home / "workspace", pull_request(server, head, of_target=True))
    github.run(jobs(SETTINGS)["free-tier"])
    return github


def test_the_default_branch_judges_the_settings_and_nothing_of_the_branch_is_run(server: Server) -> None:
    github = settings_job(server, server.offer(HOSTILE))
    assert "something of the branch" not in github.printed
    assert not (github.workspace / "branch" / ".git" / "hooks" / "post-checkout").exists()
    set_up, checked = server.calls()
    assert set_up.arguments == ["setup"]
    assert checked.arguments[:2] == ["check", "../branch"]
    assert parsed(checked.arguments)[0] == ("check",)
    for call in (set_up, checked):
        assert call.folder == str(github.workspace / "judge")
        assert Path(call.folder, call.program).is_relative_to(github.workspace / "judge")
        assert not {"TOKEN", "GIT_CONFIG_VALUE_0"} & set(call.variables)
    assert github.failed, "what the check finds fails the job"


def test_what_is_judged_is_what_would_be_merged_whatever_its_attributes_say(server: Server) -> None:
    github = settings_job(server, server.offer({"Pulumi.dev.yaml": "config: {a: b}\n", **HOSTILE}))
    branch = github.workspace / "branch"
    assert {name: (branch / name).read_text() for name in HOSTILE} == HOSTILE
    assert (branch / "Pulumi.dev.yaml").read_text() == "config: {a: b}\n"
    assert "Authorization" not in (branch / ".git" / "config").read_text()


def test_the_summary_is_the_judges_and_not_what_the_branch_brings(server: Server) -> None:
    settings_job(server, server.offer(HOSTILE))
    assert (server.home / "summary").read_text() == f"{MARKER}\nverdict\n"


def test_a_check_that_finds_nothing_passes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "environment", lambda: {**Server.environment(server), "CODE": "0"})
    assert not settings_job(server, server.offer({"Pulumi.dev.yaml": "config: {}\n"})).failed


def test_a_merge_of_an_earlier_commit_is_not_judged_for_a_later_one(server: Server) -> None:
    server.offer({"Pulumi.dev.yaml": "config: {early: 1}\n"})
    head = server.offer({"Pulumi.dev.yaml": "config: {late: 1}\n"}, merged=False)
    github = settings_job(server, head)
    assert github.failed
    assert "::error::the pull request can't be merged; resolve its conflicts" in github.printed
    assert (server.calls(), server.naps()) == ([], 24)


def test_a_merge_that_is_made_a_little_later_is_waited_for(server: Server) -> None:
    head = server.offer({"Pulumi.dev.yaml": "config: {late: 1}\n"})
    server.hide_merge_until_a_nap()
    github = settings_job(server, head)
    assert server.naps() == 1
    assert (github.workspace / "branch" / "Pulumi.dev.yaml").read_text() == "config: {late: 1}\n"


def test_without_a_report_there_is_no_summary(server: Server, tmp_path: Path) -> None:
    done = bash(
        script("Summary"), tmp_path, {**server.environment(), "GITHUB_STEP_SUMMARY": str(tmp_path / "s")}
    )
    assert (done.returncode, (tmp_path / "s").exists()) == (0, False)


def test_the_branchs_program_runs_by_the_base_and_the_branch_by_itself(server: Server) -> None:
    files = {"__main__.py": "print(1)\n", ".venv/bin/dsw": server.stand_in, "sitecustomize.py": ""}
    head = server.offer(files)
    for name, folder in (("free-tier-program", "judge"), ("free-tier-itself", ".")):
        github = GitHub(server, server.home / name, pull_request(server, head, of_target=False))
        github.run(jobs(PROGRAM)[name])
        set_up, checked = server.calls()[-2:]
        assert set_up.arguments == ["setup"]
        assert checked.folder == str((github.workspace / folder).resolve())
        assert github.failed
    by_the_base, by_itself = server.calls()[1], server.calls()[3]
    assert by_the_base.arguments[:3] == ["check", "../branch", "--run-program"]
    assert by_itself.arguments == ["check"]
    for call in (by_the_base, by_itself):
        assert parsed(call.arguments)[0] == ("check",)
    assert (server.home / "free-tier-program" / "branch" / "__main__.py").exists()
    assert not (server.home / "free-tier-program" / "judge" / "__main__.py").exists()


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_name_their_version(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert len(used) >= 4
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.search(rf"{action} # v\d+\.\d+\.\d+$", path.read_text(), re.MULTILINE)


def test_only_the_job_without_any_checkout_can_write() -> None:
    assert load(SETTINGS)["permissions"] == {}
    found = jobs(SETTINGS)
    assert found["free-tier"]["permissions"] == {"contents": "read"}
    assert found["comment"]["permissions"] == {"pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in found["comment"]["steps"])
    assert not any("judge" in step.get("run", "") for step in found["comment"]["steps"])
    assert load(PROGRAM)["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in jobs(PROGRAM).values())


def test_the_event_that_has_the_bases_rights_checks_out_the_default_branch_only() -> None:
    # `on` is true in YAML 1.1.
    assert list(load(SETTINGS)[True]) == ["pull_request_target"]
    assert list(load(PROGRAM)[True]) == ["pull_request"]
    # Pointed at this branch later, a pull request is judged for it.
    for path in BOTH:
        (event,) = load(path)[True].values()
        assert event == {"branches": ["main"], "types": ["opened", "synchronize", "reopened", "edited"]}
    (checkout,) = [step for step in steps(SETTINGS) if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"path": "judge", "persist-credentials": False}
    for step in steps(SETTINGS):
        assert step.get("working-directory", "judge") == "judge"


@pytest.mark.parametrize("path", BOTH, ids=lambda path: path.name)
def test_no_checkout_leaves_a_token_and_no_script_contains_foreign_text(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", "")
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
    assert "secrets." not in path.read_text()
    assert "cache" not in path.read_text()


def test_reports_are_kept_whatever_the_outcome() -> None:
    kept = [step for step in steps(SETTINGS) if "upload-artifact" in step.get("uses", "")]
    assert [(step["if"], step["with"]["path"]) for step in kept] == [("always()", "reports/")]


# As much of `gh api` as the workflow uses: comments are files, named by their id.
GH = """#!/bin/bash
set -eu
method=GET body=
echo "$*" >> calls
while [ $# -gt 0 ]; do
  case "$1" in
    --method) method="$2"; shift 2 ;;
    -F) body="${2#body=@}"; shift 2 ;;
    --jq) shift 2 ;;
    repos/*) path="$1"; shift ;;
    *) shift ;;
  esac
done
case "$method $path" in
  "GET repos/o/r/issues/7/comments") ls comments ;;
  "POST repos/o/r/issues/7/comments") cp "$body" "comments/4$(ls comments | wc -l)" ;;
  "PATCH repos/o/r/issues/comments/"*) cp "$body" "comments/${path##*/}" ;;
  *) exit 9 ;;
esac
"""


@pytest.fixture
def comments(server: Server) -> Path:
    write(server.home / "bin", {"gh": GH})
    folder = server.home / "comment job" / "comments"
    folder.mkdir(parents=True)
    return folder


def comment(server: Server, folder: Path, report: str | None) -> None:
    given = {"GITHUB_REPOSITORY": "o/r", "NUMBER": "7", "GH_TOKEN": "t", "HEAD_COMMIT": "c0ffee"}
    (folder.parent / "dsw-check.md").unlink(missing_ok=True)
    if report is not None:
        (folder.parent / "dsw-check.md").write_text(report)
    done = bash(script("comment"), folder.parent, {**server.environment(), **given})
    assert done.returncode == 0, done.stderr


def test_the_comment_is_edited_and_not_repeated(server: Server, comments: Path) -> None:
    for text in ("first", "second", "third"):
        comment(server, comments, f"{MARKER}\n{text}\n")
    assert [path.read_text() for path in comments.iterdir()] == [f"{MARKER}\nthird\n\nCommit c0ffee\n"]
    methods = re.findall(r"--method (\w+)", (comments.parent / "calls").read_text())
    assert methods == ["POST", "PATCH", "PATCH"]


def test_a_long_comment_ends_with_a_whole_line_and_where_the_rest_is(server: Server, comments: Path) -> None:
    row = "| 免费 | " + "x" * 90 + " |"
    comment(server, comments, f"{MARKER}\n" + f"{row}\n" * 1000)
    (body,) = [path.read_text() for path in comments.iterdir()]
    assert 55_000 < len(body.encode()) < 65_000
    assert set(body.splitlines()[1:-4]) == {row}
    assert body.endswith("\nThe artifact dsw-check has the rest.\n\nCommit c0ffee\n")


def test_a_check_that_could_not_be_done_leaves_no_older_verdict(server: Server, comments: Path) -> None:
    comment(server, comments, f"{MARKER}\nClean\n")
    comment(server, comments, None)
    (body,) = [path.read_text() for path in comments.iterdir()]
    assert "Clean" not in body
    assert body.startswith(f"{MARKER}\n### Free-tier check: not done\n")


def test_the_comment_is_found_by_the_marker_and_its_author() -> None:
    assert f'startswith("{MARKER}")' in script("comment")
    assert 'select(.user.login == "github-actions[bot]"' in script("comment")
