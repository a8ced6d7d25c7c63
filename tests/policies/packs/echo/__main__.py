"""A pack that reports what the SDK hands to its policies, to show that the harness sends what an engine sends."""

import json
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)


def look(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    options = args.opts
    provider = args.provider
    seen = {
        "type": args.resource_type,
        "urn": args.urn,
        "name": args.name,
        "keys": sorted(args.props),
        "number": repr(args.props["number"]) if "number" in list(args.props) else "",
        "kind": type(args.props).__name__,
        "secret": args.props["secret"] if "secret" in list(args.props) else "",
        "provider": provider and [provider.resource_type, provider.name, dict(provider.props)],
        "protect": options.protect,
        "ignore": list(options.ignore_changes),
        "aliases": list(options.aliases),
        "secretOutputs": list(options.additional_secret_outputs),
        "beforeReplace": options.delete_before_replace,
        "create": options.custom_timeouts.create_seconds,
        "parent": options.parent,
        "config": dict(args.get_config()),
        "tags": dict(args.stack_tags),
    }
    report_violation(json.dumps(seen), None)


def read(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    if "later" in list(args.props):
        report_violation(f"before {args.name}", None)
        report_violation(f"read {args.props['later']}", None)
    if "boom" in list(args.props):
        raise LookupError("a mistake in the pack")


def fix(args: ResourceValidationArgs) -> Any:
    return {**args.props, "fixed": True}


def look_at_stack(args: StackValidationArgs, report_violation: ReportViolation) -> None:
    for one in args.resources:
        parent = one.parent.name if one.parent else None
        sources = {key: [other.name for other in found] for key, found in one.property_dependencies.items()}
        seen = [one.name, parent, [other.name for other in one.dependencies], sources]
        report_violation(json.dumps(seen), one.urn)


PolicyPack(
    "echo",
    enforcement_level=EnforcementLevel.ADVISORY,
    policies=[
        ResourceValidationPolicy(
            "look", "Looks.", look, config_schema=PolicyConfigSchema({"limit": {"maximum": 5}})
        ),
        ResourceValidationPolicy(
            "read", "Reads what is not known.", read, enforcement_level=EnforcementLevel.MANDATORY
        ),
        ResourceValidationPolicy("fix", "Fixes.", remediate=fix),
        StackValidationPolicy("stack", "Looks at the stack.", look_at_stack),
    ],
)
