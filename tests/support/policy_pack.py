"""Tests a Python policy pack the way Pulumi's engine drives it: a real process, real gRPC, what is really sent.

    with Pack.start("policies") as pack:
        pack.configure({"all": "advisory", "trial-region": "mandatory"})
        found = pack.analyze(Declared("paidsw:index:Instance", {"region": UNKNOWN, "imageAuth": SecretValue("…")}))
        assert [one.policy for one in found] == ["trial-region"]

Hand-made arguments hide what packs trip over: numbers arrive as floats, properties as proxies that raise where a
value is unknown, secrets in clear, and stack policies see outputs. Nothing here depends on the rules of this pack.
Needs pulumi, pulumi-policy and (for `configure`) jsonschema.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from paidsw.core.properties import encode

_LIMIT = 400 * 1024 * 1024
_GRACE_SECONDS = 3.0
_LEVELS = {"advisory": 0, "mandatory": 1, "disabled": 2, "remediate": 3}
_NAMES = {number: name for name, number in _LEVELS.items()}


class HarnessError(RuntimeError):
    """The pack did not start or broke the protocol; the text has the end of what it wrote to stderr."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider resource that manages a resource; `name` is "default_…" for a default provider."""

    package: str
    name: str = "default"
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource as a program declares it. `properties` are plain values with UNKNOWN and SecretValue in them.

    A custom resource has a provider, a component has none. `dependencies` and the values of
    `property_dependencies` are URNs, see `urn_of`.
    """

    type: str
    properties: Mapping[str, object] = field(default_factory=dict)
    name: str = "resource"
    provider: Provider | None = Provider("test")
    parent: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    ignore_changes: Sequence[str] = ()
    aliases: Sequence[str] = ()
    additional_secret_outputs: Sequence[str] = ()
    delete_before_replace: bool | None = None
    timeouts: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a policy reported: `message` is the description, a line break, and the text of the violation."""

    policy: str
    message: str
    level: str
    severity: int
    urn: str
    version: str = ""

    @property
    def text(self) -> str:
        """The text of the violation without the policy's description."""
        return self.message.partition("\n")[2] or self.message


@dataclass(frozen=True, slots=True)
class Remedied:
    """The outcome of a remediation: the properties in wire form after it, or why there are none."""

    policy: str
    properties: Mapping[str, Any] | None
    diagnostic: str


def urn_of(resource: Declared, project: str = "project", stack: str = "dev") -> str:
    """The URN that the engine gives to a resource without a parent."""
    return f"urn:pulumi:{stack}::{project}::{resource.type}::{resource.name}"


class Pack:
    """A running policy pack; a context manager that ends its process."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, folder: Path, names: tuple[str, str]
    ) -> None:
        self._process, self._folder, self._names = process, folder, names
        options = [("grpc.max_send_message_length", _LIMIT), ("grpc.max_receive_message_length", _LIMIT)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self._configured: dict[str, str] = {}

    @classmethod
    def start(
        cls,
        folder: str | Path,
        *,
        python: str = sys.executable,
        project: str = "project",
        stack: str = "dev",
        dry_run: bool = True,
        environment: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Pack:
        """Starts the pack in `folder` and greets it as the engine does; raises HarnessError after `timeout` s."""
        path = Path(folder).resolve()
        names = {"PULUMI_PROJECT": project, "PULUMI_STACK": stack, "PULUMI_DRY_RUN": str(dry_run).lower()}
        process = subprocess.Popen(
            [python, str(path), "127.0.0.1:1"],  # the engine's address, which packs do not call
            env={**os.environ, **(environment or {}), "PULUMI_ORGANIZATION": "organization", **names},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        pack = cls(process, _port(process, timeout), path, (project, stack))
        pack._greet(dry_run)
        return pack

    def __enter__(self) -> Pack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the pack's process."""
        self._channel.close()
        self._process.kill()
        self._process.communicate()

    @property
    def info(self) -> analyzer_pb2.AnalyzerInfo:
        """What the pack says about itself and each of its policies."""
        return cast("analyzer_pb2.AnalyzerInfo", self._call("GetAnalyzerInfo", empty_pb2.Empty()))

    def configure(self, config: Mapping[str, object]) -> None:
        """Applies a policy configuration file as the engine does: `all`, then each policy's own entry.

        The engine hands on every name in the file, also of policies that there aren't, and the defaults of settings.
        Raises ValueError where a setting breaks the schema that its policy declares, as the engine refuses it.
        """
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for policy in self.info.policies:
            level = _level(config.get("all"), _NAMES[policy.enforcementLevel])
            declared = json_format.MessageToDict(policy.configSchema.properties)
            defaults = {name: one["default"] for name, one in declared.items() if "default" in one}
            settings = _entry(request, policy.name, config.get(policy.name, {}), level, defaults)
            _validate(policy, settings)
        for name in config.keys() - {policy.name for policy in self.info.policies}:
            _entry(request, name, config[name], "advisory", {})
        self._call("Configure", request)

    def analyze(self, resource: Declared) -> list[Diagnostic]:
        """What the resource policies say about one resource before its operation."""
        return _diagnostics(self._call("Analyze", self._request(resource, internal=False)))

    def remediate(self, resource: Declared) -> list[Remedied]:
        """What the policies at level `remediate` make of one resource, in their order."""
        found = self._call("Remediate", self._request(resource, internal=True)).remediations
        return [
            Remedied(
                one.policyName,
                json_format.MessageToDict(one.properties) if one.HasField("properties") else None,
                one.diagnostic,
            )
            for one in found
        ]

    def analyze_stack(self, resources: Iterable[Declared]) -> list[Diagnostic]:
        """What the stack policies say about all resources (their outputs) at the end of the operation."""
        described = [self._stack_resource(resource) for resource in resources]
        return _diagnostics(self._call("AnalyzeStack", analyzer_pb2.AnalyzeStackRequest(resources=described)))

    def _call(self, method: str, request: object) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            call = cast("grpc.Call", error)
            raise HarnessError(f"{method} failed with {call.code().name}: {call.details()}") from None

    def _greet(self, dry_run: bool) -> None:
        folder, (project, stack) = str(self._folder), self._names
        try:
            self._stub.Handshake(
                analyzer_pb2.AnalyzerHandshakeRequest(
                    engine_address="127.0.0.1:1", root_directory=folder, program_directory=folder
                )
            )
        except grpc.RpcError as error:
            if (
                cast("grpc.Call", error).code() is not grpc.StatusCode.UNIMPLEMENTED
            ):  # the engine continues then
                raise
        settings = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=stack, project=project, organization="organization", dry_run=dry_run
        )
        self._call("ConfigureStack", settings)

    def _request(self, resource: Declared, *, internal: bool) -> analyzer_pb2.AnalyzeRequest:
        return analyzer_pb2.AnalyzeRequest(
            type=resource.type,
            name=resource.name,
            urn=urn_of(resource, *self._names),
            properties=_struct(resource.properties, internal=internal),
            options=_options(resource),
            provider=self._provider(resource),
        )

    def _stack_resource(self, resource: Declared) -> analyzer_pb2.AnalyzerResource:
        sources = resource.property_dependencies.items()
        return analyzer_pb2.AnalyzerResource(
            type=resource.type,
            name=resource.name,
            urn=urn_of(resource, *self._names),
            properties=_struct(resource.properties, internal=False),
            options=_options(resource),
            provider=self._provider(resource),
            parent=resource.parent,
            dependencies=resource.dependencies,
            propertyDependencies={
                key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns) for key, urns in sources
            },
        )

    def _provider(self, resource: Declared) -> analyzer_pb2.AnalyzerProviderResource | None:
        provider = resource.provider
        if provider is None:
            return None
        kind, (project, stack) = f"pulumi:providers:{provider.package}", self._names
        return analyzer_pb2.AnalyzerProviderResource(
            type=kind,
            name=provider.name,
            urn=f"urn:pulumi:{stack}::{project}::{kind}::{provider.name}",
            properties=_struct(provider.properties, internal=False),
        )


def _port(process: subprocess.Popen[bytes], timeout: float) -> int:
    lines: list[bytes] = []
    stdout = cast("Any", process.stdout)
    reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(timeout)
    if lines and lines[0].strip().isdigit():
        return int(lines[0])
    errors = _last_words(process).decode(errors="replace")[-2000:]
    raise HarnessError(f"the pack did not print a port number on its first line of stdout: {errors}")


def _last_words(process: subprocess.Popen[bytes]) -> bytes:
    try:
        # A pack that fails writes its reason and ends by itself.
        return process.communicate(timeout=_GRACE_SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[1]


def _struct(properties: Mapping[str, object], *, internal: bool) -> struct_pb2.Struct:
    wire = cast("dict[str, Any]", encode(properties))
    message = struct_pb2.Struct()
    json_format.ParseDict(wire if internal else _without_internal(wire), message)
    return message


def _without_internal(value: object) -> Any:
    # The engine leaves out keys such as __defaults when it analyses, but not when it remediates.
    if isinstance(value, dict):
        return {key: _without_internal(item) for key, item in value.items() if not key.startswith("__")}
    return [_without_internal(item) for item in value] if isinstance(value, list) else value


def _options(resource: Declared) -> analyzer_pb2.AnalyzerResourceOptions:
    create, update, delete = resource.timeouts
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        deleteBeforeReplace=bool(resource.delete_before_replace),
        deleteBeforeReplaceDefined=resource.delete_before_replace is not None,
        additionalSecretOutputs=resource.additional_secret_outputs,
        aliases=resource.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            create=create, update=update, delete=delete
        ),
        parent=resource.parent,
    )


def _diagnostics(response: analyzer_pb2.AnalyzeResponse) -> list[Diagnostic]:
    return [
        Diagnostic(
            one.policyName,
            one.message,
            _NAMES[one.enforcementLevel],
            one.severity,
            one.urn,
            one.policyPackVersion,
        )
        for one in response.diagnostics
    ]


def _entry(
    request: analyzer_pb2.ConfigureAnalyzerRequest,
    name: str,
    own: object,
    level: str,
    defaults: dict[str, Any],
) -> dict[str, Any]:
    """Adds one entry of a file to the request; its settings."""
    settings = defaults | (dict(own) if isinstance(own, Mapping) else {})
    entry = request.policyConfig[name]
    level = _level(settings.pop("enforcementLevel", own), level)
    entry.enforcementLevel = analyzer_pb2.EnforcementLevel.Value(level.upper())
    json_format.ParseDict(settings, entry.properties)
    return settings


def _level(entry: object, otherwise: str) -> str:
    value = entry.get("enforcementLevel") if isinstance(entry, Mapping) else entry
    if value is None:
        return otherwise
    if value not in _LEVELS:
        raise ValueError(f"{value!r} is not an enforcement level; allowed: {', '.join(_LEVELS)}")
    return str(value)


def _validate(policy: analyzer_pb2.PolicyInfo, settings: Mapping[str, object]) -> None:
    from jsonschema import Draft7Validator

    declared = json_format.MessageToDict(policy.configSchema.properties)
    schema = {"type": "object", "properties": declared, "required": list(policy.configSchema.required)}
    for error in Draft7Validator(schema).iter_errors(settings):
        raise ValueError(f"{policy.name}: {error.json_path}: {error.message}")
