"""Stacks' files: which there are, and what is refused in one before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from paidsw.cli.check import stack_files
from paidsw.cli.check.source import Source
from paidsw.cli.check.stack_files import MAY_BE_ENCRYPTED, StackFile
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.settings import settings_of
from paidsw.rules.registry import rules
from paidsw.rules.rule import Level, Scope, Severity
from tests.support.gate import write_project

NONE = ("", "default", "passphrase")


def found_in(folder: Path, text: str) -> list[tuple[int, str]]:
    root = write_project(folder, dev=text)
    document = Source(root).stack("Pulumi.dev.yaml", "dsw-free-tier")
    findings = stack_files.findings(document, "dsw-free-tier", NONE)
    return [(one.line, one.text) for one in findings]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Pulumi.prod.yml", "Pulumi doesn't read"),
        ("Pulumi.prod.json", "Pulumi doesn't read"),
        ("pulumi.prod.yaml", "name it Pulumi.prod.yaml"),
        ("Pulumi.prod.YAML", "name it Pulumi.prod.yaml"),
        ("Pulumi.a b.yaml", "can't be the file of a stack"),
        ("Pulumi.::error::x.yaml", "can't be the file of a stack"),
        ("Pulumi.a\nb.yaml", "can't be the file of a stack"),
        ("Pulumi.dév.yaml", "can't be the file of a stack"),
        ("Pulumi...yaml", "can't be the file of a stack"),
        (f"Pulumi.{'a' * 101}.yaml", "can't be the file of a stack"),
    ],
)
def test_what_looks_like_a_stacks_file_and_is_none_is_said(tmp_path: Path, name: str, said: str) -> None:
    root = write_project(tmp_path, dev="", prod2="")
    (root / name).write_text("")
    found, wrong = stack_files.find(Source(root), ".")
    assert found == [StackFile("dev", "Pulumi.dev.yaml"), StackFile("prod2", "Pulumi.prod2.yaml")]
    assert [one.file for one in wrong] == [name]
    assert said in wrong[0].text


@pytest.mark.parametrize(
    "name", ["Pulumi.yaml", "Pulumi.dev.yaml.bak", "PulumiPlugin.yaml", "Pulumi.dev.toml", "x"]
)
def test_other_files_are_nobodys(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert stack_files.find(Source(tmp_path), ".") == ([], [])


@pytest.mark.parametrize("stack", ["-x", "a.b", "x_y", "3"])
def test_a_stack_may_have_any_name_that_pulumi_takes(tmp_path: Path, stack: str) -> None:
    root = write_project(tmp_path, **{stack: ""})
    assert stack_files.find(Source(root), ".") == ([StackFile(stack, f"Pulumi.{stack}.yaml")], [])


def test_settings_that_come_from_elsewhere_are_refused(tmp_path: Path) -> None:
    found = found_in(tmp_path, "environment:\n  - team/prod\nConfig: {}\nconfig: {}\nencryptionsalt: v1:x\n")
    assert [line for line, _ in found] == [1, 3]
    assert (
        found[0][1]
        == "environment takes settings from Pulumi ESC, which can't be judged; write them into the file"
    )
    assert found[1][1] == "Config is not a key of a stack file; remove it"


@pytest.mark.parametrize(
    "key",
    [
        "alicloud:endpoints",
        "alicloud:insecure",
        "alicloud:protocol",
        "alicloud:credentialsUri",
        "alicloud:assumeRole",
        "alicloud:config:insecure",
        "paidsw:emulator",
        "aws:region",
    ],
)
def test_settings_that_lead_elsewhere_are_refused(tmp_path: Path, key: str) -> None:
    ((line, text),) = found_in(tmp_path, f"config:\n  alicloud:region: cn-beijing\n  {key}: x\n")
    assert line == 3
    assert key.replace(":config", "") in text


@pytest.mark.parametrize(
    ("setting", "refused"),
    [
        ("dsw-free-tier:systemDiskGib: {secure: v1:x}", True),
        ("systemDiskGib: {secure: v1:x}", True),
        ("dsw-free-tier:allowBilling: {secure: v1:x}", True),
        ("alicloud:region: {secure: v1:x}", True),
        ("dsw-free-tier:datasets: [{uri: {secure: v1:x}, mountPath: /a}]", True),
        ("dsw-free-tier:unknown: {secure: v1:x}", True),
        ("dsw-free-tier:imageAuth: {secure: v1:x}", False),
        ("dsw-free-tier:labels: {team: {secure: v1:x}}", False),
        ("dsw-free-tier:environmentVariables: {TOKEN: {secure: v1:x}}", False),
        ("alicloud:accessKey: {secure: v1:x}", False),
        ("dsw-free-tier:labels: {secure: x, other: y}", False),
    ],
)
def test_what_is_encrypted_must_not_decide_what_is_billed(
    tmp_path: Path, setting: str, refused: bool
) -> None:
    found = found_in(tmp_path, f"config:\n  {setting}\n")
    assert [line for line, _ in found] == [2] * refused
    for _, text in found:
        assert "is encrypted, so it can't be judged; set it in plain: pulumi config set " in text


def test_of_a_part_that_is_encrypted_the_command_sets_just_this_part(tmp_path: Path) -> None:
    datasets = "  datasets:\n    - mountPath: /a\n      uri: {secure: v1:x}\n"
    text = f"config:\n{datasets}  backup:\n    snapshot: {{secure: v1:x}}\n"
    assert [(line, said.partition("set it in plain: ")[2]) for line, said in found_in(tmp_path, text)] == [
        (4, "pulumi config set --path 'dsw-free-tier:datasets[0].uri' VALUE --plaintext"),
        (6, "pulumi config set --path dsw-free-tier:backup.snapshot VALUE --plaintext"),
    ]


def test_no_setting_that_may_be_encrypted_costs_anything() -> None:
    deciding = [
        rule.properties
        for rule in rules().values()
        if rule.scope is Scope.INSTANCE
        and rule.severity in (Severity.HIGH, Severity.CRITICAL)
        and rule.level is not Level.ADVISORY
    ]
    assert len(deciding) > 5
    for properties in deciding:
        assert not {settings_of([one]) for one in properties} & MAY_BE_ENCRYPTED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config:\n  a:b:c: x\n", "a:b:c is not a key of the configuration"),
        (
            "config:\n  systemDiskGib: 1\n  dsw-free-tier:systemDiskGib: 2000\n",
            "that line 2 sets already",
        ),
        (
            "config:\n  alicloud:region: a\n  alicloud:config:region: b\n",
            "that line 2 sets already",
        ),
    ],
)
def test_a_setting_has_one_form_and_one_value(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        found_in(tmp_path, text)


def test_whoever_reads_the_secrets_is_named_in_the_base(tmp_path: Path) -> None:
    base = write_project(tmp_path / "base", dev="secretsprovider: awskms://a\n", broken="- x\n")
    known = stack_files.secrets_providers(Source(base), ".")
    assert known == {*NONE, "awskms://a"}
    branch = Source(write_project(tmp_path / "b", dev="config: {}\nsecretsprovider: azurekeyvault://b\n"))
    document = branch.stack("Pulumi.dev.yaml", "p")
    ((line, text),) = [(one.line, one.text) for one in stack_files.findings(document, "p", known)]
    assert line == 2
    assert text.startswith(
        "secretsprovider says who can read the stack's secrets, and no stack of the base has this one"
    )
    assert list(stack_files.findings(document, "p", {*known, "azurekeyvault://b"})) == []
