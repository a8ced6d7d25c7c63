"""Runs the scripts of CI files as they stand there, with a judge that only notes how it was started.

server = Server(tmp_path)
server.offer({"Pulumi.dev.yaml": "config: {}\\n"})      # pull request 7
run_job(job, server, tmp_path / "workspace")
assert [call.arguments for call in server.calls()] == [["setup"], ["check", ...]]
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.waiting import PATIENCE

NUMBER = 7
# Notes how it is started, writes the reports that it is asked for, and finds something.
STAND_IN = """\
#!/usr/bin/env python3
import json, os, sys
with open(os.environ["CALLS"], "a") as file:
    note = {"arguments": sys.argv[1:], "folder": os.getcwd(), "variables": sorted(os.environ), "program": __file__}
    file.write(json.dumps(note) + "\\n")
for one in sys.argv:
    if one.startswith(("junit=", "sarif=", "markdown=")):
        path = one.partition("=")[2]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write("<!-- dsw check -->\\nverdict\\n")
sys.exit(int(os.environ.get("CODE", "1")) if sys.argv[1] == "check" else 0)
"""
TRAP = "raise SystemExit('something of the branch was run')\n"
# What a branch may bring so that a careless job runs it.
HOSTILE = {
    "tools/__main__.py": TRAP,
    "sitecustomize.py": TRAP,
    "json.py": TRAP,
    "paidsw/__init__.py": TRAP,
    "setup.py": TRAP,
    ".venv/bin/dsw": "#!/bin/sh\necho something of the branch was run\nexit 66\n",
    ".python-version": "../../branch\n",
    "uv.toml": 'index-url = "http://127.0.0.1:9/"\n',
    ".gitattributes": "* filter=evil\nPulumi.prod.yaml export-ignore\n",
    "Pulumi.prod.yaml": "config: {}\n",
    "reports/dsw-check.md": "<!-- dsw check -->\nClean, says the branch\n",
}


@dataclass(frozen=True)
class Call:
    """How one of the judge's programs was started."""

    program: str
    arguments: list[str]
    folder: str
    variables: list[str]


def bash(
    script: str, folder: Path, environment: Mapping[str, str], *, shell: str = "bash"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, "-e", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def git(folder: Path, *arguments: str) -> str:
    fixed = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *fixed, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if text.startswith("#!"):
            path.chmod(0o755)


@dataclass
class Server:
    """A server of git repositories with one, `o/r`: its main branch judges, and there is one pull request."""

    home: Path
    work: Path = field(init=False)
    stand_in = STAND_IN

    def __post_init__(self) -> None:
        self.work = self.home / "server" / "o" / "r"
        self.work.mkdir(parents=True)
        git(self.work, "init", "--quiet")
        stand_ins = {"tools/__main__.py": STAND_IN, ".venv/bin/dsw": STAND_IN}
        self.base = self._commit({**stand_ins, "Pulumi.dev.yaml": "config: {}\n"})
        (self.home / "bin").mkdir()
        write(self.home / "bin", {"sleep": '#!/bin/sh\necho "$1" >> "$NAPS"\n'})

    def _commit(self, files: Mapping[str, str]) -> str:
        write(self.work, files)
        git(self.work, "add", "--all", "--force")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", "a change")
        return git(self.work, "rev-parse", "HEAD")

    def offer(self, files: Mapping[str, str], *, merged: bool = True) -> str:
        """A pull request with these files; the commit at its head. It has a merge commit unless told otherwise."""
        git(self.work, "checkout", "--quiet", "-B", "branch", self.base)
        head = self._commit(files)
        git(self.work, "update-ref", f"refs/pull/{NUMBER}/head", head)
        if merged:
            git(self.work, "checkout", "--quiet", "-B", "merge", self.base)
            git(self.work, "merge", "--quiet", "--no-ff", "--message", "a merge", head)
            git(self.work, "update-ref", f"refs/pull/{NUMBER}/merge", "HEAD")
        git(self.work, "checkout", "--quiet", "main")
        return head

    def hide_merge_until_a_nap(self) -> None:
        """The merge commit appears only once somebody has waited for it."""
        ref, folder = f"refs/pull/{NUMBER}/merge", str(self.work)
        merge = git(self.work, "rev-parse", ref)
        git(self.work, "update-ref", "-d", ref)
        nap = f'#!/bin/sh\necho "$1" >> "$NAPS"\ngit -C "{folder}" update-ref {ref} {merge}\n'
        write(self.home / "bin", {"sleep": nap})

    @property
    def url(self) -> str:
        return self.work.as_uri()

    def clone(self, folder: Path, ref: str) -> Path:
        """What a CI has checked out before it runs a job's script."""
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet")
        git(folder, "fetch", "--quiet", self.url, ref)
        git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return folder

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "CALLS": str(self.home / "calls"),
            "NAPS": str(self.home / "naps"),
        }

    def calls(self) -> list[Call]:
        """How the judge's programs were started, in order."""
        path = self.home / "calls"
        return [Call(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []

    def naps(self) -> int:
        path = self.home / "naps"
        return len(path.read_text().splitlines()) if path.exists() else 0


@dataclass
class GitHub:
    """What GitHub does around the steps of a job: checkouts, expressions, failures."""

    server: Server
    workspace: Path
    event: Mapping[str, str]
    additional: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    failed: bool = False

    def run(self, job: Mapping[str, Any]) -> None:
        """All steps of a job, with everything that isn't a script or a checkout left out."""
        self.workspace.mkdir(parents=True, exist_ok=True)
        for step in job["steps"]:
            if self.failed and "always()" not in step.get("if", ""):
                continue
            if "actions/checkout@" in step.get("uses", ""):
                self._checkout(step["with"])
            elif "run" in step:
                self._script(step)

    def _checkout(self, given: Mapping[str, Any]) -> None:
        ref = self.text(given["ref"]) if "ref" in given else self.event["checked out"]
        folder = self.workspace / given.get("path", ".")
        if folder != self.workspace:
            self.server.clone(folder, ref)
        else:
            shutil.rmtree(self.workspace)
            self.server.clone(self.workspace, ref)

    def _script(self, step: Mapping[str, Any]) -> None:
        given = {name: self.text(str(value)) for name, value in step.get("env", {}).items()}
        done = bash(
            step["run"], self.workspace / step.get("working-directory", "."), {**self.variables(), **given}
        )
        self.printed += done.stdout + done.stderr
        self.failed = self.failed or done.returncode != 0

    def variables(self) -> dict[str, str]:
        """The variables that every step has."""
        return {
            **self.server.environment(),
            "GITHUB_SERVER_URL": (self.server.home / "server").as_uri(),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_STEP_SUMMARY": str(self.server.home / "summary"),
            **self.additional,
        }

    def text(self, value: str) -> str:
        """A value with its expressions replaced."""
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self.event[match[1]], value)


def pull_request(server: Server, head: str, *, of_target: bool) -> dict[str, str]:
    """The expressions of an event about the pull request."""
    return {
        "github.token": "t0ken",
        "github.event.pull_request.number": str(NUMBER),
        "github.event.pull_request.head.sha": head,
        "github.event.pull_request.base.sha": server.base,
        "checked out": "main" if of_target else f"refs/pull/{NUMBER}/merge",
    }
