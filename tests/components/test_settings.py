"""Stack configuration: every setting right and wrong, each wrong one in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

from components import NotebookSettings
from components.arguments import SettingsError
from components.settings import parse
from tests.support.declarations import PROJECT, STACK, run

REGION = "cn-wulanchabu"


def values(region: str | None = REGION, **settings: Any) -> dict[str, Any]:
    found = {f"{PROJECT}:{key}": value for key, value in settings.items()}
    return found if region is None else {"alicloud:region": region, **found}


def wrong(region: str | None = REGION, **settings: Any) -> list[str]:
    return refusal(values(region, **settings))


def refusal(given: dict[str, Any], secret: Collection[str] = ()) -> list[str]:
    """What is wrong, each sentence under the key that it begins with."""
    with pytest.raises(SettingsError) as caught:
        parse(given, PROJECT, secret)
    problems = caught.value.problems
    assert problems
    assert all(str(problem.message).startswith(problem.name) for problem in problems)
    return [str(problem.message) for problem in problems]


def only(region: str | None = REGION, **settings: Any) -> str:
    sentences = wrong(region, **settings)
    assert len(sentences) == 1
    assert "\n" not in sentences[0]
    return sentences[0]


@pytest.mark.parametrize(
    ("key", "text", "attribute", "meant"),
    [
        ("instanceName", "renamed", "instance_name", "renamed"),
        ("ecsSpec", "ecs.gn6v-c8g1.2xlarge", "ecs_spec", "ecs.gn6v-c8g1.2xlarge"),
        ("image", "modelscope:1.21", "image", "modelscope:1.21"),
        ("imageAuth", "dXNlcjpwdw==", "image_auth", "dXNlcjpwdw=="),
        ("systemDiskGib", "50", "system_disk_gib", 50),
        ("sessionHours", "1.5", "session_hours", 1.5),
        ("idleMinutes", "60", "idle_minutes", 60),
        ("idleCpuPercent", "7", "idle_cpu_percent", 7),
        ("idleGpuPercent", "8", "idle_gpu_percent", 8),
        ("accessibility", "PRIVATE", "accessibility", "PRIVATE"),
        ("driver", "535.54.03", "driver", "535.54.03"),
        ("environmentVariables", '{"A": "b"}', "environment_variables", {"A": "b"}),
        ("environmentVariables", {"A": "b"}, "environment_variables", {"A": "b"}),
        ("labels", '{"course": "llm", "group": 5}', "labels", {"course": "llm", "group": "5"}),
        ("workspaceName", "my_space", "workspace_name", "my_space"),
        ("workspaceId", "12345", "workspace_id", "12345"),
        ("workspaceId", 12345, "workspace_id", "12345"),
    ],
)
def test_a_setting_arrives(key: str, text: Any, attribute: str, meant: object) -> None:
    settings = parse(values(**{key: text}), PROJECT)
    assert getattr(settings.args, attribute) == meant


def test_datasets_arrive_as_a_list() -> None:
    settings = parse(values(datasets='[{"mountPath": "/mnt", "datasetId": "d-1"}]'), PROJECT)
    assert [(d.mount_path, d.dataset_id) for d in settings.args.datasets] == [("/mnt", "d-1")]


@pytest.mark.parametrize(
    ("key", "text", "parts"),
    [
        (
            "ecsSpec",
            "ecs.g7.large",
            ["ecs.g7.large", "allowed: ecs.gn7i-c8g1.2xlarge", "[trial-instance-type]"],
        ),
        ("ecsSpec", "ecs.g6.xlarge", ["CU per hour", "[trial-instance-type]"]),
        ("instanceName", "LLM-Finetune-01", ['set instanceName to "LLM_Finetune_01"', "[instance-name]"]),
        ("instanceName", "x" * 28, ["1 to 27", "[instance-name]"]),
        ("instanceName", "", ["1 to 27", "[instance-name]"]),
        ("systemDiskGib", "200", ["200Gi", "at systemDiskGib;", '"100Gi"', "[system-disk-size]"]),
        ("systemDiskGib", "0", ["at systemDiskGib;", "[system-disk-size]"]),
        ("systemDiskGib", "plenty", ["systemDiskGib is 'plenty'; allowed: a whole number; correct it"]),
        ("sessionHours", "0", ["at sessionHours;", "0.25 to 24"]),
        ("sessionHours", "30", ["0.25 to 24"]),
        ("sessionHours", "nan", ["sessionHours is 'nan'; allowed: a number, and a finite one; correct it"]),
        ("idleMinutes", "1", ["at idleMinutes;", "10 to 120", "[idle-shutdown]"]),
        ("idleMinutes", "soon", ["idleMinutes is 'soon'"]),
        ("idleCpuPercent", "1", ["at idleCpuPercent;", "5 to 100", "[idle-shutdown]"]),
        ("idleGpuPercent", "101", ["at idleGpuPercent;", "5 to 100", "[idle-shutdown]"]),
        ("accessibility", "PUBLIC", ["set accessibility to PRIVATE", "[private-instance]"]),
        ("accessibility", "private", ["'PRIVATE' or 'PUBLIC'"]),
        ("image", "", ["image is ''"]),
        ("driver", "", ["driver is ''"]),
        ("labels", "{", ["labels is '{'; allowed: a map; correct it"]),
        ("labels", "[1]", ["labels is [1]"]),
        ("datasets", '[{"uri": "oss://b/p"}]', ["datasets[0].mountPath is missing, it is required"]),
        (
            "datasets",
            '[{"mountPath": "/m", "mountAccess": "W"}]',
            ["datasets[0].mountAccess", "'RO' or 'RW'"],
        ),
        ("workspaceName", "a-b", ["workspaceName is 'a-b'", "3 to 23 letters"]),
        ("workspaceName", "1ab", ["a letter first"]),
        ("workspaceName", "ab", ["3 to 23 letters"]),
        ("workspaceName", "a" * 24, ["3 to 23 letters"]),
        ("workspaceId", "", ["workspaceId is ''"]),
    ],
)
def test_a_wrong_value_is_one_sentence_with_its_key(key: str, text: str, parts: list[str]) -> None:
    sentence = only(**{key: text})
    assert sentence.startswith(f"{PROJECT}:{key}")
    for part in parts:
        assert part in sentence


@pytest.mark.parametrize(
    ("key", "meant"), [("instancName", "instanceName"), ("idleMinute", "idleMinutes"), ("ecsspec", "ecsSpec")]
)
def test_an_unknown_key_names_the_nearest(key: str, meant: str) -> None:
    sentence = only(**{key: "x"})
    assert sentence.startswith(f"{PROJECT}:{key} is not a setting")
    assert f"did you mean {meant}?" in sentence


def test_an_unknown_key_far_from_all_has_no_hint() -> None:
    assert "did you mean" not in only(zzz="x")


def test_other_packages_keys_are_not_ours() -> None:
    settings = parse({**values(), "alicloud:profile": "x", "random:seed": "y"}, PROJECT)
    assert settings.region == REGION


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("alicloud:endpoints", "to a host that isn't Alibaba Cloud's"),
        ("alicloud:insecure", "without TLS"),
        ("alicloud:protocol", "without TLS"),
        ("alicloud:credentialsUri", "signed as somebody else"),
        ("alicloud:assumeRole", "signed as somebody else"),
        ("alicloud:assumeRol", "is not a setting that is known to be safe"),
        ("paidsw:emulator", "together with alicloud:endpoints"),
    ],
)
def test_a_providers_setting_that_sends_signed_requests_elsewhere_is_one_sentence(
    key: str, words: str
) -> None:
    (sentence,) = refusal({**values(), key: "planted"})
    assert words in sentence
    assert sentence.startswith(f"{key} ")
    assert "planted" not in sentence


def test_a_providers_setting_does_not_hide_a_wrong_one_of_the_notebook() -> None:
    given = {**values(idleMinutes="soon"), "alicloud:protocol": "HTTP"}
    assert [sentence.split(" ")[0] for sentence in refusal(given)] == [
        "alicloud:protocol",
        f"{PROJECT}:idleMinutes",
    ]


@pytest.mark.parametrize("region", [None, ""])
def test_a_missing_region_says_how_to_set_it(region: str | None) -> None:
    sentence = only(region)
    assert sentence.startswith("alicloud:region is missing")
    assert sentence.endswith("pulumi config set alicloud:region cn-wulanchabu")


@pytest.mark.parametrize("region", ["cn-hongkong", "cn-zhangjiakou", "CN-BEIJING", "nowhere"])
def test_a_region_off_the_trial_is_refused_under_its_key(region: str) -> None:
    sentence = only(region)
    assert sentence.startswith("alicloud:region: ")
    assert "[trial-region]" in sentence


def test_all_that_is_wrong_is_reported_at_once() -> None:
    assert len(wrong("cn-hongkong", systemDiskGib="500", accessibility="PUBLIC")) == 3
    assert len(wrong(None, systemDiskGib="x", idleMinutes="y")) == 3


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("environmentVariables", "hunter2"),
        ("environmentVariables", '{"PASSWORD": ["hunter2"]}'),
        ("imageAuth", ["hunter2"]),
    ],
)
def test_secret_settings_are_never_shown(key: str, text: Any) -> None:
    sentence = only(**{key: text})
    assert "can't be used" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("instanceName", "hunter2-x"),
        ("idleMinutes", "hunter2"),
        ("systemDiskGib", "2002"),
        ("ecsSpec", "ecs.hunter2.large"),
    ],
)
def test_what_the_user_made_secret_is_never_shown(key: str, text: str) -> None:
    assert text in only(**{key: text})
    sentences = refusal(values(**{key: text}), [f"{PROJECT}:{key}"])
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{PROJECT}:{key}")
    assert text not in sentences[0]


@pytest.fixture
def configured() -> Iterator[None]:
    yield
    set_all_config({}, [])


@pytest.mark.usefixtures("configured")
class TestFromConfig:
    """What a program sees."""

    def read(self, config: dict[str, str], secret: list[str] | None = None) -> NotebookSettings:
        found: list[NotebookSettings] = []

        def program() -> None:
            set_all_config(config, secret or [])
            found.append(NotebookSettings.from_config())

        run(program)
        return found[0]

    def test_the_stacks_settings(self) -> None:
        settings = self.read(values(idleMinutes="45"))
        assert (settings.region, settings.args.idle_minutes) == (REGION, 45)

    def test_what_is_wrong_names_the_stacks_file(self) -> None:
        with pytest.raises(pulumi.RunError) as error:
            self.read(values(systemDiskGib="x", idleMinutes="y"))
        lines = str(error.value).splitlines()
        assert [line.split(" is ")[0] for line in lines] == [
            f"Pulumi.{STACK}.yaml: {PROJECT}:systemDiskGib",
            f"Pulumi.{STACK}.yaml: {PROJECT}:idleMinutes",
        ]

    def test_a_secret_stays_secret(self) -> None:
        with pytest.raises(pulumi.RunError) as error:
            self.read(values(idleMinutes="hunter2"), [f"{PROJECT}:idleMinutes"])
        assert "hunter2" not in str(error.value)
