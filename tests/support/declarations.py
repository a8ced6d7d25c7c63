"""A program's declarations, recorded without an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import grpc
import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks

PROJECT, STACK = "dsw-free-tier", "dev"
WORKSPACE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"
INSTANCE = "paidsw:index:Instance"
OWNER = "paidsw:index:Owner"
CLEANUP = "paidsw:index:Cleanup"
PROVIDER = "pulumi:providers:alicloud"
OWNER_ID = "0123456789ab"
CHECK_IMPORT = "paidsw:index:checkImport"
CHECK_NAME = "paidsw:index:checkName"
GET_WORKSPACE = "paidsw:index:getWorkspace"
OWNED_INSTANCE = "paidsw:index:getOwnedInstance"
COMPONENT = "paidsw:index:FreeTierNotebook"
URLS = ("instanceUrl", "jupyterlabUrl", "webIdeUrl", "terminalUrl")


class Refusal(grpc.RpcError):
    """An error as it arrives from the engine."""

    def __init__(self, details: str) -> None:
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


class Cloud(Mocks):
    """Answers as the provider does: ids, outputs, and access URLs as secrets."""

    def __init__(
        self,
        refusal: str = "",
        problems: Sequence[str] = (),
        workspace_id: str = "",
        description: str = "",
        owned: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        # Id, name and workspace of the instance that the owner has.
        self.owned = owned
        self.refusal = refusal
        self.workspace_id, self.description = workspace_id, description
        self.problems = list(problems)
        self.calls: list[str] = []
        self.arguments: dict[str, dict[str, Any]] = {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.calls.append(args.token)
        self.arguments[args.token] = dict(args.args)
        if self.refusal:
            raise Refusal(self.refusal)
        if args.token == GET_WORKSPACE:
            return {"workspaceId": self.workspace_id, "description": self.description}, []
        if args.token == OWNED_INSTANCE:
            return dict(zip(("instanceId", "instanceName", "workspaceId"), self.owned, strict=True)), []
        if args.token in (CHECK_IMPORT, CHECK_NAME):
            return {"problems": self.problems}, []
        return {"source": "emulator"}, []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == INSTANCE:
            urls = {name: pulumi.Output.secret(f"https://{name}/?token=t") for name in URLS}
            outputs = {"instanceId": "dsw-1", "status": "Running", "shutdownTime": "2026-11-24T12:00:00Z"}
            return "cn-wulanchabu/dsw-1", {**args.inputs, **outputs, **urls}
        if args.typ == OWNER:
            name = args.inputs.get("workspaceName") or f"free_tier_{OWNER_ID}"
            return OWNER_ID, {**args.inputs, "ownerId": OWNER_ID, "workspaceName": name}
        return f"{args.name}-id", dict(args.inputs)


class Recorder(MockMonitor):
    """Keeps the requests of the program, in their order."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.requests: list[Any] = []
        self.outputs: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:
        self.requests.append(request)
        base: Any = super()
        return base.RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.outputs[request.urn] = rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        base: Any = super()
        return base.RegisterResourceOutputs(request)

    def types(self) -> list[str]:
        """The declared types in order, without the stack itself."""
        return [request.type for request in self.requests if request.type != "pulumi:pulumi:Stack"]

    def request(self, type_: str) -> Any:
        return next(request for request in self.requests if request.type == type_)

    def inputs(self, type_: str) -> dict[str, Any]:
        return dict(rpc.deserialize_properties(self.request(type_).object))

    def urn(self, type_: str) -> str:
        request = self.request(type_)
        return str(self.make_urn(request.parent, request.type, request.name))


def run(program: Callable[[], Any], cloud: Cloud | None = None, *, preview: bool = False) -> Recorder:
    """Run a program; an Output that it returns is waited for. Raises what the program raises."""
    mocks = cloud or Cloud()
    monitor = Recorder(mocks)
    set_mocks(mocks, PROJECT, STACK, preview, monitor=monitor)
    awaiting: Any = pulumi.runtime.test
    awaiting(program)()
    return monitor
