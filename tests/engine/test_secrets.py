"""Settings that `pulumi config set --secret` made secret, under the real engine: nowhere in plain."""

from __future__ import annotations

import re

import pytest

from paidsw.rules.rule import CLEANUP_TYPE as CLEANUP
from paidsw.rules.rule import OWNER_TYPE as OWNER
from tests.support.engine import INSTANCE, WORKSPACE, Stack
from tests.support.planted import forms
from tests.support.processes import watched

pytestmark = pytest.mark.engine
# What its launcher runs: the folder, and the engine's address.
PROVIDER = "/provider "
PLANTED = {
    "instanceName": "planted_name",
    "labels.team": "planted-label",
    "datasets[0].uri": "oss://planted.bucket/",
    "datasets[0].mountPath": "/mnt/planted",
    "backup.snapshot": "planted-backup",
    "backup.repository": "planted.example.com/team/repo",
    "environmentVariables.WORD": "planted-word",
    "ownerId": "planted12345",
    "replaceId": "dsw-planted",
    "startClearedId": "dsw-planted",
    "driver": "535.54.03",
    "idleMinutes": "37",
    "sessionHours": "3.75",
    "running": "true",
}
# In plain in the first update.
LATER = {"workspaceName": "chosen_space"}
# As they are after it.
CHANGED = PLANTED | LATER | {"labels.team": "planted-other", "idleMinutes": "38"}
HIDDEN = {
    OWNER: {"workspaceName", "ownerId", "replaceId"},
    WORKSPACE: {"workspaceName", "description", "displayName"},
    CLEANUP: {"ownerId"},
    INSTANCE: {
        "instanceName",
        "labels",
        "datasets",
        "backup",
        "environmentVariables",
        "ownerId",
        "replaceId",
        "startClearedId",
        "driver",
        "idleInstanceCuller",
        "sessionHours",
        "running",
        "status",
        "shutdownTime",
        "workspaceName",
        "jupyterlabUrl",
    },
}


def configure(stack: Stack, settings: dict[str, str], kind: str = "--secret") -> None:
    pairs = [word for key, value in settings.items() for word in (kind, f"dsw-free-tier:{key}={value}")]
    assert stack.run("config", "set-all", "--stack", "dev", "--path", *pairs).code == 0


def assert_unseen(stack: Stack, *shown: str) -> None:
    """Nothing planted is in what was shown, or in any file of the stack, its history or its plugins."""
    files = [
        file for folder in ("state", "home") for file in (stack.folder / folder).rglob("*") if file.is_file()
    ]
    texts = [*shown, *(file.read_text(errors="replace") for file in files if "plugins" not in file.parts)]
    assert any(INSTANCE in text for text in texts)
    assert not [text for text in texts if "planted" in text]


def assert_encrypted(stack: Stack) -> None:
    for token, names in HIDDEN.items():
        kept = stack.resources()[token]
        values = [(name, kept[part].get(name)) for part in ("inputs", "outputs") for name in names]
        plain = {
            name
            for name, value in values
            if value and not (isinstance(value, dict) and "ciphertext" in value)
        }
        assert plain == set(), token


def quote_all(stack: Stack, *operations: str) -> None:
    """Let the cloud refuse operations, and quote every setting in the forms in which servers quote."""
    texts = {text for text in CHANGED.values() if "planted" in text}
    quoted = " ".join(f"'{form}'" for text in texts for form in forms(text))
    for operation in operations:
        stack.emulator.faults.add("error", operation, times=0, code="Invalid", message=quoted)


def test_a_secret_setting_is_shown_nowhere(stack: Stack) -> None:
    configure(stack, PLANTED)
    configure(stack, LATER, "--plaintext")
    made = stack.up()
    token = stack.emulator.instances[0].token
    assert re.search(r"jupyterlabUrl *: \[secret\]\n", made)
    assert re.search(r"shutdownTime *: \[secret\]\n", made)
    assert token not in made
    assert_unseen(stack, made)
    assert stack.emulator.instances[0].name == "planted_name"

    configure(stack, {name: CHANGED[name] for name in ("labels.team", "idleMinutes", *LATER)})
    difference = stack.do("preview", "--diff")
    assert "[secret]" in difference
    updated = stack.do("up", "--yes", "--skip-preview", "--refresh", "--diff")
    assert_unseen(stack, difference, updated)
    assert_encrypted(stack)
    assert "planted-other" in str(stack.emulator.instances[0].labels)

    configure(stack, {"environmentVariables.WORD": "planted-another-word"})
    quote_all(stack, "UpdateInstance")
    events = stack.folder / "state" / "events.json"
    stack.environment["PULUMI_DEBUG_COMMANDS"] = "true"  # else it has no --event-log
    with watched(PROVIDER) as processes:
        failed = stack.do("up", "--yes", "--skip-preview", "--event-log", str(events), fails=True)
    assert "UpdateInstance: '[secret]" in failed
    [reason] = stack.instance()["initErrors"]
    assert "UpdateInstance: '[secret]" in reason
    assert events.stat().st_size > 1000
    stack.emulator.faults.clear()
    quote_all(stack, "GetInstance")
    unread = stack.do("refresh", "--yes", "--skip-preview", fails=True)
    assert "GetInstance: '[secret]" in unread
    assert_unseen(stack, failed, unread, *processes)
    assert_encrypted(stack)
    assert any(PROVIDER in line for line in processes)
    stack.emulator.faults.clear()
    stack.up()
    assert token in stack.run("stack", "output", "jupyterlabUrl", "--show-secrets", "--stack", "dev").text

    configure(stack, CHANGED | {"environmentVariables.WORD": "planted-another-word"}, "--plaintext")
    assert "7 unchanged" in stack.up()
    destroyed = stack.destroy()
    assert token not in destroyed
    assert stack.live() == [("image", "Saved")]
    assert stack.nothing_billed()
