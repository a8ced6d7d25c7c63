"""The component as a program declares it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components import FreeTierNotebook, NotebookArgs
from tests.support.declarations import (
    CLEANUP,
    COMPONENT,
    INSTANCE,
    OWNER,
    OWNER_ID,
    PROVIDER,
    WORKSPACE,
    Cloud,
    run,
)

REGION = "cn-wulanchabu"
PARTS = (OWNER, PROVIDER, WORKSPACE, CLEANUP, INSTANCE)
ATTRIBUTES = ("instance_id", "status", "jupyterlab_url", "web_ide_url", "terminal_url", "shutdown_time")


def notebook(region: str = REGION, **settings: Any) -> FreeTierNotebook:
    return FreeTierNotebook("notebook", NotebookArgs(**settings), region=region)


def test_everything_is_a_child_of_the_component() -> None:
    declared = run(lambda: notebook().status)

    assert sorted(declared.types()) == sorted([COMPONENT, *PARTS])
    children = {part for part in PARTS if declared.request(part).parent == declared.urn(COMPONENT)}
    # `pulumi state move` takes no component that is a provider's parent.
    assert children == {*PARTS} - {PROVIDER}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [(WORKSPACE, OWNER), (CLEANUP, OWNER), (CLEANUP, WORKSPACE), (INSTANCE, CLEANUP), (INSTANCE, WORKSPACE)],
)
def test_what_depends_on_what_so_destroy_takes_the_instance_first_and_the_owner_last(
    later: str, earlier: str
) -> None:
    declared = run(lambda: notebook().status)
    assert declared.urn(earlier) in declared.request(later).dependencies


def test_the_rules_see_that_the_instance_is_in_a_workspace_of_the_stack() -> None:
    declared = run(lambda: notebook().status)
    request = declared.request(INSTANCE)
    assert list(request.propertyDependencies["workspaceId"].urns) == [declared.urn(WORKSPACE)]


def test_all_parts_know_whose_they_are_and_where() -> None:
    declared = run(lambda: notebook().status)

    workspace = f"notebook-{REGION}-id"
    instance, cleanup = declared.inputs(INSTANCE), declared.inputs(CLEANUP)
    assert cleanup == {"region": REGION, "workspaceId": workspace, "ownerId": OWNER_ID}
    assert cleanup.items() <= instance.items()
    assert declared.inputs(OWNER) == {"region": REGION}


def test_the_owner_gets_every_setting_of_a_place_and_of_what_may_happen_to_files() -> None:
    settings = {"workspace_id": "123", "owner_id": "abc", "import_id": "dsw-1", "replace_id": "dsw-2"}
    declared = run(lambda: notebook(**settings).status)

    assert declared.inputs(OWNER) == {
        "region": REGION,
        "workspaceId": "123",
        "ownerId": "abc",
        "importId": "dsw-1",
        "replaceId": "dsw-2",
    }
    assert declared.inputs(INSTANCE)["replaceId"] == "dsw-2"


def test_an_existing_workspace_is_used_and_none_made() -> None:
    declared = run(lambda: notebook(workspace_id="123").status)

    assert sorted(declared.types()) == sorted([COMPONENT, OWNER, CLEANUP, INSTANCE])
    assert declared.inputs(INSTANCE)["workspaceId"] == "123"
    assert declared.inputs(CLEANUP)["workspaceId"] == "123"


def test_the_name_of_a_workspace_means_nothing_beside_an_existing_one() -> None:
    declared = run(lambda: notebook(workspace_id="123", workspace_name="mine").status)
    assert declared.inputs(OWNER) == {"region": REGION, "workspaceId": "123"}


def test_a_preview_declares_the_same() -> None:
    assert sorted(run(notebook, preview=True).types()) == sorted([COMPONENT, *PARTS])


def test_the_region_is_an_input_of_the_instance() -> None:
    assert run(lambda: notebook("cn-beijing").status).inputs(INSTANCE)["region"] == "cn-beijing"


def test_outputs_are_those_of_the_instance() -> None:
    seen: dict[str, Any] = {}

    def program() -> Any:
        made = notebook()
        outputs = {name: getattr(made, name) for name in ATTRIBUTES}
        return pulumi.Output.all(**outputs).apply(seen.update)

    run(program)
    assert seen == {
        "instance_id": "dsw-1",
        "status": "Running",
        "jupyterlab_url": "https://jupyterlabUrl/?token=t",
        "web_ide_url": "https://webIdeUrl/?token=t",
        "terminal_url": "https://terminalUrl/?token=t",
        "shutdown_time": "2026-11-24T12:00:00Z",
    }


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_access_urls_stay_secret_and_the_rest_is_shown(name: str) -> None:
    found: list[bool] = []

    def program() -> Any:
        output = getattr(notebook(), name)
        return pulumi.Output.from_input(output.is_secret()).apply(found.append)

    run(program)
    assert found == [name.endswith("_url")]


def test_the_component_registers_its_outputs() -> None:
    declared = run(lambda: notebook().status)

    outputs = declared.outputs[declared.urn(COMPONENT)]
    assert outputs["instanceId"] == "dsw-1"
    assert outputs["shutdownTime"] == "2026-11-24T12:00:00Z"
    assert outputs["cuPerHour"] == "6.991"
    assert outputs["quotaHours"] == "35.75"
    # Registered as secrets, which the SDK hands on as its secret form.
    assert outputs["jupyterlabUrl"] != "https://jupyterlabUrl/?token=t"
    assert {"status", "webIdeUrl", "terminalUrl"} < set(outputs)


@pytest.mark.parametrize(
    ("region", "settings", "rules"),
    [
        ("cn-hongkong", {}, ["trial-region"]),
        (REGION, {"system_disk_gib": 200}, ["system-disk-size"]),
        (REGION, {"accessibility": "PUBLIC", "idle_minutes": 600}, ["idle-shutdown", "private-instance"]),
    ],
)
def test_nothing_off_tier_is_declared(region: str, settings: dict[str, Any], rules: list[str]) -> None:
    cloud = Cloud()
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: notebook(region, **settings), cloud)

    lines = str(error.value).splitlines()
    assert [line.rpartition("[")[2].rstrip("]") for line in lines] == rules
    assert cloud.calls == []


def test_without_settings_it_is_the_tutorials_notebook() -> None:
    declared = run(lambda: FreeTierNotebook("notebook", region=REGION).status)

    inputs = declared.inputs(INSTANCE)
    assert (inputs["instanceName"], inputs["ecsSpec"]) == ("LLM_Finetune_01", "ecs.gn7i-c8g1.2xlarge")
