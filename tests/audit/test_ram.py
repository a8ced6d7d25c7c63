"""The policies allow every call that the code makes, and no order."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_bssopenapi20171214.client import Client as BssClient
from alibabacloud_eas20210701.client import Client as EasClient
from alibabacloud_pai_dlc20201203.client import Client as DlcClient
from alibabacloud_pai_dsw20220101.client import Client as DswClient

from paidsw.audit import ram
from paidsw.cli.__main__ import main
from paidsw.cli.errors import ExitCode
from paidsw.cloud import permissions
from paidsw.core.text import snake_case
from paidsw.emulator.services import OPERATIONS
from tests.support.audited import AuditedAccount, declared, state
from tests.support.cloud import HOME

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "paidsw/audit",
    "paidsw/cli",
    "components",
    "paidsw/cloud",
    "paidsw/rules",
    "policies",
    "paidsw/provider",
    "paidsw/trial",
)
CLIENTS = (DswClient, WorkspaceClient, EasClient, DlcClient, BssClient)
POLICIES = {path.name: json.loads(text) for path, text in ram.files().items()}


def is_operation(text: str) -> bool:
    """Whether a text is the name of an operation of one of the SDKs."""
    method = f"{snake_case(text)}_with_options_async"
    return text.isidentifier() and text[:1].isupper() and any(hasattr(client, method) for client in CLIENTS)


def named_in(source: str) -> set[str]:
    """The operations whose names stand in a source as texts of their own."""
    nodes = ast.walk(ast.parse(source))
    return {
        n.value
        for n in nodes
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and is_operation(n.value)
    }


def called() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name not in ("ram.py", "permissions.py"):
                for name in sorted(named_in(path.read_text(encoding="utf-8"))):
                    yield name, str(path.relative_to(ROOT))


def statement(policy: dict[str, Any], effect: str) -> list[str]:
    [found] = [one for one in policy["Statement"] if one["Effect"] == effect]
    return [str(action) for action in found["Action"]]


def may(policy: dict[str, Any], action: str) -> bool:
    """How RAM decides: a denial wins, what isn't allowed is refused; case doesn't count."""

    def holds(effect: str) -> bool:
        return any(fnmatchcase(action.lower(), one.lower()) for one in statement(policy, effect))

    return holds("Allow") and not holds("Deny")


def test_the_files_are_what_the_code_says() -> None:
    for path, text in ram.files().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m paidsw.audit.ram"


def test_every_operation_that_the_code_names_is_in_a_policy() -> None:
    missing = [
        (name, where) for name, where in called() if name not in permissions.READS | permissions.WRITES
    ]
    assert missing == []


def test_the_search_finds_calls_of_every_package_and_would_find_a_new_one() -> None:
    found = {name for name, _ in called()}
    assert {"GetInstance", "CreateInstance", "ListServices", "ListJobs", "QueryBillOverview"} <= found
    assert named_in('async def f(api): await api.call("DeleteInstanceSnapshot", {})') == {
        "DeleteInstanceSnapshot"
    }
    assert "DeleteInstanceSnapshot" not in permissions.READS | permissions.WRITES
    assert named_in('x = "Instances"; y = "Status"') == set()


def test_no_policy_grants_what_nothing_calls() -> None:
    named = {name for name, _ in called()}
    # Pulumi's alicloud provider makes the calls to workspaces.
    others = {"CreateWorkspace", "UpdateWorkspace", "DeleteWorkspace", "GetWorkspace"}
    assert (permissions.READS | permissions.WRITES).keys() <= named | others


@pytest.mark.parametrize("operation", permissions.READS)
def test_reading_is_allowed_by_those_that_read(operation: str) -> None:
    for name in ("read.json", "write.json"):
        assert all(may(POLICIES[name], action) for action in permissions.READS[operation])


@pytest.mark.parametrize("operation", permissions.ACTIONS)
def test_an_auditor_may_do_what_an_audit_does_and_nothing_else(operation: str) -> None:
    for action in permissions.ACTIONS[operation]:
        assert may(POLICIES["audit.json"], action) is (operation in permissions.AUDIT)
        assert (action in statement(POLICIES["audit.json"], "Deny")) is (operation not in permissions.AUDIT)


@pytest.mark.parametrize("action", ["paidsw:GetInstance", "paidsw:GetToken", "paidsw:GetInstanceEvents"])
def test_an_auditor_gets_into_no_notebook(action: str) -> None:
    assert action in statement(POLICIES["audit.json"], "Deny")


def test_the_documents_say_what_each_action_that_reads_grants() -> None:
    said = (ram.FOLDER / "README.md").read_text(encoding="utf-8").partition("## What reading grants")[2]
    rows = [line.split("|")[1:3] for line in said.splitlines() if line.startswith("| `")]
    granted = {
        action: where.strip() for actions, where in rows for action in re.findall(r"`([^`]+)`", actions)
    }
    assert granted == {
        action: "all" if operation in permissions.AUDIT else "read, write"
        for operation, actions in permissions.READS.items()
        for action in actions
    }
    assert "to the whole account" in " ".join((ram.FOLDER / "README.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("operation", permissions.WRITES)
def test_writing_is_allowed_by_one_and_denied_by_the_other(operation: str) -> None:
    for action in permissions.WRITES[operation]:
        assert may(POLICIES["write.json"], action)
        assert not may(POLICIES["read.json"], action)
        assert action in statement(POLICIES["read.json"], "Deny")


@pytest.mark.parametrize("name", POLICIES)
def test_orders_are_denied_whatever_else_is_allowed(name: str) -> None:
    denied = statement(POLICIES[name], "Deny")
    assert {"pai:CreateOrder", "pai:CreateProductOrders", "paidsw:CreatePrePaidInstance"} <= set(denied)
    assert not any("*" in action for action in statement(POLICIES[name], "Allow"))
    order = next(op for op in OPERATIONS if op.name == "CreateProductOrders")
    assert not any(may(POLICIES[name], action) for action in order.actions)


def test_the_emulator_asks_for_the_same_actions() -> None:
    served = {op.name: op.actions for op in OPERATIONS}
    for operation, actions in (permissions.READS | permissions.WRITES).items():
        assert set(served[operation]) <= set(actions), operation


def asked(world: AuditedAccount) -> set[str]:
    actions = {op.name: op.actions for op in OPERATIONS}
    return {action for call in world.emulator.calls for action in actions[call.operation]}


@pytest.fixture
def seen(world: AuditedAccount) -> AuditedAccount:
    """An account with a notebook in two regions, of which nothing was asked so far."""
    world.guarded()
    world.guarded(region="cn-hongkong")
    world.emulator.do(lambda cloud: cloud.calls.clear())
    return world


def test_an_audit_calls_exactly_what_its_policy_allows(seen: AuditedAccount) -> None:
    seen.audit(declared=declared())
    assert {call.operation for call in seen.emulator.calls} == permissions.AUDIT.keys()
    assert [action for action in asked(seen) if not may(POLICIES["audit.json"], action)] == []


def permit(world: AuditedAccount, policy: str, *denied: str) -> None:
    """Let the account's user have a policy, as the emulator asks for actions, less some operations."""
    forbidden = [
        op.name for op in OPERATIONS if not all(may(POLICIES[policy], action) for action in op.actions[:1])
    ]
    world.emulator.settings(denied=[*forbidden, *denied])


def test_an_auditor_sees_all_that_an_audit_looks_for(
    seen: AuditedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = seen.audit()
    permit(seen, "audit.json")
    found = seen.audit()
    assert (found.findings, found.things) == (whole.findings, whole.things)
    assert [item for item in found.not_seen if item.blocking] == []
    assert main(["audit", "--emulator-url", seen.emulator.url]) in (ExitCode.OK, ExitCode.FOUND)
    assert "INCOMPLETE" not in capsys.readouterr().out
    # Nothing else works for him: he can't look into a notebook.
    assert main(["open", "--print", "--region", HOME, "--emulator-url", seen.emulator.url]) == ExitCode.FAILED
    told = capsys.readouterr()
    assert "grant this RAM user paidsw:GetInstance" in told.err
    assert told.out == ""


@pytest.mark.parametrize("operation", permissions.AUDIT)
def test_an_audit_says_what_it_could_not_see(
    seen: AuditedAccount, capsys: pytest.CaptureFixture[str], operation: str
) -> None:
    permit(seen, "audit.json", operation)
    code = main(["audit", "--emulator-url", seen.emulator.url, "--region", HOME])
    # In lines as wide as the terminal.
    out = " ".join(capsys.readouterr().out.split())
    assert f"{operation}: " in out
    assert "attach the policy docs/ram/audit.json to this user, for the whole account" in out
    # Prices alone leave every finding in its place.
    assert (code == ExitCode.FAILED) is (operation != "ListEcsSpecs")


def test_a_release_gets_along_with_the_write_policy(world: AuditedAccount, tmp_path: Path) -> None:
    made = world.guarded()
    world.emulator.settings(strict_delete=True)
    world.emulator.do(lambda cloud: cloud.calls.clear())
    (tmp_path / "stack.json").write_text(state(emulator=world.emulator.url), encoding="utf-8")
    arguments = [
        "release",
        "--undeclared",
        "--state",
        str(tmp_path / "stack.json"),
        "--yes",
        "--running",
        made,
        "--region",
        HOME,
    ]
    assert main([*arguments, "--emulator-url", world.emulator.url]) == 0
    found = asked(world)
    assert "paidsw:DeletePostPaidInstance" in found
    assert [action for action in found if not may(POLICIES["write.json"], action)] == []


def test_a_backup_gets_along_with_the_write_policy_and_its_list_with_the_other(world: AuditedAccount) -> None:
    world.guarded()
    where = ["--region", HOME, "--emulator-url", world.emulator.url]
    place = ["--snapshot", "llm", "--repository", f"registry-vpc.{HOME}.aliyuncs.com/me/notebooks"]
    for name, arguments, action in (
        ("write.json", place, "paidsw:CreateInstanceSnapshot"),
        ("read.json", ["--list"], "paiimage:ListImages"),
    ):
        world.emulator.do(lambda cloud: cloud.calls.clear())
        assert main(["backup", *arguments, *where]) == 0
        found = asked(world)
        assert action in found
        assert [one for one in found if not may(POLICIES[name], one)] == []
