"""A notebook that is taken over, and a resource that gets another name: whatever goes wrong, no notebook is lost."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from alibabacloud_pai_dsw20220101 import models as m

from paidsw.emulator.testing import Emulator
from paidsw.setup.engine import own_host
from paidsw.setup.layout import ROOT
from tests.engine.conftest import PROGRAMS
from tests.support.cloud import HOME, Cloud
from tests.support.engine import INSTANCE, Stack, is_quiet
from tests.support.samples import inputs

pytestmark = pytest.mark.engine
BOTH = [("instance", "Running"), ("workspace", "ENABLED")]
SCENARIOS = Path(__file__).parent / "scenarios"
DISKS = [m.CreateInstanceRequestCloudDisks(sub_type="rootfs", capacity="100Gi")]


def by_hand(cloud: Cloud, name: str, workspace: str, *, stopped: bool = False) -> str:
    """The id of a notebook that somebody made in the console, guarded or stopped."""
    make = cloud.stopped if stopped else cloud.running
    found = make(name, workspace=workspace, accessibility="PRIVATE", cloud_disks=DISKS)
    if not stopped:
        cloud.set_timer(found, 3)
    return found


def changing_calls(stack: Stack, start: int) -> list[str]:
    made = [call.operation for call in stack.emulator.calls[start:]]
    return [name for name in made if not name.startswith(("Get", "List"))]


def obey(stack: Stack, commands: str) -> None:
    """Type what a sentence says, as it stands there: commands joined by &&."""
    for command in commands.split(" && "):
        program, *arguments = shlex.split(command)
        assert program == "pulumi"
        outcome = stack.run(*arguments, "--stack", "dev")
        assert outcome.code == 0, outcome.text


def test_the_hint_of_a_taken_name_followed_literally_takes_the_notebook_over(stack: Stack) -> None:
    cloud = Cloud(stack.emulator)
    workspace = cloud.workspace()
    found = by_hand(cloud, "LLM_Finetune_01", workspace, stopped=True)
    before = cloud.get(found)
    text = stack.up(pack=False, fails=True)
    hint = re.search(r"or take it over: (pulumi config .*?)(?: \(in a program|\n)", text)
    assert hint, text
    obey(stack, hint[1])
    start = len(stack.emulator.calls)
    assert "1 imported" in stack.up(pack=False)
    # Its owner's label, and the stack's own workspace, which the failed run made.
    assert set(changing_calls(stack, start)) <= {"UpdateInstanceLabels", "DeleteWorkspace"}
    assert stack.instance_id() == found

    obey(stack, "pulumi config rm importId")
    # The first update says on the notebook whose it is, and sets the guard that it lacks.
    stack.up(pack=False)
    start = len(stack.emulator.calls)
    assert "unchanged" in stack.up(pack=False)
    assert changing_calls(stack, start) == []
    assert stack.live() == [("instance", "Stopped"), ("workspace", "ENABLED")]
    after = cloud.get(found)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"Labels", "GmtModifiedTime", "RequestId", "IdleInstanceCuller"}

    stack.configure(instanceName="renamed")
    assert "1 updated" in stack.up()
    assert stack.instance_id() == found
    stack.destroy()
    assert stack.live() == [("workspace", "ENABLED")]
    assert stack.nothing_billed()


def test_an_import_in_a_program_that_does_not_match_is_never_replaced_or_destroyed(
    tmp_path: Path, cloud: Emulator, launch_folder: Path
) -> None:
    elsewhere = Cloud(cloud)
    workspace = elsewhere.workspace()
    found = by_hand(elsewhere, "found", workspace)
    stack = Stack(tmp_path, cloud, SCENARIOS / "imported", launch_folder=launch_folder)
    declared = inputs(workspaceId="999", instanceName="found")
    stack.configure(id=f"{HOME}/{found}", inputs=declared)
    runs = (stack.up, stack.preview, stack.up)
    assert all(is_quiet(run(pack=False, fails=True)) for run in runs)
    # The engine has recorded it all the same.
    assert stack.instance_id() == found
    text = stack.destroy(fails=True)
    assert f"instance {found} was imported, and no pulumi up has agreed with it since" in text
    assert is_quiet(text)
    assert stack.live() == BOTH
    stack.configure(inputs=declared | {"workspaceId": workspace})
    stack.up(pack=False)
    stack.up(pack=False)
    assert stack.instance_id() == found
    stack.destroy()
    assert stack.live() == [("workspace", "ENABLED")]
    assert stack.nothing_billed()


def renamed(source: str, options: str = "") -> str:
    """The program with its notebook under another name."""
    call = 'FreeTierNotebook("notebook", settings.args, region=settings.region)'
    assert call in source
    return source.replace(
        call, f'FreeTierNotebook("renamed", settings.args, region=settings.region{options})'
    )


ALIAS = ', opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="notebook")])'


def test_a_resource_renamed_without_an_alias_is_neither_made_twice_nor_deleted(
    tmp_path: Path, cloud: Emulator, launch_folder: Path
) -> None:
    program = tmp_path / "program" / "__main__.py"
    program.parent.mkdir()
    source = (
        (ROOT / "__main__.py")
        .read_text()
        .replace("import pulumi\n", f"import sys\n\nsys.path.insert(0, {str(ROOT)!r})\nimport pulumi\n", 1)
    )
    program.write_text(source)
    stack = Stack(tmp_path, cloud, program.parent, launch_folder=launch_folder)
    stack.up(pack=False)
    first = stack.instance_id()
    program.write_text(renamed(source))
    runs = [
        stack.preview(pack=False, fails=True),
        # By itself the engine would go on to delete what the program has no more.
        stack.do("up", "--yes", "--skip-preview", "--continue-on-error", fails=True),
    ]
    for text in runs:
        assert first in text
        assert 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="notebook")])' in text
        assert is_quiet(text)
    assert ("instance", "Running") in stack.live()
    assert [one.id for one in stack.emulator.instances] == [first]

    program.write_text(renamed(source, ALIAS))
    stack.up(pack=False)
    assert [one.id for one in stack.emulator.instances] == [first] == [stack.instance_id()]
    assert stack.live() == BOTH
    stack.destroy()
    assert stack.live() == []
    assert stack.nothing_billed()


@pytest.mark.skipif(not own_host(ROOT).is_file(), reason="the official language host prints the code")
def test_pulumi_import_is_refused_where_it_prints_no_code_and_without_code_it_can_be_declared(
    tmp_path: Path, cloud: Emulator
) -> None:
    # Without the launchers of the other tests, which start a host for the engine: it has to know the engine's command.
    bare = Stack(tmp_path, cloud, PROGRAMS / "instances")
    account = Cloud(cloud)
    found = by_hand(account, "by_hand", account.workspace())
    bare.configure(instances={})
    wanted = (INSTANCE, "one", f"{HOME}/{found}", "--yes", "--skip-preview")
    text = bare.do("import", *wanted, fails=True)
    said = "error: printing the code of an import needs Pulumi's own Python language host"
    assert said in text
    assert "to import without it: --generate-code=false" in text
    assert INSTANCE not in bare.resources()

    text = bare.do("import", *wanted, "--generate-code=false")
    assert "almost certainly" not in text
    recorded = {key: value for key, value in bare.instance()["inputs"].items() if not key.startswith("__")}
    start = len(cloud.calls)
    bare.configure(instances={"one": recorded})
    text = bare.up(pack=False)
    assert "1 updated" in text
    assert "warning" not in text
    assert changing_calls(bare, start) == ["CreateIdleInstanceCuller", "UpdateInstanceLabels"]
    assert bare.instance_id() == found
    assert bare.live() == BOTH
    assert bare.nothing_billed()
