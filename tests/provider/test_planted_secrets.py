"""A secret in every input, and a cloud that quotes all of them in every call: no text of the provider shows one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from paidsw.cloud import errors
from paidsw.core.redaction import MASK
from paidsw.emulator.dsw.routes import OPERATIONS
from paidsw.emulator.errors import ApiError
from paidsw.provider import functions
from paidsw.provider.instance.inputs import HIDDEN, InstanceInputs
from paidsw.provider.resource_types import TYPES
from paidsw.provider.values import decode, encode
from paidsw.rules.rule import INSTANCE_TYPE
from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack
from tests.support.owners import Held
from tests.support.planted import Planted, forms, in_clear
from tests.support.plugin import Failure
from tests.support.samples import OWNER_ID, REGION
from tests.support.saving import REPOSITORY, declared_saved

PLANTED = Planted.of(InstanceInputs)
# What the emulator takes, and what is a secret marked or not.
TAKEN = frozenset({*HIDDEN, "instanceName", "labels", "datasets", "backup"})
# Operations that the provider never calls.
UNCALLED: frozenset[str] = frozenset()


class Told(Direct):
    """A provider of which every text is kept; the values of `marked` properties go to it as secrets."""

    def __init__(self, world: World, marked: frozenset[str]) -> None:
        super().__init__(world)
        self._marked = marked
        self.texts: list[str] = []

    def call(self, method: str, request: Any) -> Any:
        for field, value in request.ListFields():
            if isinstance(value, struct_pb2.Struct):
                plain = decode(value).values
                getattr(request, field.name).CopyFrom(encode(plain, self._marked & plain.keys()))
        self.engine.lines.clear()
        try:
            answer = super().call(method, request)
        except Failure as failure:
            self.texts += [failure.message, *failure.reasons, *failure.in_clear, *self.engine.messages]
            raise
        self.texts += [*self.engine.messages, *(one.reason for one in getattr(answer, "failures", ()))]
        self.texts += [
            in_clear(value) for _, value in answer.ListFields() if isinstance(value, struct_pb2.Struct)
        ]
        return answer


@pytest.fixture(autouse=True)
def _whole_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut off can't be seen, so nothing is cut off."""
    monkeypatch.setattr(errors, "_LONGEST_MESSAGE", 10**6)


def test_the_search_would_find_one() -> None:
    for text in (text for texts in PLANTED.texts.values() for text in texts):
        assert PLANTED.seen(in_clear(encode({"a": {"b": [text]}})))
        assert PLANTED.seen(in_clear(encode({"a": {"b": [text]}}, {"a"}))) == []
    assert len(PLANTED.values) >= 20
    assert HIDDEN < TAKEN < PLANTED.values.keys()


def quote(told: Told, operation: str, names: Iterable[str]) -> None:
    """Let the cloud refuse an operation from now on, and quote these inputs."""
    told.world.cloud.faults.clear()
    told.world.strike("error", operation, code="Invalid", message=PLANTED.quoted(names), times=3)


def shown(told: Told) -> list[str]:
    return [found for text in told.texts for found in PLANTED.seen(text)]


@pytest.mark.parametrize("operation", sorted(one.name for one in OPERATIONS))
def test_no_text_shows_a_secret_that_the_cloud_quotes(world: World, operation: str) -> None:
    told = Told(world, TAKEN)
    before = world.inputs(**{name: PLANTED.values[name] for name in TAKEN})
    after = {**before, "environmentVariables": {"OTHER": "planted-another", **before["environmentVariables"]}}

    def attempt(step: Callable[[], object]) -> None:
        quote(told, operation, TAKEN)
        with suppress(Failure):
            step()

    attempt(lambda: told.check(before))
    attempt(lambda: told.create(before, preview=True))
    attempt(lambda: told.create(before))
    world.cloud.faults.clear()
    instance_id, state = told.create(before)
    place = f"{REGION}/{instance_id}"
    attempt(lambda: told.diff(before, after, state))
    attempt(lambda: told.update(place, before, after, state=state, preview=True))
    attempt(lambda: told.update(place, before, after, state=state))
    attempt(lambda: told.read(place, before, state))
    attempt(lambda: told.read(place))
    with suppress(ApiError):  # it may be stopped already
        world.console("StopInstance", instance_id)
    attempt(lambda: told.update(place, before, after, state=state))
    attempt(lambda: told.delete(place, {**state, **after}))
    assert shown(told) == []
    assert operation in UNCALLED or any(MASK in text for text in told.texts)


def test_the_reason_of_a_start_that_failed_shows_none(world: World) -> None:
    told = Told(world, TAKEN)
    declared = world.inputs(**{name: PLANTED.values[name] for name in TAKEN})
    world.strike("failed", "CreateInstance", code="ImagePullBackOff", message=PLANTED.quoted(TAKEN))
    with pytest.raises(Failure) as failed:
        told.create(declared)
    [reason] = failed.value.reasons
    assert f"failed: ImagePullBackOff: '{MASK}" in reason
    place, state = failed.value.resource_id, failed.value.state
    with pytest.raises(Failure) as unwell:
        told.read(place, declared, state)
    assert f"failed: ImagePullBackOff: '{MASK}" in unwell.value.message
    told.update(place, declared, declared, state=state, preview=True)
    told.delete(place, {**state, **declared})
    assert shown(told) == []


@pytest.mark.parametrize("name", PLANTED.values)
@pytest.mark.parametrize("operation", ["CreateInstance", "GetWorkspace", "ListImages", "GetInstance"])
def test_an_input_that_is_marked_is_in_no_text(world: World, operation: str, name: str) -> None:
    told = Told(world, frozenset({name}))
    declared = world.inputs() | {name: PLANTED.values[name]}
    for step in (
        lambda: told.check(declared),
        lambda: told.create(declared, preview=True),
        lambda: told.create(declared),
        lambda: told.diff(world.inputs(), declared),
        lambda: told.read(f"{REGION}/dsw-1", declared),
    ):
        quote(told, operation, [name])
        with suppress(Failure):
            step()
    assert shown(told) == []


KINDS = [
    (f"urn:pulumi:dev::p::{kind.token}::one", name, value, texts)
    for kind in TYPES
    for name, value, texts in [
        (name, planted.values[name], planted.texts[name])
        for planted in [Planted.of(kind.inputs)]
        for name in planted.values
    ]
]


@pytest.mark.parametrize(("urn", "name", "value", "texts"), KINDS, ids=lambda one: str(one)[-24:])
def test_no_resource_says_an_input_that_is_marked(
    world: World, urn: str, name: str, value: Any, texts: list[str]
) -> None:
    told = Told(world, frozenset({name}))
    plain = {"region": REGION, "workspaceId": world.workspace, "ownerId": OWNER_ID}
    held = Held(told, urn, inputs=plain)
    declared = {**(world.inputs() if urn.endswith(f"{INSTANCE_TYPE}::one") else plain), name: value}
    for operation in ("List*", "Get*", "Update*"):
        for step in (
            lambda: held.preview(declared),
            lambda: held.up(declared),
            lambda: held.diff(declared),
            held.refresh,
            held.destroy,
        ):
            held.identifier = held.identifier or "cn-wulanchabu/w1/o1"
            world.cloud.faults.clear()
            quoted = " ".join(f"'{form}'" for text in texts for form in forms(text))
            world.strike("error", operation, code="Invalid", message=quoted, times=3)
            with suppress(Failure, AssertionError):
                step()
    assert [text for text in told.texts if "planted" in text.lower() or "s3cr3t" in text.lower()] == []
    assert any(MASK in text for text in told.texts)


def test_a_function_says_nothing_that_its_arguments_hide(world: World) -> None:
    told = Told(world, frozenset())
    world.strike("error", "*", code="Invalid", message=PLANTED.quoted(HIDDEN), times=0)
    declared = world.inputs(**{name: PLANTED.values[name] for name in HIDDEN})
    arguments = {"region": REGION, "instanceId": "dsw-1", "inputs": declared, "project": "p", "stack": "dev"}
    with pytest.raises(Failure, match=re.escape(MASK)):
        told.call("Invoke", provider_pb2.InvokeRequest(tok=functions.CHECK_IMPORT, args=encode(arguments)))
    assert shown(told) == []


def test_what_one_call_has_hidden_no_later_call_says(world: World) -> None:
    told = Told(world, TAKEN)
    told.check(world.inputs(**{name: PLANTED.values[name] for name in TAKEN}))
    quote(told, "GetInstance", TAKEN)
    with pytest.raises(Failure, match=re.escape(MASK)):
        told.read(f"{REGION}/dsw-1")
    assert shown(told) == []


def test_no_command_is_advised_that_has_a_secret_in_it(world: World) -> None:
    told = Told(world, frozenset({"backup"}))
    assert declared_saved(world, told).destroy() is None
    assert any(
        "is saved; dsw backup --list shows where, which is a secret here" in text for text in told.texts
    )
    assert [text for text in told.texts if "pulumi config set image" in text or REPOSITORY in text] == []


WORDS = [
    "true",
    "1",
    "400",
    "HTTP 400",
    "instance",
    "UpdateInstance:",
    "pulumi up",
    REGION,
    "LLM_Finetune_01",
    "dsw",
]


@pytest.mark.parametrize(
    "operation", ["UpdateInstance", "GetInstance", "StartInstance", "CreateInstanceShutdownTimer"]
)
def test_an_environment_of_common_words_garbles_no_sentence(world: World, operation: str) -> None:
    direct = Direct(world)
    stack = InstanceStack(direct)
    declared = world.inputs(environmentVariables={f"NAME_{at}": word for at, word in enumerate(WORDS)})
    assert stack.up(declared) is None
    world.console("StopInstance", stack.instance_id)
    world.cloud.advance(600)
    world.strike("validation", operation, times=0)
    failed = stack.up({**declared, "instanceName": "LLM_Finetune_01", "driver": "535.54.03"})
    assert failed is not None
    said = [failed.message, *failed.reasons, *direct.engine.messages]
    assert f"{operation}: the request is not valid (code ValidationError, HTTP 400" in failed.message
    assert [text for text in said if MASK in text] == []
