"""The ways into GitLab, Flow and other repositories, run as they stand: the judge judges, the project is data."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from paidsw.setup.layout import ROOT
from tests.support.command_tree import parsed
from tests.support.pipelines import HOSTILE, Call, GitHub, Server, bash, git

ACTION = ROOT / "action.yml"
GITLAB = ROOT / ".gitlab-ci.yml"
TEMPLATE = ROOT / "templates" / "free-tier.yml"
FLOW = ROOT / "docs" / "ci" / "codeup-flow.yml"


def load(path: Path) -> list[Any]:
    """The documents of a file; a template has two."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = Server(tmp_path)
    made.offer(HOSTILE)
    (made.work.parent / "r.git").symlink_to(made.work)
    return made


@pytest.fixture
def project(server: Server) -> Path:
    """What a CI has checked out of the merge request; it would run if anything in it were run."""
    return server.clone(server.home / "project", "refs/pull/7/merge")


def judged(server: Server, project: Path) -> Call:
    """How the check was started: by the judge's own tools, in its own folder, after it had been set up."""
    set_up, checked = server.calls()
    assert set_up.arguments == ["setup"]
    assert parsed(checked.arguments)[0] == ("check",)
    for call in (set_up, checked):
        assert call.folder == set_up.folder
        assert not Path(call.folder).is_relative_to(project)
        assert Path(call.folder, call.program).is_relative_to(call.folder)
    assert (Path(set_up.folder) / checked.arguments[1]).resolve() == project
    return checked


def as_action(server: Server, project: Path, **inputs: str) -> GitHub:
    content = load(ACTION)[0]
    given = {name: str(one["default"]) for name, one in content["inputs"].items()} | inputs
    expressions = {f"inputs.{name}": value for name, value in given.items()}
    github = GitHub(server, project, {**expressions, "steps.python.outputs.python-path": "python3"})
    github.additional = {
        "GITHUB_ACTION_PATH": str(server.clone(server.home / "_actions" / "judge", "main")),
        "GITHUB_OUTPUT": str(server.home / "output"),
        "RUNNER_TEMP": str(server.home),
    }
    github.run(content["runs"])
    return github


def gitlab_job(name: str) -> str:
    """All that GitLab runs of a job, one shell for it all."""
    jobs = load(GITLAB)[0]
    job = {**jobs[jobs[name]["extends"]], **jobs[name]}
    return "\n".join([*job["before_script"], *job["script"]])


def in_gitlab(server: Server, project: Path, script: str, **variables: str) -> str:
    given = {
        "CI_PROJECT_DIR": str(project),
        "CI_PROJECT_PATH": "somebody/fork",
        "CI_REPOSITORY_URL": f"{(server.home / 'server').as_uri()}/somebody/fork.git",
        "CI_MERGE_REQUEST_PROJECT_PATH": "o/r",
        "CI_DEFAULT_BRANCH": "main",
    }
    done = bash(script, project, {**server.environment(), **given, **variables}, shell="sh")
    assert "something of the branch" not in done.stdout + done.stderr
    assert done.returncode == 1, done.stderr
    return done.stdout


def test_the_action_judges_the_workspace_from_its_own_checkout(server: Server, project: Path) -> None:
    github = as_action(server, project)
    assert github.failed
    assert "something of the branch" not in github.printed
    checked = judged(server, project)
    assert "--other-project" in checked.arguments
    assert not {"--run-program", "--policy-pack-config"} & set(checked.arguments)
    report = (server.home / "output").read_text().removeprefix("report=").strip()
    assert Path(report).read_text() == (server.home / "summary").read_text()
    assert not Path(report).is_relative_to(project)


def test_the_action_hands_its_inputs_on_as_they_are(server: Server, project: Path) -> None:
    odd = project / "$(touch pwned) 'x'"
    odd.mkdir()
    github = as_action(
        server, project, folder=odd.name, levels='{"no-spot": "$(id)"}', **{"run-program": "true"}
    )
    checked = judged(server, odd)
    assert "--run-program" in checked.arguments
    levels = Path(checked.arguments[checked.arguments.index("--policy-pack-config") + 1])
    assert levels.read_text() == '{"no-spot": "$(id)"}\n'
    assert "pwned" not in os.listdir(project) + os.listdir(checked.folder)
    assert github.failed


def test_the_action_takes_nothing_else_for_true_or_false(server: Server, project: Path) -> None:
    github = as_action(server, project, **{"run-program": "yes"})
    assert github.failed
    assert "::error::run-program takes true or false" in github.printed
    assert [call.arguments for call in server.calls()] == [["setup"]]


def test_no_script_of_the_action_contains_an_input() -> None:
    for step in load(ACTION)[0]["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.search(rf"{step['uses']} # v\d+\.\d+\.\d+$", ACTION.read_text(), re.MULTILINE)
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])


def test_on_gitlab_the_default_branch_of_the_target_judges_a_fork(server: Server, project: Path) -> None:
    in_gitlab(server, project, gitlab_job("free-tier"))
    checked = judged(server, project)
    assert "--run-program" not in checked.arguments
    assert sorted(os.listdir(project / "reports")) == ["dsw-check.sarif", "dsw-check.xml"]


def test_on_gitlab_the_program_runs_in_a_job_of_its_own(server: Server, project: Path) -> None:
    in_gitlab(server, project, gitlab_job("free-tier-program"))
    assert "--run-program" in judged(server, project).arguments


def test_gitlab_keeps_the_reports_whatever_the_outcome() -> None:
    for path, document in ((GITLAB, 0), (TEMPLATE, 1)):
        job = load(path)[document]["free-tier"]
        assert job["artifacts"]["when"] == "always"
        assert job["artifacts"]["reports"]["junit"] in " ".join(job["script"])


def from_template(**inputs: str) -> tuple[str, Mapping[str, str]]:
    """A job of the template for others: its script and variables, with inputs as GitLab puts them in."""
    header, content = load(TEMPLATE)
    declared = header["spec"]["inputs"]
    assert set(inputs) <= set(declared)
    given = {name: str((one or {}).get("default", "")).lower() for name, one in declared.items()} | inputs

    def put(text: str) -> str:
        return re.sub(r"\$\[\[ inputs\.(\S+) \]\]", lambda match: given[match[1]], text)

    job = content["free-tier"]
    return "\n".join(job["script"]), {name: put(value) for name, value in job["variables"].items()}


def test_the_template_judges_another_project_by_the_commit_that_it_names(
    server: Server, project: Path
) -> None:
    commit = git(server.work, "rev-parse", "main")
    script, variables = from_template(judge=server.url, commit=commit)
    in_gitlab(server, project, script, **variables)
    checked = judged(server, project)
    assert git(Path(checked.folder), "rev-parse", "HEAD") == commit
    assert "--other-project" in checked.arguments
    assert "--run-program" not in checked.arguments


def test_the_template_runs_the_program_if_told_so_in_the_folder_that_it_is_in(
    server: Server, project: Path
) -> None:
    (project / "infra").mkdir()
    commit = git(server.work, "rev-parse", "main")
    wanted = {"judge": server.url, "commit": commit, "folder": "infra", "run-program": "true"}
    script, variables = from_template(**wanted)
    in_gitlab(server, project, script, **variables)
    assert "--run-program" in judged(server, project / "infra").arguments


def test_no_script_of_the_template_contains_an_input() -> None:
    assert "$[[" not in " ".join(load(TEMPLATE)[1]["free-tier"]["script"])


@pytest.mark.parametrize(("job", "runs_program"), [("settings", False), ("program", True)])
def test_in_flow_the_judges_source_judges_the_branch_beside_it(
    server: Server, job: str, runs_program: bool
) -> None:
    flow = load(FLOW)[0]
    (step,) = flow["stages"]["check"]["jobs"][job]["steps"].values()
    assert step["step"] == "Command"
    refs = {"branch": "refs/pull/7/merge", "judge": "main"}
    folders = {name: server.clone(server.home / "flow" / name, refs[name]) for name in flow["sources"]}
    start = folders[flow["defaultWorkspace"]]
    done = bash(step["with"]["run"], start, {**server.environment(), "PROJECT_DIR": str(start)}, shell="sh")
    assert done.returncode == 1, done.stderr
    assert "something of the branch" not in done.stdout + done.stderr
    assert ("--run-program" in judged(server, folders["branch"]).arguments) is runs_program


def test_the_pipeline_of_flow_runs_on_merge_requests_of_the_branch_only() -> None:
    sources = load(FLOW)[0]["sources"]
    assert {name: one.get("triggerEvents") for name, one in sources.items()} == {
        "branch": "mergeRequestOpenedOrUpdate",
        "judge": None,
    }
