"""The rules as policies of the SDK, and its resources as the rules read them.

Works around the SDK: its proxies raise where a value is unknown and have secrets in clear, so rules read what the
engine has sent; and a rule that can't decide yet is collected for one line about its resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import serialize_properties

from paidsw.core.properties import decode, encode
from paidsw.core.values import UndecidedError
from paidsw.rules.registry import Undecided, findings, rules
from paidsw.rules.rule import INSTANCE_TYPE, PROVIDER_TYPE, AnyRule, Resource, Scope, sentence
from paidsw.rules.settings import parse, schema
from paidsw.trial.terms import TERMS

NAME = "dsw-free-tier"
# Rules read the inputs of these only; of other resources they need the type.
_READ = frozenset({INSTANCE_TYPE, PROVIDER_TYPE})
# A resource as the engine sends it.
Sent = analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource
DESCRIPTION = "The rules of the PAI-DSW free trial: nothing that it doesn't pay for gets into a stack."
_FRAMEWORK = PolicyComplianceFramework(
    name="PAI-DSW free trial",
    reference="docs/rules.md",
    specification="What the trial pays for, and what it doesn't.",
)


_UNDECIDED: ContextVar[list[Undecided]] = ContextVar("undecided")
# The properties of the resources in one call of the engine, by their URNs.
_SENT: ContextVar[Mapping[str, Mapping[str, Any]]] = ContextVar("sent")


def policies() -> list[Policy]:
    """Every rule as a policy of the SDK."""
    return [policy(rule) for rule in rules().values()]


def policy(rule: AnyRule) -> Policy:
    """One rule as a policy, with all of its words."""
    declared = schema(rule.settings)
    words: dict[str, Any] = {
        "name": rule.id,
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level.value),
        "config_schema": PolicyConfigSchema(declared) if declared else None,
        "display_name": rule.title,
        "severity": Severity(rule.severity.value),
        "framework": _FRAMEWORK,
        "tags": ["pai-dsw", "free-trial", rule.scope.value],
        "remediation_steps": rule.steps,
        "url": rule.reference,
    }
    if rule.scope is Scope.STACK:
        return StackValidationPolicy(validate=_stack_validation(rule), **words)
    remediate = _remediation(rule) if rule.remediate else None
    return ResourceValidationPolicy(validate=_validation(rule), remediate=remediate, **words)


def _validation(rule: AnyRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if rule.scope is Scope.INSTANCE and args.resource_type != INSTANCE_TYPE:
            return
        resource = _resource(args, _wire(args.urn, rule.properties))
        _judge(rule, (resource,), args, report_violation)

    return validate


def _stack_validation(rule: AnyRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        resources = tuple(_stack_resource(resource, rule.properties) for resource in args.resources)
        _judge(rule, resources, args, report_violation)

    return validate


def _remediation(rule: AnyRule) -> Callable[[ResourceValidationArgs], Any]:
    def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        if args.resource_type != INSTANCE_TYPE or rule.remediate is None:
            return None
        wire = serialize_properties(args.props)
        resource = _resource(args, wire)
        try:
            settings = parse(rule.id, rule.settings, args.get_config())
            if next(findings(rule, (resource,), settings, TERMS), None) is None:
                return None
            changes = rule.remediate(resource, settings, TERMS)
        except UndecidedError:
            return None  # the validation that follows says so
        kept = {key: value for key, value in wire.items() if key not in changes}
        return {**kept, **{key: encode(value) for key, value in changes.items() if value is not None}}

    return remediate


def _judge(
    rule: AnyRule,
    resources: tuple[Resource, ...],
    args: ResourceValidationArgs | StackValidationArgs,
    report_violation: ReportViolation,
) -> None:
    settings = parse(rule.id, rule.settings, args.get_config())
    try:
        for found in findings(rule, resources, settings, TERMS):
            report_violation(str(sentence(rule.id, found)), found.urn or None)
    except UndecidedError as error:
        urn = args.urn if isinstance(args, ResourceValidationArgs) else error.urn
        _UNDECIDED.get().append(Undecided.of(rule.id, error, urn))
        args.not_applicable(str(error))


@contextmanager
def undecided(sent: Iterable[Sent]) -> Iterator[list[Undecided]]:
    """Collect what rules can't decide in one call of the engine about some resources, answered in one thread."""
    found: list[Undecided] = []
    read = {one.urn: json_format.MessageToDict(one.properties) for one in sent if one.type in _READ}
    tokens = _UNDECIDED.set(found), _SENT.set(read)
    try:
        yield found
    finally:
        _UNDECIDED.reset(tokens[0])
        _SENT.reset(tokens[1])


def _resource(args: ResourceValidationArgs, wire: Mapping[str, Any]) -> Resource:
    return Resource(
        type=args.resource_type,
        props=_props(args.resource_type, wire),
        name=args.name,
        urn=args.urn,
        custom=_custom(args.resource_type, args.provider),
        protect=args.opts.protect,
    )


def _wire(urn: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    # Only what the rule reads.
    sent = _SENT.get().get(urn, {})
    return {name: sent[name] for name in names if name in sent}


def _stack_resource(resource: PolicyResource, names: tuple[str, ...]) -> Resource:
    wire = _wire(resource.urn, names) if resource.resource_type == INSTANCE_TYPE else {}
    sources = resource.property_dependencies.items()
    return Resource(
        type=resource.resource_type,
        props=_props(resource.resource_type, wire),
        name=resource.name,
        urn=resource.urn,
        custom=_custom(resource.resource_type, resource.provider),
        protect=resource.opts.protect,
        property_dependencies={key: tuple(one.urn for one in found) for key, found in sources},
    )


def _props(kind: str, wire: Mapping[str, Any]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", decode(wire)) if kind in _READ else {}


def _custom(kind: str, provider: object) -> bool:
    # A component has no provider. A resource of the cloud counts even where no provider is named.
    return provider is not None or kind.startswith("alicloud:")
