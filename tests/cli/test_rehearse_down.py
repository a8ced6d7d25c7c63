"""`dsw rehearse down` around `pulumi`: what it releases, what it names, and how it ends."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.cli.rehearse import NOT_DESTROYED
from paidsw.cloud import Connection
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.emulator import process
from paidsw.provider.instance import labels
from tests.support.audited import OWNER_ID, URN, instance_resource, owner_resource
from tests.support.cloud import HOME
from tests.support.command import Project
from tests.support.rehearsed import Calls, notebook, stack_exists


class TestDown:
    """Release."""

    def test_it_destroys_shows_that_nothing_is_left_and_stops_the_cloud(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        result = project.dsw("rehearse", "down")
        assert result.code == 0
        assert calls.verbs() == ["destroy"]
        assert result.out.rstrip().endswith("In the emulator: nothing.\nBill: 0.00 yuan")
        assert process.status(project.emulator) is None

    def test_what_others_have_is_named_with_what_ends_it_and_is_no_failure(self, project: Project) -> None:
        calls = Calls(project)
        stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        project.dsw("emulator", "start")
        control = project.control()
        control.default_workspace("cn-beijing")
        control.other("eas-service", "eas-1", HOME)
        result = project.dsw("rehearse", "down")
        assert (result.code, result.err) == (ExitCode.OK, "")
        assert calls.verbs() == ["destroy"]
        _, listed = result.out.split("Not of this stack, so it stays:\n")
        assert re.search(
            r" cn-beijing +ENABLED +dsw emulator reset, which empties the emulator$", listed, re.M
        )
        assert re.search(r" eas-1 +cn-wulanchabu +Running +dsw emulator reset, which", listed)
        assert "Of this stack" not in result.out
        assert "nothing" not in result.out
        assert process.status(project.emulator) is None
        assert project.dsw("emulator", "reset").code == ExitCode.OK
        assert "In the emulator: nothing." in project.dsw("rehearse", "down").out

    @pytest.mark.parametrize("has_a_state", [True, False])
    def test_somebody_elses_notebook_stays_up_for_its_own_release(
        self, project: Project, has_a_state: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Calls(project)
        if has_a_state:
            stack_exists(project, {"type": "pulumi:pulumi:Stack", "urn": URN})
        made = notebook(project, {labels.OWNER: "a" * 12})
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.OK
        command = f"dsw release {made} --region {HOME} --emulator"
        assert command in result.out
        assert "The emulator keeps running for that (its page: http://127.0.0.1:" in result.out
        monkeypatch.setattr("builtins.input", lambda _: made)
        assert project.dsw(*command.split()[1:]).code == ExitCode.OK
        assert "dsw-" not in project.dsw("rehearse", "down").out

    def test_what_the_stack_has_and_destroy_leaves_is_a_failure(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A `pulumi` that says it is done, with a notebook of the stack's owner and one that the state declared."""
        Calls(project)
        owned, known = notebook(project, {labels.OWNER: OWNER_ID}), notebook(project, {}, name="known")
        stack_exists(project, owner_resource(), instance_resource(known))
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FOUND
        _, listed = result.out.split("Of this stack, and still there:\n")
        for made in (owned, known):
            command = f"dsw release {made} --region {HOME} --emulator"
            assert f"  {command}\n" in listed
            monkeypatch.setattr("builtins.input", lambda _, made=made: made)
            assert project.dsw(*command.split()[1:]).code == ExitCode.OK
        assert NOT_DESTROYED not in result.out
        assert "Not of this stack, so it stays:" in project.dsw("rehearse", "down").out  # their workspace

    def test_a_workspace_whose_name_comes_from_the_owner_is_the_stacks(self, project: Project) -> None:
        """A lost reply to its create: the state doesn't have it."""
        Calls(project)
        project.dsw("emulator", "start")
        spaces = WorkspaceClient(Connection(str(project.emulator.resolve())), HOME)
        request = {"WorkspaceName": f"free_tier_{OWNER_ID}", "Description": "x", "EnvTypes": ["prod"]}
        asyncio.run(spaces.call("CreateWorkspace", request))
        stack_exists(project, owner_resource())
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FOUND
        assert f"free_tier_{OWNER_ID}" in result.out.split("Of this stack, and still there:\n")[1]

    def test_after_a_failed_destroy_what_the_state_still_has_is_ended_by_another_one(
        self, project: Project
    ) -> None:
        """And what it doesn't have any more by its id."""
        Calls(project, destroy=255)
        known, lost = (
            notebook(project, {}, name="known"),
            notebook(project, {labels.OWNER: OWNER_ID}, name="lost"),
        )
        stack_exists(project, owner_resource(), instance_resource(known))
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FOUND
        assert NOT_DESTROYED in result.out
        assert re.search(rf"{known} .* make down$", result.out, re.M)
        assert re.search(rf"{lost} .* dsw release {lost} --region {HOME} --emulator$", result.out, re.M)

    def test_a_failed_destroy_is_not_done(self, project: Project) -> None:
        Calls(project, destroy=255)
        stack_exists(project, {"type": "pulumi:pulumi:Stack"})
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FAILED
        assert NOT_DESTROYED in result.out
        assert process.status(project.emulator) is not None


class TestNothingToRelease:
    """No port, no cloud, no `pulumi`."""

    @pytest.fixture
    def taken(self, project: Project) -> Iterator[None]:
        """The port that the variable names is somebody else's."""
        with socket.create_server(("127.0.0.1", project.port)):
            yield

    def nothing(self, project: Project) -> None:
        calls = Calls(project)
        result = project.dsw("rehearse", "down")
        assert (result.code, result.err) == (0, "")
        assert result.out == "Nothing to release.\n\nIn the emulator: nothing.\nBill: 0.00 yuan\n"
        assert calls.verbs() == []
        assert process.status(project.emulator) is None

    def test_a_checkout_that_never_was_up(self, project: Project, taken: None) -> None:
        self.nothing(project)

    def test_an_empty_stack_and_an_empty_cloud(self, project: Project) -> None:
        stack_exists(project)
        project.dsw("emulator", "start")
        project.dsw("emulator", "stop")
        with socket.create_server(("127.0.0.1", project.port)):
            self.nothing(project)

    def test_a_cloud_that_runs_is_stopped(self, project: Project) -> None:
        project.dsw("emulator", "start")
        self.nothing(project)

    def test_a_machine_without_pulumi(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(project.root))
        assert project.dsw("rehearse", "down").code == 0

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            '{"checkpoint": 5}',
            '{"checkpoint": {"latest": []}}'.replace("[]", "[1]"),
            '{"checkpoint": {"latest": {"pending_operations": [{}]}}}',
        ],
    )
    def test_a_state_that_may_hold_something_is_left_to_pulumi(self, project: Project, text: str) -> None:
        calls = Calls(project)
        stack_exists(project).write_text(text)
        project.dsw("rehearse", "down")
        assert "destroy" in calls.verbs()

    def test_a_stopped_cloud_that_holds_what_others_have_stays_stopped(self, project: Project) -> None:
        calls = Calls(project)
        project.dsw("emulator", "start")
        project.control().default_workspace("cn-beijing")
        project.dsw("emulator", "stop")
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.OK
        assert "Not of this stack, so it stays:\n" in result.out
        assert calls.verbs() == []
        assert process.status(project.emulator) is None

    def test_a_damaged_account_is_one_sentence(self, project: Project) -> None:
        Calls(project)
        project.emulator.mkdir(parents=True)
        (project.emulator / "state.json").write_text("{")
        result = project.dsw("rehearse", "down")
        assert result.code == ExitCode.FAILED
        assert "is damaged; delete it, or run `dsw emulator reset`" in result.err
        assert len(result.err.splitlines()) == 1
