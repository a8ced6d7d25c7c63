"""What the component asks the provider before it declares anything."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import FreeTierNotebook, NotebookArgs
from tests.support.declarations import (
    CHECK_IMPORT,
    CHECK_NAME,
    COMPONENT,
    INSTANCE,
    PROJECT,
    STACK,
    Cloud,
    run,
)

REGION = "cn-wulanchabu"
ACCESS = "paidsw:index:getAccess"
FOUND = "dsw-0123456789abcdef"


def notebook(**settings: Any) -> FreeTierNotebook:
    return FreeTierNotebook("notebook", NotebookArgs(**settings), region=REGION)


def test_credentials_are_asked_for_before_anything_is_declared() -> None:
    cloud = Cloud("invocation of paidsw:index:getAccess returned an error: no credentials in X; set Y")
    declared: list[str] = []

    def program() -> None:
        try:
            notebook()
        finally:
            declared.extend(cloud.calls)

    with pytest.raises(pulumi.RunError) as error:
        run(program, cloud)
    assert str(error.value) == "no credentials in X; set Y"
    assert declared == [ACCESS]


def test_what_keeps_an_import_back_is_said_before_anything_is_declared() -> None:
    cloud = Cloud(problems=["workspaceId is not set; do x", "running is true; do y"])
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: notebook(import_id=FOUND), cloud)
    assert str(error.value) == "workspaceId is not set; do x\nrunning is true; do y"
    assert cloud.calls == [ACCESS, CHECK_IMPORT]


def test_an_import_is_compared_with_all_that_would_be_declared() -> None:
    cloud = Cloud()
    declared = run(lambda: notebook(import_id=FOUND, workspace_id="123", labels={"a": "b"}).status, cloud)
    asked = cloud.arguments[CHECK_IMPORT]
    assert (asked["region"], asked["instanceId"]) == (REGION, FOUND)
    assert (asked["project"], asked["stack"]) == (PROJECT, STACK)
    assert asked["inputs"] == NotebookArgs(labels={"a": "b"}).instance_inputs(REGION, "123")
    assert declared.request(INSTANCE).importId == f"{REGION}/{FOUND}"


def test_a_workspace_that_the_stack_makes_is_left_out() -> None:
    cloud = Cloud()
    run(lambda: notebook(import_id=FOUND).status, cloud)
    assert "workspaceId" not in cloud.arguments[CHECK_IMPORT]["inputs"]


def test_without_an_import_nothing_is_compared() -> None:
    cloud = Cloud()
    run(lambda: notebook().status, cloud)
    assert CHECK_IMPORT not in cloud.calls


def test_a_name_is_checked_before_anything_is_declared() -> None:
    cloud = Cloud(problems=["the notebook a has become b; do x"])
    with pytest.raises(pulumi.RunError) as error:
        run(notebook, cloud)
    assert str(error.value) == "the notebook a has become b; do x"
    assert cloud.calls == [ACCESS, CHECK_NAME]
    named = {"component": COMPONENT, "name": "notebook", "former": []}
    assert cloud.arguments[CHECK_NAME] == named


def test_former_names_are_said_and_a_component_with_a_parent_is_not_asked_for() -> None:
    def program() -> Any:
        urn = "urn:pulumi:dev::project::paidsw:index:FreeTierNotebook::older"
        aliases: list[Any] = [pulumi.Alias(name="old"), pulumi.Alias(stack="prod"), urn]
        renamed = FreeTierNotebook("a", region=REGION, opts=pulumi.ResourceOptions(aliases=aliases))
        child = pulumi.ResourceOptions(parent=renamed)
        return FreeTierNotebook("b", region=REGION, opts=child).status

    cloud = Cloud()
    run(program, cloud)
    assert cloud.calls.count(CHECK_NAME) == 1
    named = {"component": COMPONENT, "name": "a", "former": ["old", "a", "older"]}
    assert cloud.arguments[CHECK_NAME] == named
