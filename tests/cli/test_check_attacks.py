"""What a branch can try to switch a check off, each with its outcome; the same list is in docs/pull-requests.md.

Most need no engine: what a check reads, refuses and compares is decided before it, or by its events. What needs one is
tried in tests/engine, by the tests that `ELSEWHERE` names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from paidsw.cli.check.gate import Request, check
from paidsw.cli.reports import FORMATS
from paidsw.cli.reports.finding import NOTEBOOK, PROJECT, SETTING, UNJUDGED
from paidsw.rules.rule import INSTANCE_TYPE
from paidsw.setup.layout import ROOT
from tests.support.gate import SEEN, Previews, write_project

GUIDE = ROOT / "docs" / "pull-requests.md"
BASE = "runtime: {name: python, options: {virtualenv: .venv}}\nplugins: {providers: [{name: paidsw, path: provider}]}\n"
SETTINGS = "config:\n  alicloud:region: cn-beijing\n"
DEV, PROJECT_FILE, PROGRAM = "Pulumi.dev.yaml", "Pulumi.yaml", "__main__.py"
Place = tuple[str, str, int]


class Attack(NamedTuple):
    """What a branch has otherwise than the base (file → text, or what is done to its folder), and what is found."""

    title: str
    branch: Mapping[str, str] | Callable[[Path], object]
    found: tuple[Place, ...]
    code: int = 1
    runs: bool = False
    events: tuple[Mapping[str, Any], ...] = SEEN


def settings(line: str) -> dict[str, str]:
    return {DEV: f"{SETTINGS}  {line}\n"}


def project(more: str) -> dict[str, str]:
    return {PROJECT_FILE: f"name: dsw-free-tier\n{BASE}{more}\n"}


def link(folder: Path) -> None:
    (folder / DEV).unlink()
    (folder / DEV).symlink_to("/etc/hostname")


def pipe(folder: Path) -> None:
    (folder / DEV).unlink()
    os.mkfifo(folder / DEV)


def huge(folder: Path) -> None:
    with (folder / DEV).open("ab") as file:
        file.truncate(1 << 40)


def binary(folder: Path) -> None:
    (folder / DEV).write_bytes(bytes(range(256)))


def made(kind: str, *, custom: bool = True, op: str = "create") -> tuple[Mapping[str, Any], ...]:
    """The events of a resource that the rules have seen."""
    urn = f"urn:pulumi:dev::dsw-free-tier::{kind}::notebook"
    resource = {"op": op, "urn": urn, "type": kind, "new": {"custom": custom, "inputs": {}}}
    return (
        {"resourcePreEvent": {"metadata": resource}},
        {"policyAnalyzeSummaryEvent": {"resourceUrn": urn, "passed": ["no-spot"]}},
    )


NESTED = "config:\n  a: &a [x]\n" + "".join(f"  b{n}: &b{n} [*a]\n" for n in range(9)) + "  c: &r [*r]\n"
STACK_FORMS = "a stack file, or a project file, in another form or spelling"
PROVIDERS = "settings of providers that lead elsewhere"
TWICE = "the same setting twice, in two forms"
ELSEWHERE_SET = "settings from elsewhere"
ENCRYPTED = "an encrypted setting that costs"
KEEPER = "another keeper of the secrets"
EXISTS = "settings that act on what exists"
DECIDES = "a project file that decides what runs"
STACKS = "no stack file, or too many"
NO_FILE = "a file that is none"
YAML = "YAML that reads in two ways, or never ends"
CODE = "terms, rules, provider or workflows changed in the same branch"
SHADOWS = "files beside the program with the names of packages"
BELOW = "a project in another folder"
UNRUN = "a changed program"
NO_NOTEBOOK = "a program that declares no notebook"
UPDATES = "a program that tells a preview from an update"
AT_PROJECT, AT_DEV = (PROJECT, PROJECT_FILE), (SETTING, DEV)

ATTACKS = (
    Attack(STACK_FORMS, {"Pulumi.prod.yml": "config: {}\n"}, ((PROJECT, "Pulumi.prod.yml", 1),)),
    Attack(STACK_FORMS, {"Pulumi.prod.json": "{}"}, ((PROJECT, "Pulumi.prod.json", 1),)),
    Attack(STACK_FORMS, {"pulumi.prod.yaml": "config: {}\n"}, ((PROJECT, "pulumi.prod.yaml", 1),)),
    Attack(STACK_FORMS, {"Pulumi.::error::x.yaml": ""}, ((PROJECT, "Pulumi.::error::x.yaml", 1),)),
    Attack(STACK_FORMS, {"Pulumi.json": '{"name": "x"}'}, ((SETTING, "Pulumi.json", 1),)),
    *(
        Attack(PROVIDERS, settings(f"{key}: x"), ((*AT_DEV, 3),))
        for key in (
            "alicloud:endpoints",
            "alicloud:insecure",
            "alicloud:protocol",
            "alicloud:credentialsUri",
            "alicloud:assumeRole",
            "alicloud:config:insecure",
            "alicloud:Insecure",
            "paidsw:emulator",
            "aws:region",
        )
    ),
    Attack(PROVIDERS, project("config:\n  alicloud:insecure: {value: true}"), ((SETTING, PROJECT_FILE, 5),)),
    Attack(
        PROVIDERS,
        {
            PROJECT_FILE: f"name: alicloud\n{BASE}",
            DEV: f"{SETTINGS}  insecure: true\n  alicloud:protocol: HTTP\n",
        },
        ((*AT_PROJECT, 1),),
    ),
    Attack(TWICE, settings("systemDiskGib: 2000\n  dsw-free-tier:systemDiskGib: 100"), ((*AT_DEV, 4),)),
    Attack(TWICE, settings("alicloud:config:region: cn-hongkong"), ((*AT_DEV, 3),)),
    Attack(ELSEWHERE_SET, {DEV: f"environment: [team/prod]\n{SETTINGS}"}, ((*AT_DEV, 1),)),
    Attack(ELSEWHERE_SET, {DEV: f"{SETTINGS}Config:\n  a: b\n"}, ((*AT_DEV, 3),)),
    *(
        Attack(ENCRYPTED, settings(f"{key}: {value}"), ((*AT_DEV, 3),))
        for key, value in (
            ("dsw-free-tier:systemDiskGib", "{secure: v1:x}"),
            ("dsw-free-tier:allowBilling", "{secure: v1:x}"),
            ("datasets", "[{uri: {secure: v1:x}, mountPath: /mnt}]"),
        )
    ),
    Attack(ENCRYPTED, {DEV: "config:\n  alicloud:region: {secure: v1:x}\n"}, ((*AT_DEV, 2),)),
    *(
        Attack(EXISTS, settings(f"{key}: dsw-0123456789abcdef"), ((UNJUDGED, DEV, 3),), code=0)
        for key in ("replaceId", "dsw-free-tier:startClearedId", "importId", "ownerId")
    ),
    Attack(
        EXISTS, project("config:\n  replaceId: dsw-0123456789abcdef"), ((UNJUDGED, PROJECT_FILE, 5),), code=0
    ),
    Attack(KEEPER, {DEV: f"{SETTINGS}secretsprovider: azurekeyvault://a.example/k\n"}, ((*AT_DEV, 3),)),
    *(
        Attack(DECIDES, project(more), ((*AT_PROJECT, 4),))
        for more in (
            "main: elsewhere",
            "stackConfigDir: elsewhere",
            "config: elsewhere",
            "backend: {url: https://a.example}",
            "packages: {x: a.example/x}",
            "options: {refresh: always}",
            "template: {config: {}}",
        )
    ),
    Attack(DECIDES, {PROJECT_FILE: f"name: x\n{BASE.replace('.venv', 'evil')}"}, ((*AT_PROJECT, 2),)),
    Attack(DECIDES, {PROJECT_FILE: f"name: x\n{BASE.replace('python', 'nodejs')}"}, ((*AT_PROJECT, 2),)),
    Attack(DECIDES, {PROJECT_FILE: f"name: x\n{BASE.replace('provider}', 'evil}')}"}, ((*AT_PROJECT, 3),)),
    Attack(STACKS, lambda folder: (folder / DEV).unlink(), ((PROJECT, DEV, 1),)),
    Attack(STACKS, {f"Pulumi.a{n}.yaml": SETTINGS for n in range(40)}, ((PROJECT, DEV, 1),)),
    Attack(NO_FILE, link, ((*AT_DEV, 1),)),
    Attack(NO_FILE, pipe, ((*AT_DEV, 1),)),
    Attack(NO_FILE, huge, ((*AT_DEV, 1),)),
    Attack(NO_FILE, binary, ((*AT_DEV, 2),)),
    Attack(YAML, {DEV: NESTED}, ((*AT_DEV, 12),)),
    Attack(YAML, {DEV: f"{SETTINGS}---\nconfig: {{}}\n"}, ((*AT_DEV, 3),)),
    Attack(YAML, settings("a: 1\n  a: 2"), ((*AT_DEV, 4),)),
    Attack(YAML, settings('"<<": {dsw-free-tier:allowBilling: false}'), ((*AT_DEV, 3),)),
    Attack(YAML, settings("a: !!python/object:os.system x"), ((*AT_DEV, 3),)),
    *(
        Attack(CODE, {file: "x"}, ((UNJUDGED, file, 1),), code=0)
        for file in (
            "paidsw/trial/terms.py",
            "components/settings.py",
            "policies/pack.py",
            "provider/__main__.py",
            ".github/workflows/free-tier.yml",
            "tools/__main__.py",
        )
    ),
    *(
        Attack(SHADOWS, {file: "x"}, ((PROJECT, file, 1),), runs=True)
        for file in (
            "__main__.so",
            "yaml.py",
            "pulumi.py",
            "paidsw.py",
            "sitecustomize.py",
            "json.so",
            "endpoints.xml",
        )
    ),
    Attack(BELOW, {"lab/Pulumi.yaml": "name: x\n"}, ((UNJUDGED, "lab/Pulumi.yaml", 1),), code=0),
    Attack(BELOW, {"lab/a/Pulumi.prod.yaml": SETTINGS}, ((UNJUDGED, "lab/a/Pulumi.prod.yaml", 1),), code=0),
    Attack(SHADOWS, {"__main__/__init__.py": ""}, ((PROJECT, "__main__", 1),), runs=True),
    Attack(UNRUN, {PROGRAM: "x"}, ((UNJUDGED, PROGRAM, 1),), code=0),
    Attack(UNRUN, {"lab.py": "x"}, ((UNJUDGED, "lab.py", 1),), code=0),
    *(
        Attack(NO_NOTEBOOK, {}, ((NOTEBOOK, PROGRAM, 1),), runs=True, events=events)
        for events in (
            (),
            made(INSTANCE_TYPE, op="read"),
            made(INSTANCE_TYPE, custom=False),
            made(f"other{INSTANCE_TYPE}"),
            made("random:index:Id"),
        )
    ),
    Attack(
        UPDATES,
        {PROGRAM: "import pulumi\nif not pulumi.runtime.is_dry_run():\n    pass\n"},
        ((UNJUDGED, PROGRAM, 2),),
        code=0,
        runs=True,
    ),
)
PROGRAMS = "engine/test_check_attacks.py::test_a_program_is_judged_by_what_it_declares"
BY_THE_BASE = (
    "engine/test_check_attacks.py::test_settings_are_judged_by_the_base_and_nothing_of_the_branch_runs"
)
# Title → the test that tries it with an engine, or with the part that decides.
ELSEWHERE = {
    "`allowBilling: true`": BY_THE_BASE,
    "a second stack file": BY_THE_BASE,
    "defaults in `Pulumi.yaml`": BY_THE_BASE,
    "another name of the project": BY_THE_BASE,
    "a program that changes settings, inputs or the components' own checks": PROGRAMS,
    "a provider of the program's own": PROGRAMS,
    "a value that isn't known before the update": PROGRAMS,
    "options of the notebook": PROGRAMS,
    "text that looks like the engine's events": PROGRAMS,
    "other resources": "engine/test_check.py::test_what_is_declared_past_the_component_is_at_its_declaration",
    "a program that never ends": "cli/test_check_preview.py::test_a_preview_that_does_not_end_is_ended",
    "text in values, keys and names": "cli/test_check_reports.py::test_no_text_of_a_branch_is_markup_in_a_comment",
    "a rule misspelt in the pack's configuration": (
        "cli/test_check_gate.py::test_a_misspelt_rule_in_the_policy_configuration_could_not_be_checked"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.title[:40])
def test_what_a_branch_tries(attack: Attack, tmp_path: Path, previews: Previews) -> None:
    base = write_project(tmp_path / "base", BASE, dev=SETTINGS)
    branch = write_project(tmp_path / "branch", BASE, dev=SETTINGS)
    for folder in ("paidsw", "components"):
        (base / folder).mkdir()
        (branch / folder).mkdir()
    if callable(attack.branch):
        attack.branch(branch)
    else:
        for name, text in attack.branch.items():
            (branch / name).parent.mkdir(parents=True, exist_ok=True)
            (branch / name).write_text(text)
    previews.events["dev"] = attack.events
    report = check(Request(base, branch, run_program=attack.runs))
    assert [(one.rule, one.file, one.line) for one in report.findings] == list(attack.found)
    assert report.exit_code == attack.code
    for one in report.findings:
        assert re.search(r"; |\? |judged$", one.text), "what to do is said"
        assert "\n" not in one.text
    for form in FORMATS.values():
        assert form(report)


def test_the_base_alone_is_clean(tmp_path: Path, previews: Previews) -> None:
    base = write_project(tmp_path / "base", BASE, dev=SETTINGS)
    branch = write_project(tmp_path / "branch", BASE, dev=SETTINGS)
    assert check(Request(base, branch)).findings == ()


def test_the_guide_has_the_same_list() -> None:
    part = GUIDE.read_text(encoding="utf-8").split("## What a branch can try")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    titles = [row[0] for row in rows if row[0] != "A branch tries"]
    assert sorted(titles) == sorted({*(one.title for one in ATTACKS), *ELSEWHERE})
    outcomes = {row[0]: row[1] for row in rows}
    codes = {1: "refused", 0: "warned"}
    for attack in ATTACKS:
        assert outcomes[attack.title].startswith(codes[attack.code]), attack.title


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE.values())))
def test_what_is_tried_elsewhere_is_tried(place: str) -> None:
    file, _, name = place.partition("::")
    assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
