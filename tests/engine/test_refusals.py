"""What must not be made isn't: each refusal is one sentence, makes no call that creates, and shows no traceback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.engine import Stack, is_quiet
from tests.support.samples import REGION, inputs

pytestmark = pytest.mark.engine


def nothing_was_made(stack: Stack) -> bool:
    return stack.live() == [] and not any(
        call.operation.startswith("Create") for call in stack.emulator.calls
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"instanceName": "LLM-Finetune-01"}, "LLM_Finetune_01"),
        ({"systemDiskGib": 200}, "dsw-free-tier:systemDiskGib"),
        ({"region": "cn-hongkong"}, "alicloud:region"),
        ({"instancName": "x"}, "did you mean instanceName?"),
        ({"sessionHours": "long"}, "dsw-free-tier:sessionHours is 'long'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(stack: Stack, settings: dict[str, Any], said: str) -> None:
    stack.configure(**settings)
    text = stack.up(fails=True)
    # The display shows each diagnostic twice: beside its resource, and at the end.
    lines = {line.partition("error: ")[2] for line in text.splitlines() if "Pulumi.dev.yaml:" in line}
    assert len(lines) == 1
    assert said in lines.pop()
    assert is_quiet(text)
    assert nothing_was_made(stack)


def test_a_missing_region_says_how_to_set_it(stack: Stack) -> None:
    stack.configure(region=None)
    text = stack.preview(fails=True)
    assert "pulumi config set alicloud:region cn-wulanchabu" in text
    assert is_quiet(text)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"cloudDisks": [{"subType": "rootfs", "capacity": "200Gi"}]}, "system-disk-size"),
        ({"spotSpec": {"spotStrategy": "SpotWithPriceLimit"}}, "no-spot"),
        ({"region": "cn-hongkong"}, "trial-region"),
        ({"idleInstanceCuller": None}, "idle-shutdown"),
    ],
)
@pytest.mark.parametrize("pack", [True, False], ids=["with pack", "without pack"])
def test_off_tier_past_the_component(bare: Stack, changes: dict[str, Any], rule: str, pack: bool) -> None:
    bare.configure(instances={"one": inputs(**changes)})
    text = bare.up(pack=pack, fails=True)
    assert f"[{rule}]" in text
    assert is_quiet(text)
    assert nothing_was_made(bare)


def test_two_notebooks_beyond_the_quota_are_the_packs_to_refuse(bare: Stack) -> None:
    workspace = bare.emulator.default_workspace(REGION)
    shared = {"workspaceId": workspace, "sessionHours": 20}
    both = {name: inputs(instanceName=name, **shared) for name in ("one", "two")}
    bare.configure(instances=both)
    text = bare.preview(fails=True)
    assert "planned-cu" in text
    assert is_quiet(text)
    assert bare.live() == [("workspace", "ENABLED")]


def test_without_credentials_it_says_where_it_looked(stack: Stack) -> None:
    stack.leave_emulator()
    text = stack.preview(fails=True)
    assert "error: no Alibaba Cloud credentials were found" in text
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in text
    assert "make up" in text
    assert is_quiet(text)
    assert nothing_was_made(stack)


def test_another_cloud_than_this_machine_is_no_rehearsal(stack: Stack) -> None:
    document = stack.config_file.read_text()
    stack.config_file.write_text(
        document.replace(stack.emulator.url, "http://pai-dsw.cn-beijing.aliyuncs.com")
    )
    text = stack.preview(fails=True)
    assert "paidsw:emulator belongs to a rehearsal" in text
    assert is_quiet(text)
    assert nothing_was_made(stack)
