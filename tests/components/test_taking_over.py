"""Taking a notebook over with the component, on a model of the engine: no notebook is lost, whatever importId says."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pulumi
import pytest

from components import FreeTierNotebook, NotebookArgs, NotebookSettings
from components.arguments import SettingsError
from tests.provider.test_import_check import made
from tests.support.declarations import INSTANCE
from tests.support.direct import World
from tests.support.engine_model.stack import ModelStack, Outcome
from tests.support.instance_stack import assert_clean
from tests.support.shape import ProgramShape

COMMAND = re.compile(r"pulumi config (?:set \w+ \S+|rm \w+)")


@pytest.fixture
def stack() -> ModelStack:
    """A stack whose notebook runs."""
    stack = ModelStack(World())
    assert stack.up().code == 0
    stack.world.calls.clear()
    return stack


def ids(stack: ModelStack) -> list[str]:
    return [one.id for one in stack.world.instances]


def writes(stack: ModelStack) -> list[str]:
    return [name for name in stack.world.calls if not name.startswith(("Get", "List"))]


def refused(outcome: Outcome) -> str:
    """The one sentence of a run that was refused."""
    assert outcome.code == 1
    assert_clean(*outcome.lines)
    return outcome.lines[-1]


def obey(settings: dict[str, Any], command: str) -> None:
    _, _, verb, key, *value = shlex.split(command)
    if verb == "set":
        [settings[key]] = value
    else:
        settings.pop(key)


def test_the_id_of_what_the_stack_has_changes_nothing_also_after_a_rename(stack: ModelStack) -> None:
    [first] = ids(stack)
    stack.settings["importId"] = first
    assert stack.up(preview=True).code == 0
    assert stack.up().code == 0
    assert writes(stack) == []
    stack.rename("prod")
    assert stack.up(preview=True).code == 0
    assert stack.up().code == 0
    assert writes(stack) == ["UpdateInstanceLabels"]
    assert ids(stack) == [first]
    # What else is set is a change like any other.
    stack.settings["instanceName"] = "renamed"
    assert stack.up().code == 0
    assert [one.name for one in stack.world.instances] == ["renamed"]


def test_it_is_one_sentence_after_a_destroy_and_the_advice_makes_a_new_one(stack: ModelStack) -> None:
    [first] = ids(stack)
    stack.settings["importId"] = first
    assert stack.up().code == 0
    assert stack.destroy().code == 0
    text = refused(stack.up(preview=True))
    assert text == refused(stack.up())
    [command] = COMMAND.findall(text)
    obey(stack.settings, command)
    assert stack.up().code == 0
    assert len(ids(stack)) == 1 != ids(stack).count(first)


@pytest.mark.parametrize("moved", [False, True], ids=["the settings so far", "the settings of the other"])
def test_another_notebook_than_the_stack_has_is_refused_and_the_advice_ends_that(
    stack: ModelStack, moved: bool
) -> None:
    [first] = ids(stack)
    other = made(stack.world, InstanceName="other")
    stack.settings["importId"] = other
    if moved:
        stack.settings |= {"idleMinutes": 20, "instanceName": "other", "workspaceId": stack.world.workspace}
    for _ in range(4):
        outcome = stack.up(preview=True)
        if outcome.code == 0:
            break
        refused(outcome)
        refused(stack.up())
        assert sorted(ids(stack)) == sorted([first, other])
        if "choose another instanceName" in outcome.lines[0]:
            stack.settings["instanceName"] = "another"
        else:
            # The first thing that is said; what else is named gives the files up.
            obey(stack.settings, COMMAND.findall(outcome.lines[0])[0])
    assert stack.up().code == 0
    assert sorted(ids(stack)) == sorted([first, other])
    assert not {"importId", "workspaceId"} & stack.settings.keys()


def test_only_the_notebook_that_is_named_is_given_up_for_another(stack: ModelStack) -> None:
    [first] = ids(stack)
    other = made(stack.world, InstanceName="other")
    stack.settings |= {"importId": other, "instanceName": "other", "workspaceId": stack.world.workspace}
    stack.settings["replaceId"] = other
    refused(stack.up())
    assert sorted(ids(stack)) == sorted([first, other])
    stack.settings["replaceId"] = first
    outcome = stack.up()
    assert outcome.code == 0
    said = f"instance {first} is replaced, as replaceId says, and all its files are deleted"
    assert outcome.lines.count(said) == 1
    assert ids(stack) == [other]
    for name in ("importId", "replaceId"):
        del stack.settings[name]
    assert stack.up().code == 0
    assert ids(stack) == [other]


def test_an_import_that_died_after_its_claim_goes_on_with_the_owner_that_the_error_names() -> None:
    stack = ModelStack(World())
    found = made(stack.world)
    stack.settings |= {"importId": found, "instanceName": "by_hand", "workspaceId": stack.world.workspace}
    stack.blows.plan("all", "UpdateInstanceLabels")
    assert stack.up().code is None
    obey(stack.settings, COMMAND.findall(refused(stack.up()))[0])
    assert stack.up().code == 0
    assert stack.state.of_type(INSTANCE)[0].id.endswith(found)
    del stack.settings["importId"]
    assert stack.up().code == 0
    assert ids(stack) == [found]


def test_a_component_renamed_without_an_alias_is_refused_and_with_it_keeps_its_notebook(
    stack: ModelStack,
) -> None:
    [first] = ids(stack)
    stack.program = ProgramShape(name="renamed")
    for outcome in (stack.up(preview=True), stack.up()):
        text = refused(outcome)
        assert first in text
        assert (
            'give it its old name as an alias: opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="not'
            in text
        )
    assert ids(stack) == [first]
    stack.program = ProgramShape(name="renamed", former=("notebook",))
    assert stack.up().code == 0
    assert ids(stack) == [first]
    assert stack.destroy().code == 0
    assert ids(stack) == []


class Nested(ModelStack):
    """A stack whose notebook is in a component of the program's own, under one name after another."""

    def _program(self) -> Any:
        settings = NotebookSettings.from_config()
        lab = pulumi.ComponentResource("lab:index:Lab", "lab")
        aliases: list[Any] = [pulumi.Alias(name=name) for name in self.program.former]
        opts = pulumi.ResourceOptions(parent=lab, aliases=aliases)
        return FreeTierNotebook(self.program.name, settings.args, region=settings.region, opts=opts).status


def test_a_component_in_another_one_is_renamed_by_what_the_error_says() -> None:
    stack = Nested(World())
    assert stack.up().code == 0
    [first] = ids(stack)
    stack.program = ProgramShape(name="renamed")
    for outcome in (stack.up(preview=True), stack.up()):
        text = refused(outcome)
        assert f"({first}, Running) and belongs to this stack, where another resource has it" in text
        assert "undo that and run pulumi up, then rename it with its old name as an alias" in text
        assert '[pulumi.Alias(name="notebook")]' in text
    assert ids(stack) == [first]
    stack.program = ProgramShape()
    assert stack.up().code == 0
    stack.program = ProgramShape(name="renamed", former=("notebook",))
    assert stack.up().code == 0
    assert ids(stack) == [first]
    assert stack.destroy().code == 0
    assert ids(stack) == []


@pytest.mark.parametrize(
    "import_id", ["LLM_Finetune_01", "cn-beijing/dsw-1", "dsw-", "dsw-1\n", " dsw-1", ""]
)
def test_a_malformed_id_is_one_sentence(import_id: str) -> None:
    with pytest.raises(SettingsError) as error:
        NotebookArgs(importId=import_id)
    [problem] = error.value.problems
    assert problem.name == "importId"
    assert "allowed: an instance's id like dsw-0123456789abcdef; correct it" in str(problem.message)
    assert "\n" not in str(problem.message)


def test_what_the_state_lost_is_kept_by_the_hint_of_the_destroy_that_stopped_it(stack: ModelStack) -> None:
    [first] = ids(stack)
    [lost] = stack.state.of_type(INSTANCE)
    stack.state = stack.state.without(lost.urn)
    text = refused(stack.destroy())
    hint = re.search(r"keep it: (.*?) \(in a program of your own", text)
    assert hint
    for command in hint[1].split(" && "):
        obey(stack.settings, command)
    assert stack.settings == {"importId": first, "running": "false"}
    assert stack.up().code == 0
    [found] = stack.state.of_type(INSTANCE)
    assert found.id.endswith(first)
    del stack.settings["importId"], stack.settings["running"]
    assert stack.up().code == 0
    assert [(one.id, one.status) for one in stack.world.instances] == [(first, "Running")]
    assert stack.destroy().code == 0
    assert ids(stack) == []
