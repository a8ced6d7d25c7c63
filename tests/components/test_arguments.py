"""A notebook's settings as inputs of the instance, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pulumi
import pytest

from components import NotebookArgs
from components.arguments import SettingsError
from components.reference import settings_table
from paidsw.core.settings import image_of, image_url
from paidsw.provider import schema
from paidsw.provider.instance import inputs as provider_inputs
from paidsw.rules.registry import evaluate
from paidsw.trial.terms import TERMS

REGION = "cn-wulanchabu"
CPU_TYPE = "ecs.g6.xlarge"


def inputs(**settings: Any) -> dict[str, Any]:
    return NotebookArgs(**settings).instance_inputs(REGION, "w1")


def test_the_defaults_are_the_tutorials_notebook() -> None:
    assert inputs() == {
        "region": REGION,
        "workspaceId": "w1",
        "instanceName": "LLM_Finetune_01",
        "ecsSpec": "ecs.gn7i-c8g1.2xlarge",
        "imageUrl": "dsw-registry-vpc.cn-wulanchabu.cr.aliyuncs.com/pai/pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04",
        "cloudDisks": [{"subType": "rootfs", "capacity": "100Gi"}],
        "accessibility": "PRIVATE",
        "idleInstanceCuller": {
            "maxIdleTimeInMinutes": 30,
            "cpuPercentThreshold": 5,
            "gpuPercentThreshold": 10,
        },
        "sessionHours": 4.0,
        "running": True,
    }


def test_the_defaults_break_no_rule() -> None:
    assert evaluate(inputs()) == []
    assert NotebookArgs().violations(REGION) == []


@pytest.mark.parametrize("region", TERMS.region_ids)
def test_the_defaults_suit_every_region_of_the_trial(region: str) -> None:
    assert NotebookArgs().violations(region) == []


def test_the_provider_takes_what_all_settings_make() -> None:
    made = inputs(
        image="registry.example.com/team/image:1",
        image_auth="dXNlcjpwYXNzd29yZA==",
        driver="535.54.03",
        environment_variables={"A": "b"},
        labels={"course": "llm"},
        datasets=[{"mountPath": "/mnt/data", "datasetId": "d-1", "mountAccess": "RO"}],
    )
    _, problems = provider_inputs.check(made)
    assert problems == []
    assert set(made) <= set(schema.package()["resources"]["paidsw:index:Instance"]["inputProperties"])
    assert made["datasets"] == [{"mountPath": "/mnt/data", "datasetId": "d-1", "mountAccess": "RO"}]


@pytest.mark.parametrize("region", TERMS.region_ids)
def test_a_tag_becomes_the_regions_own_url(region: str) -> None:
    assert (
        image_url("pytorch:2.6.0", region) == f"dsw-registry-vpc.{region}.cr.aliyuncs.com/pai/pytorch:2.6.0"
    )


def test_a_url_stays_as_it_is() -> None:
    assert image_url("registry.example.com/a/b:1", REGION) == "registry.example.com/a/b:1"


@pytest.mark.parametrize(
    "image",
    ["pytorch:2.6.0", "registry.example.com/a/b:1", image_url("x:1", "cn-beijing"), image_url("a/b", REGION)],
)
def test_a_url_leads_back_to_its_setting(image: str) -> None:
    assert image_of(image_url(image, REGION), REGION) == image


def test_only_a_gpu_type_has_a_gpu_threshold() -> None:
    assert inputs(idle_gpu_percent=20)["idleInstanceCuller"]["gpuPercentThreshold"] == 20
    assert "gpuPercentThreshold" not in inputs(ecs_spec=CPU_TYPE)["idleInstanceCuller"]
    assert inputs(ecs_spec=CPU_TYPE)["idleInstanceCuller"]["cpuPercentThreshold"] == 5


@pytest.mark.parametrize("name", ["driver", "imageAuth", "environmentVariables", "labels", "datasets"])
def test_what_nobody_set_is_not_sent(name: str) -> None:
    assert name not in inputs()


def test_rates_are_exact() -> None:
    args = NotebookArgs()
    assert args.cu_per_hour == Decimal("6.991")
    assert args.quota_hours == Decimal("35.75")
    assert args.quota_hours * args.cu_per_hour <= TERMS.quota_cu_per_month.value


def test_a_type_without_a_known_rate_has_no_figures() -> None:
    args = NotebookArgs(ecs_spec=CPU_TYPE)
    assert args.cu_per_hour is None
    assert args.quota_hours is None


def test_names_are_taken_in_both_spellings() -> None:
    assert NotebookArgs(systemDiskGib=50) == NotebookArgs(system_disk_gib=50)


def test_what_is_none_is_not_set() -> None:
    # As config.get_object("labels") is where the stack has none.
    assert NotebookArgs(labels=None, running=None, system_disk_gib=None, datasets=None) == NotebookArgs()


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(NotebookArgs(), "idle_minutes", 600)  # noqa: B010 - as a program without types would


def test_everything_wrong_is_reported_at_once_and_shown_as_a_user_error() -> None:
    with pytest.raises(SettingsError) as error:
        NotebookArgs(systemDiskGib="much", idleMinutes=[], unknown=1)
    assert [setting for setting, _ in error.value.problems] == ["systemDiskGib", "idleMinutes", "unknown"]
    assert isinstance(error.value, pulumi.RunError)
    assert len(str(error.value).splitlines()) == 3


@pytest.mark.parametrize("key", ["self", "hidden", "__class__"])
def test_a_key_of_any_name_is_a_sentence(key: str) -> None:
    with pytest.raises(SettingsError, match=f"{key} is not a setting of the notebook"):
        NotebookArgs(**{key: "x"})


def test_advice_is_no_refusal() -> None:
    advised = {v.rule for v in evaluate(inputs(environment_variables={"API_TOKEN": "x"}))}
    assert advised == {"plain-credentials"}
    assert NotebookArgs(environment_variables={"API_TOKEN": "x"}).violations(REGION) == []


def test_the_table_has_every_setting_once() -> None:
    rows = settings_table()
    assert [row["key"] for row in rows] == list(NotebookArgs.names())
    by_key = {row["key"]: row for row in rows}
    assert by_key["systemDiskGib"] == {
        "key": "systemDiskGib",
        "type": "integer",
        "default": "100",
        "meaning": "System disk in GiB; the free one has 100.",
    }
    assert by_key["driver"]["type"] == "string"
    assert by_key["labels"]["default"] == ""
    # As they are typed in a stack's file.
    assert [by_key[key]["default"] for key in ("running", "allowBilling", "sessionHours")] == [
        "true",
        "false",
        "4",
    ]
    assert all(row["meaning"] for row in rows)
