"""The workspace of a notebook's own: under which provider it is declared, and what its taken name means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pulumi_alicloud as alicloud
import pytest
from pulumi.runtime.config import set_all_config

from components import FreeTierNotebook, NotebookArgs
from components.providers import regional_provider
from components.workspace import Workspace
from paidsw.core.provider_settings import rehearsal
from paidsw.core.versions import ALICLOUD
from paidsw.resources import Owner
from tests.support.declarations import (
    GET_WORKSPACE,
    OWNED_INSTANCE,
    OWNER,
    OWNER_ID,
    PROVIDER,
    WORKSPACE,
    Cloud,
    Recorder,
    run,
)

REGION = "cn-wulanchabu"
EMULATED = rehearsal("http://127.0.0.1:1")
TAKEN = "CreateWorkspace: Workspace exist error (code 100400009, HTTP 400)"
MADE_BY_US = f"Free-tier notebook, owner {OWNER_ID}"
# As the real plugin prints it.
TAKEN_BY_THE_PLUGIN = """1 error occurred:
* [ERROR] resource_alicloud_pai_workspace_workspace.go:126: Resource alicloud_pai_workspace_workspace Failed!!!
SDKError:
   StatusCode: 400
   Code: 100400009
   Message: code: 400, Workspace exist error"""


def declared(opts: pulumi.ResourceOptions | None = None, **settings: Any) -> Recorder:
    def program() -> Any:
        return FreeTierNotebook("notebook", NotebookArgs(**settings), region=REGION, opts=opts).status

    return run(program)


class TestDeclaration:
    """What the engine is asked for."""

    def test_a_chosen_name_is_the_workspaces(self) -> None:
        found = declared(workspace_name="mine")
        assert found.inputs(OWNER)["workspaceName"] == "mine"
        assert found.inputs(WORKSPACE) == {
            "workspaceName": "mine",
            "description": f"Free-tier notebook, owner {OWNER_ID}",
            "envTypes": ["prod"],
        }
        assert list(found.request(WORKSPACE).ignoreChanges) == ["description"]

    def test_without_one_the_owner_names_a_new_one_and_an_old_one_keeps_its_name(self) -> None:
        found = declared()
        assert found.inputs(WORKSPACE)["workspaceName"] == f"free_tier_{OWNER_ID}"
        assert list(found.request(WORKSPACE).ignoreChanges) == ["description", "workspaceName"]

    def test_it_has_its_region_in_its_name_and_still_that_of_earlier_versions(self) -> None:
        request = declared().request(WORKSPACE)
        assert request.name == f"notebook-{REGION}"
        assert [alias.spec.name for alias in request.aliases] == ["notebook"]

    def test_its_failure_is_explained(self) -> None:
        assert len(declared().request(WORKSPACE).hooks.on_error) == 1


@pytest.fixture
def configured() -> Iterator[None]:
    yield
    set_all_config({}, [])


@pytest.mark.usefixtures("configured")
class TestProvider:
    """The alicloud provider of a region."""

    def provider(self, config: dict[str, str], secret: list[str] | None = None) -> Recorder:
        def program() -> Any:
            set_all_config(config, secret or [])
            return FreeTierNotebook("notebook", region=REGION).status

        return run(program)

    def test_it_has_the_region_of_the_notebook_and_the_version_of_the_plugin(self) -> None:
        found = self.provider({"alicloud:region": "cn-beijing"})
        assert found.request(PROVIDER).name == f"notebook-{REGION}"
        assert found.request(PROVIDER).version == ALICLOUD
        assert found.inputs(PROVIDER) == {"region": REGION}
        assert found.urn(PROVIDER) in found.request(WORKSPACE).provider

    def test_it_has_every_other_setting_as_it_is_and_no_one_elses(self) -> None:
        emulated = {key: one if isinstance(one, str) else json.dumps(one) for key, one in EMULATED.items()}
        settings = {"alicloud:profile": "me", "alicloud:maxRetryTimeout": "5", **emulated}
        found = self.provider({**settings, "dsw-free-tier:driver": "y"})
        expected = {
            key.removeprefix("alicloud:"): value
            for key, value in settings.items()
            if key.startswith("alicloud:")
        }
        assert found.inputs(PROVIDER) == {**expected, "region": REGION}

    @pytest.mark.parametrize("key", ["alicloud:endpoints", "alicloud:protocol", "paidsw:emulator"])
    def test_it_is_not_declared_with_a_setting_that_sends_requests_elsewhere(self, key: str) -> None:
        with pytest.raises(pulumi.RunError, match=f"^{key} [^\n]+$"):
            self.provider({key: "HTTP"})

    def test_it_is_not_declared_where_the_environment_sends_requests_elsewhere(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("AIWORKSPACE_ENDPOINT", "evil.example")
        (tmp_path / "endpoints.xml").touch()
        with pytest.raises(pulumi.RunError) as caught:
            self.provider({})
        sentences = str(caught.value).splitlines()
        assert len(sentences) == 2
        assert "AIWORKSPACE_ENDPOINT can send" in sentences[0]
        assert sentences[1].startswith("endpoints.xml can send")
        emulated = {key: one if isinstance(one, str) else json.dumps(one) for key, one in EMULATED.items()}
        assert self.provider(emulated).request(PROVIDER), "a rehearsal names its own host"

    @pytest.mark.parametrize("marked", [["alicloud:profile"], ["alicloud:profile", "alicloud:secretKey"]])
    def test_a_secret_stays_one_and_a_key_is_one_however_it_is_set(self, marked: list[str]) -> None:
        def program() -> Any:
            keys = {"secretKey": "k", "securityToken": "t", "accessKey": "a", "profile": "p"}
            set_all_config({f"alicloud:{name}": value for name, value in keys.items()}, marked)
            made = regional_provider("notebook", REGION)
            assert made.package == "alicloud"

        found = run(program)
        inputs = found.inputs(PROVIDER)
        assert inputs["accessKey"] == "a"
        assert {"secretKey", "securityToken", "profile"} <= inputs.keys()
        assert [one for one in ("k", "t", "p") if one in inputs.values()] == [], "sent as secrets"

    def test_a_provider_that_the_program_gives_is_used(self) -> None:
        def program() -> Any:
            mine = alicloud.Provider("mine", region=REGION)
            opts = pulumi.ResourceOptions(providers=[mine])
            return FreeTierNotebook("notebook", region=REGION, opts=opts).status

        found = run(program)
        assert [request.name for request in found.requests if request.type == PROVIDER] == ["mine"]
        assert "::mine::" in found.request(WORKSPACE).provider


class TestGivenProvider:
    """A provider that the program makes itself, as far as its settings can be seen."""

    def declared(self, config: dict[str, str] | None = None, **settings: Any) -> Recorder:
        def program() -> Any:
            set_all_config(config or {}, [])
            mine = alicloud.Provider("mine", region=REGION, **settings)
            opts = pulumi.ResourceOptions(providers=[mine])
            return FreeTierNotebook("notebook", region=REGION, opts=opts).instance_id

        return run(program)

    def test_credentials_and_timeouts_are_accepted(self) -> None:
        found = self.declared(access_key="a", secret_key="k", profile="me", max_retry_timeout=5)
        assert "::mine::" in found.request(WORKSPACE).provider

    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            (
                {"endpoints": [{"aiworkspace": "evil.example"}]},
                "alicloud:endpoints can send signed requests to a host",
            ),
            ({"protocol": "HTTP"}, "alicloud:protocol can send signed requests without TLS"),
            (
                {"credentials_uri": "http://evil.example"},
                "alicloud:credentialsUri can have requests signed as",
            ),
            (
                {"source_ip": pulumi.Output.secret("10.0.0.1")},
                "alicloud:sourceIp can claim that a request came",
            ),
        ],
    )
    def test_one_that_sends_requests_elsewhere_is_refused_before_the_workspace(
        self, settings: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(pulumi.RunError) as caught:
            self.declared(**settings)
        (sentence,) = str(caught.value).splitlines()
        assert words in sentence
        assert sentence.endswith("remove it from provider mine")
        assert "evil" not in sentence

    def test_in_a_rehearsal_it_may_be_sent_to_this_machine_and_nowhere_else(self) -> None:
        emulated = {key: one if isinstance(one, str) else json.dumps(one) for key, one in EMULATED.items()}
        here: dict[str, Any] = {"endpoints": [{"aiworkspace": "127.0.0.1:1"}], "protocol": "HTTP"}
        assert self.declared(emulated, **here).request(WORKSPACE)
        with pytest.raises(pulumi.RunError, match="alicloud:endpoints can send"):
            self.declared(emulated, **{**here, "endpoints": [{"aiworkspace": "evil.example"}]})
        with pytest.raises(pulumi.RunError, match="alicloud:endpoints can send"):
            self.declared(**here)
        with pytest.raises(pulumi.RunError, match="alicloud:protocol can send signed requests without TLS"):
            self.declared(emulated, protocol="HTTP")


def test_notebooks_of_one_name_under_different_parents_have_a_provider_and_a_hook_each() -> None:
    def program() -> Any:
        rooms = [pulumi.ComponentResource(f"lab:index:{name}", name.lower()) for name in ("Hall", "Room")]
        options = [pulumi.ResourceOptions(parent=room) for room in rooms]
        made = [FreeTierNotebook("notebook", region=REGION, opts=one) for one in options]
        return pulumi.Output.all(*(one.status for one in made))

    requests = run(program).requests
    providers = [request.name for request in requests if request.type == PROVIDER]
    assert sorted(providers) == [f"hall-notebook-{REGION}", f"room-notebook-{REGION}"]
    hooks = [request.hooks.on_error[0] for request in requests if request.type == WORKSPACE]
    assert len(set(hooks)) == 2


def workspace_of(args: NotebookArgs) -> Workspace:
    """A workspace, as a notebook has it."""
    return Workspace(
        "notebook",
        REGION,
        Owner("notebook", {"region": REGION}),
        args,
        hook_name="hook",
        provider=regional_provider("notebook", REGION),
        component=pulumi.ComponentResource("paidsw:index:FreeTierNotebook", "notebook"),
    )


class TestSecondWorkspace:
    """What is said before a workspace is made while the stack's notebook is in another one."""

    def refused(
        self,
        cloud: Cloud,
        replace_id: str | None = None,
        *,
        preview: bool = False,
        secret: Collection[str] = (),
    ) -> str:
        said: list[str] = []

        def program() -> Any:
            workspace = workspace_of(NotebookArgs(secret, replace_id=replace_id))

            async def asked() -> None:
                try:
                    name = f"notebook-{REGION}"
                    await workspace.refuse_second(pulumi.ResourceHookArgs("u", "", name, WORKSPACE))
                except pulumi.RunError as error:
                    said.append(str(error))

            return asyncio.ensure_future(asked())

        run(program, cloud, preview=preview)
        return said[0] if said else ""

    def test_it_is_refused_with_each_way_out(self) -> None:
        text = self.refused(Cloud(owned=("dsw-1", "mine", "123")))
        assert "instance dsw-1 named mine of this stack is in workspace 123 in cn-wulanchabu" in text
        assert "leave --replace out" in text
        assert f"pulumi import {WORKSPACE} notebook-{REGION} 123 --parent" in text
        assert "pulumi config set replaceId dsw-1" in text

    def test_a_secret_name_of_the_notebook_is_not_shown(self) -> None:
        text = self.refused(Cloud(owned=("dsw-1", "mine", "123")), secret=["instanceName"])
        assert "instance dsw-1 named [secret] of this stack" in text

    def test_a_preview_warns(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The import can't be done before the component is in the state."""
        warned: list[str] = []
        monkeypatch.setattr(pulumi.log, "warn", lambda text, _resource: warned.append(text))
        assert self.refused(Cloud(owned=("dsw-1", "mine", "123")), preview=True) == ""
        [text] = warned
        assert "instance dsw-1 named mine of this stack is in workspace 123 in cn-wulanchabu" in text
        assert "pulumi import" not in text

    def test_without_one_it_is_made(self) -> None:
        cloud = Cloud()
        assert self.refused(cloud, replace_id="dsw-2") == ""
        assert cloud.arguments[OWNED_INSTANCE] == {
            "region": REGION,
            "ownerId": OWNER_ID,
            "replaceId": "dsw-2",
        }

    def test_what_cannot_be_asked_is_a_refusal(self) -> None:
        assert self.refused(Cloud("no permission")).endswith("no permission")

    def test_the_component_asks_before_it_is_made(self) -> None:
        assert len(declared().request(WORKSPACE).hooks.before_create) == 1


class TestTakenName:
    """What is said when CreateWorkspace is refused."""

    @pytest.fixture
    def said(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        found: list[str] = []
        monkeypatch.setattr(pulumi.log, "error", lambda text, _resource: found.append(text))
        return found

    def explain(
        self, cloud: Cloud, error: str, operation: str = "create", secret: Collection[str] = ()
    ) -> bool:
        answers: list[bool] = []

        def program() -> Any:
            workspace = workspace_of(NotebookArgs(secret, workspace_name="mine"))
            wrap = pulumi.Output.secret if secret else str
            args = pulumi.ErrorHookArgs(
                urn="u",
                id="",
                name=f"notebook-{REGION}",
                type=WORKSPACE,
                new_inputs={"workspaceName": wrap("mine"), "description": wrap(MADE_BY_US)},
                failed_operation=operation,
                errors=[error, "an older one"],
            )

            async def explained() -> None:
                answers.append(await workspace.explain(args))

            return asyncio.ensure_future(explained())

        run(program, cloud)
        [again] = answers
        return again

    @pytest.mark.parametrize("error", [TAKEN, TAKEN_BY_THE_PLUGIN])
    def test_one_in_the_recycle_bin_needs_another_name(self, said: list[str], error: str) -> None:
        assert not self.explain(Cloud(), error)
        [text] = said
        assert "no workspace in cn-wulanchabu has the name mine now" in text
        assert "14 days" in text
        assert text.endswith("pulumi config set workspaceName NAME")

    @pytest.mark.parametrize("secret", ["workspaceName", "ownerId"])
    def test_a_secret_name_is_asked_for_and_not_shown(self, said: list[str], secret: str) -> None:
        cloud = Cloud(workspace_id="123", description=MADE_BY_US)
        assert not self.explain(cloud, TAKEN, secret=[secret])
        assert cloud.arguments[GET_WORKSPACE]["workspaceName"] == "mine"
        [text] = said
        assert "this stack has made workspace 123 in cn-wulanchabu with the name [secret] already" in text
        assert "mine" not in text

    def test_somebody_elses_can_be_used_or_left_alone(self, said: list[str]) -> None:
        assert not self.explain(Cloud(workspace_id="123", description="theirs"), TAKEN)
        [text] = said
        assert "this stack didn't make it" in text
        assert "pulumi config set workspaceId 123" in text
        assert "pulumi config set workspaceName NAME" in text
        assert "import" not in text

    def test_this_stacks_own_is_imported(self, said: list[str]) -> None:
        assert not self.explain(Cloud(workspace_id="123", description=MADE_BY_US), TAKEN)
        [text] = said
        assert f"pulumi import {WORKSPACE} notebook-{REGION} 123 --parent 'notebook=urn:pulumi:dev::" in text
        assert "paidsw:index:FreeTierNotebook::notebook' --provider 'provider=urn:pulumi:dev::" in text
        assert f"pulumi:providers:alicloud::notebook-{REGION}' --generate-code=false --protect=false" in text
        assert "--replace" in text
        assert "workspaceId" not in text

    def test_a_cloud_that_cannot_be_asked_leaves_the_common_way_out(self, said: list[str]) -> None:
        assert not self.explain(Cloud("no permission"), TAKEN)
        [text] = said
        assert "the name mine is taken" in text
        assert text.endswith("pulumi config set workspaceName NAME")

    @pytest.mark.parametrize(
        ("error", "operation"), [("no permission (code 403)", "create"), (TAKEN, "update"), (TAKEN, "delete")]
    )
    def test_any_other_failure_speaks_for_itself(self, said: list[str], error: str, operation: str) -> None:
        assert not self.explain(Cloud(), error, operation)
        assert said == []
