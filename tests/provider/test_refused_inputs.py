"""What the cloud would refuse after something was made or stopped is refused by Check, without any call."""

from __future__ import annotations

from typing import Any

import pytest

from components.arguments import NotebookArgs, SettingsError
from paidsw.provider.values import encode
from tests.support.direct import Direct, World
from tests.support.samples import REGION, inputs

LONG = "x" * 129
DATASET = {"mountPath": "/mnt/data", "uri": "oss://bucket/data/"}
# An input, the property that the failure names, and words of its sentence.
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"imageUrl": "https://registry.example.com/me/nb:1"}, "imageUrl", "given as a web address"),
    ({"imageUrl": "docker pull registry.example.com/me/nb:1"}, "imageUrl", "given as a command"),
    ({"imageUrl": None, "imageId": "pytorch"}, "imageId", "the image's id is not one"),
    ({"imageAuth": "me:planted"}, "imageAuth", "allowed: base64 of user:password"),
    ({"labels": {LONG: "x"}}, "labels", "the name of a label is empty or longer than 128 characters"),
    ({"labels": {"course": LONG}}, "labels", "a label's value is longer than 128 characters"),
    ({"labels": {"": "x"}}, "labels", "allowed: a name without commas"),
    ({"labels": {"a,b": "x"}}, "labels", "allowed: a name without commas"),
    ({"labels": {"acs:team": "x"}}, "labels", "allowed: a name without commas"),
    ({"labels": {"see http://a": "x"}}, "labels", "a web address"),
    ({"labels": {"a\tb": "x"}}, "labels", "control character"),
    ({"labels": {"a": "b\nc"}}, "labels", "control character"),
    ({"environmentVariables": {"": "x"}}, "environmentVariables", "is empty"),
    ({"environmentVariables": {"A=B": "x"}}, "environmentVariables", "has a = in it"),
    ({"environmentVariables": {"A B": "x"}}, "environmentVariables", "characters that none can have"),
    ({"environmentVariables": {"1A": "x"}}, "environmentVariables", "characters that none can have"),
    ({"environmentVariables": {"A\0": "x"}}, "environmentVariables", "characters that none can have"),
    ({"environmentVariables": {"A": "x\0y"}}, "environmentVariables", "control character"),
    ({"driver": "newest"}, "driver", "allowed: a version like 535.54.03"),
    ({"driver": ""}, "driver", "allowed: a version like 535.54.03"),
    ({"driver": "535.54.03\n"}, "driver", "allowed: a version like 535.54.03"),
    ({"workspaceId": "a/b"}, "workspaceId", "allowed: an id of letters, digits"),
    ({"workspaceId": " 483921"}, "workspaceId", "allowed: an id of letters, digits"),
    ({"datasets": [{**DATASET, "mountPath": "data"}]}, "datasets", "allowed: a folder that begins with /"),
    ({"datasets": [{**DATASET, "uri": "bucket/data"}]}, "datasets", "allowed: a storage path like oss://"),
    ({"datasets": [{**DATASET, "datasetId": "d-1"}]}, "datasets", "give either datasetId or uri"),
    ({"datasets": [{"mountPath": "/mnt/data"}]}, "datasets", "give either datasetId or uri"),
    ({"datasets": [{**DATASET, "options": "{fs"}]}, "datasets", "options is not a JSON object"),
    ({"datasets": [DATASET, DATASET]}, "datasets", "two datasets are mounted at /mnt/data"),
    ({"userVpc": {"vpcId": "vpc 1", "securityGroupId": "sg-1"}}, "userVpc", "allowed: an id of letters"),
    ({"backup": {"snapshot": "LLM", "repository": "registry.example.com/me/nb"}}, "backup", "lower-case letters"),
    ({"backup": {"snapshot": "llm", "repository": "registry.example.com//nb"}}, "backup", "a repository without"),
    ({"backup": {"snapshot": "llm", "repository": "registry.example.com/me/nb/"}}, "backup", "a repository without"),
    ({"cloudDisks": [{"subType": "rootfs", "capacity": "100Gi\n"}]}, "cloudDisks", "allowed: a size like 100Gi"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "name", "words"), WRONG)
def test_check_refuses_it_in_one_sentence_without_a_call(
    world: World, direct: Direct, changes: dict[str, Any], name: str, words: str
) -> None:
    _, failures = direct.check(inputs(**changes))
    found = [text for failed, text in failures if failed == name]
    assert any(words in text for text in found), failures
    assert {failed for failed, _ in failures} == {name}
    assert not any("\n" in text or "\0" in text or "planted" in text for text in found)
    assert world.calls == []


def test_a_threshold_for_a_gpu_that_the_type_has_not_is_refused_before_there_is_a_machine(
    direct: Direct,
) -> None:
    words = "idleInstanceCuller.gpuPercentThreshold is set, and the type ecs.g6.xlarge has no GPU; remove it"
    assert ("idleInstanceCuller", words) in direct.check(inputs(ecsSpec="ecs.g6.xlarge"))[1]
    culler = {"maxIdleTimeInMinutes": 30, "cpuPercentThreshold": 5}
    _, failures = direct.check(inputs(ecsSpec="ecs.g6.xlarge", idleInstanceCuller=culler))
    assert "idleInstanceCuller" not in dict(failures)


# The same settings under the names of the stack's configuration.
SETTINGS = [
    ({"image" if key == "imageUrl" else key: value for key, value in changes.items()}, words)
    for changes, name, words in WRONG
    if name not in {"imageId", "userVpc", "cloudDisks"}
]


@pytest.mark.parametrize(("changes", "words"), SETTINGS)
def test_the_component_refuses_it_in_the_same_words(changes: dict[str, Any], words: str) -> None:
    try:
        found = [str(problem.message) for problem in NotebookArgs(**changes).violations(REGION)]
    except SettingsError as error:
        found = [str(problem.message) for problem in error.problems]
    (text,) = found
    assert words in text
    assert "\n" not in text
    assert "planted" not in text


def test_a_name_that_holds_a_secret_is_not_shown(direct: Direct) -> None:
    for value in ("x", 5):
        _, failures = direct.check(inputs(environmentVariables={"TOKEN=planted-1": value}))
        assert failures
        assert not any("planted" in text for _, text in failures)


def test_what_is_right_is_taken(direct: Direct) -> None:
    right = inputs(
        imageUrl="registry.example.com/me/nb:1",
        imageAuth="bWU6c2VjcmV0",
        labels={"课程": "一", "a b": "", "x" * 128: "y" * 128},
        environmentVariables={"A": "", "B_2": "one\ntwo", "c.d-e": "=,"},
        driver="550",
        datasets=[DATASET, {"mountPath": "/mnt/more", "datasetId": "d-1", "options": '{"fs.oss.x": "1"}'}],
    )
    assert direct.check(right)[1] == []
    assert encode(right)
