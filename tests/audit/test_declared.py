"""A stack's state, and whose an instance is by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from paidsw.audit.declared import Declared, StateError, owner, parse, stack_of
from paidsw.audit.model import Owner
from paidsw.core.properties import SECRET as SECRET_SIGNATURE
from paidsw.core.properties import SIGNATURE
from paidsw.provider.instance import labels
from paidsw.rules.rule import CLEANUP_TYPE, OWNER_TYPE
from tests.support.audited import (
    INSTANCE,
    OWNER_ID,
    PROJECT,
    STACK,
    URN,
    WORKSPACE,
    declared,
    instance_resource,
    state,
)

OURS = labels.ours(URN, 4)
MINE, THEIRS = {labels.OWNER: OWNER_ID}, {labels.OWNER: "f" * 12}
OTHER = labels.ours(URN.replace(":dev::", ":prod::"), 4)


@pytest.mark.parametrize("resource_id", ["dsw-1", "cn-wulanchabu/dsw-1"])
def test_a_state_names_its_instances_and_workspaces(resource_id: str) -> None:
    workspace = {"urn": URN.replace("Instance::", "W::"), "type": WORKSPACE, "id": "77", "custom": True}
    found = parse(state(instance_resource(resource_id), workspace), project="x", stack="y")
    assert (found.project, found.stack, found.name) == (PROJECT, STACK, "dsw-free-tier/dev")
    assert dict(found.instances) == {"dsw-1": "cn-wulanchabu"}
    assert found.workspaces == {"77"}


def resource(kind: str, resource_id: str = "x", **inputs: object) -> dict[str, object]:
    urn = f"urn:pulumi:{STACK}::{PROJECT}::{kind}::n"
    return {"urn": urn, "type": kind, "id": resource_id, "custom": True, "inputs": inputs}


@pytest.mark.parametrize(
    "one",
    [
        resource(OWNER_TYPE, OWNER_ID),
        resource(CLEANUP_TYPE, f"r/1/{OWNER_ID}", ownerId=OWNER_ID),
        resource(INSTANCE, "r/dsw-2", ownerId=OWNER_ID),
    ],
)
def test_a_state_names_its_owner(one: dict[str, object]) -> None:
    assert parse(state(one), project="x", stack="y").owners == {OWNER_ID}


SECRET = {SIGNATURE: SECRET_SIGNATURE}


@pytest.mark.parametrize("kind", [OWNER_TYPE, CLEANUP_TYPE, INSTANCE])
def test_a_secret_owner_is_known_by_a_state_that_shows_secrets(kind: str) -> None:
    shown = resource(kind, "r/dsw-2", ownerId={**SECRET, "plaintext": json.dumps(OWNER_ID)})
    found = parse(state(shown), project="x", stack="y")
    assert OWNER_ID in found.owners
    assert not found.hides_owner
    hidden = resource(kind, "r/dsw-2", ownerId={**SECRET, "ciphertext": "v1:a:b"})
    assert parse(state(hidden), project="x", stack="y").hides_owner


def test_of_an_encrypted_owner_only_what_the_state_has_is_declared() -> None:
    hidden = resource(INSTANCE, "r/dsw-2", ownerId={**SECRET, "ciphertext": "v1:a:b"})
    found = parse(state(hidden), project="x", stack="y")
    assert owner("dsw-2", OURS | MINE, found) is Owner.DECLARED
    assert owner("dsw-3", OURS | MINE, found) is Owner.OTHER_OWNER


def test_a_state_says_which_properties_are_secrets() -> None:
    secret = {**SECRET, "ciphertext": "v1:a:b"}
    one = resource(INSTANCE, "r/dsw-2", instanceName=secret, driver="535.54.03")
    one["outputs"] = {"instanceName": secret, "webIdeUrl": secret, "status": secret, "region": "r"}
    other: dict[str, object] = {**resource(INSTANCE, "r/dsw-3"), "outputs": None}
    place = resource(WORKSPACE, "77", workspaceName=secret)
    found = parse(state(one, other, place), project="x", stack="y")
    assert found.hidden == {
        "dsw-2": {"instance_name", "web_ide_url"},
        "dsw-3": set(),
        "77": {"workspace_name"},
    }


def test_what_else_has_such_an_input_is_no_owner() -> None:
    assert parse(state(resource("a:b:C", ownerId=OWNER_ID)), project="x", stack="y").owners == frozenset()


def test_what_a_state_says_of_itself() -> None:
    when = datetime(2026, 1, 5, tzinfo=UTC)
    found = parse(state(time=when, emulator="http://x", pending=(URN,)), project="x", stack="y")
    assert (found.written, found.pending, found.empty) == (when, (URN,), False)
    assert found.clouds == {"http://x"}
    assert parse(state(), project="x", stack="y").clouds == {""}


@pytest.mark.parametrize("time", [None, "", "yesterday", 7, "2026-01-05T02:00:00"])
def test_a_time_that_is_none(time: object) -> None:
    text = json.dumps({"deployment": {"manifest": {"time": time}, "resources": []}})
    assert parse(text, project="x", stack="y").written is None


@pytest.mark.parametrize("resources", [None, []])
def test_an_empty_state_is_of_the_stack_that_was_named(resources: object) -> None:
    text = json.dumps({"version": 3, "deployment": {"resources": resources}})
    assert parse(text, project="p", stack="s") == Declared("p", "s")


def test_a_resource_without_an_id_was_never_made() -> None:
    found = parse(state(instance_resource("")), project="x", stack="y")
    assert found.instances == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"deployment": null}',
        '{"deployment": {"resources": [{}]}}',
        "[" * 100_000,
        '"x"',
    ],
)
def test_what_is_no_state(text: str) -> None:
    with pytest.raises(StateError, match="export it again"):
        parse(text, project="p", stack="s")


@pytest.mark.parametrize("urn", ["urn:pulumi:prod::other::t::n", "no-urn"])
def test_a_state_of_two_stacks(urn: str) -> None:
    with pytest.raises(StateError, match="not of one stack"):
        parse(state({"urn": urn, "type": "t"}), project="p", stack="s")


@pytest.mark.parametrize(
    ("marks", "compared", "expected"),
    [
        (OURS, None, Owner.OURS),
        ({}, None, Owner.NOT_OURS),
        (OURS, declared("dsw-1"), Owner.DECLARED),
        ({}, declared("dsw-1"), Owner.DECLARED),
        (OURS, declared(), Owner.UNDECLARED),
        (OTHER, declared(), Owner.OTHER_STACK),
        (OURS | MINE, declared(owners=(OWNER_ID,)), Owner.UNDECLARED),
        (MINE, declared(owners=(OWNER_ID,)), Owner.UNDECLARED),
        (OTHER | MINE, declared(owners=(OWNER_ID,)), Owner.UNDECLARED),
        (OURS | MINE, declared("dsw-1", owners=(OWNER_ID,)), Owner.DECLARED),
        (OURS, declared("dsw-1", owners=(OWNER_ID,)), Owner.DECLARED),
        (OURS, declared(owners=(OWNER_ID,)), Owner.UNPROVEN),
        (OURS | THEIRS, declared(owners=(OWNER_ID,)), Owner.OTHER_OWNER),
        (OURS | THEIRS, declared("dsw-1", owners=(OWNER_ID,)), Owner.OTHER_OWNER),
        (OURS | THEIRS, declared(), Owner.OTHER_OWNER),
        (OTHER | THEIRS, declared(owners=(OWNER_ID,)), Owner.OTHER_STACK),
        (THEIRS, declared(), Owner.OTHER_OWNER),
        (THEIRS, None, Owner.OURS),
        ({}, declared(), Owner.NOT_OURS),
        ({"owner": "me"}, declared(), Owner.NOT_OURS),
        ({labels.STACK: STACK}, declared(), Owner.NOT_OURS),
        ({labels.PROJECT: PROJECT, labels.STACK: STACK}, declared(), Owner.NOT_OURS),
    ],
)
def test_whose_it_is(marks: dict[str, str], compared: Declared | None, expected: Owner) -> None:
    assert owner("dsw-1", marks, compared) is expected


def test_names_longer_than_a_label_are_compared_as_far_as_a_label_goes() -> None:
    long = "p" * 150
    urn = f"urn:pulumi:dev::{long}::paidsw:index:Instance::n"
    assert owner("dsw-1", labels.ours(urn, 1), Declared(long, "dev")) is Owner.UNDECLARED


def test_the_stack_of_labels() -> None:
    assert stack_of(OURS) == "dsw-free-tier/dev"
    assert stack_of({labels.STACK: "x"}) == ""
