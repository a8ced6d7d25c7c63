"""Every notebook that exists is within the free tier as the cloud has it, not only as it is declared."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from paidsw.core.messages import message
from paidsw.core.values import UndecidedError
from paidsw.rules.registry import findings, rules
from paidsw.rules.rule import (
    AnyRule,
    Finding,
    Level,
    NoSettings,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    instances,
)
from paidsw.trial.terms import Terms

_RESTORE = message("run pulumi up to restore it, or pulumi destroy where it can't be undone")


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, terms: Terms) -> Iterator[Finding]:
    """Finds what the mandatory rules of an instance find in the state of one that exists."""
    for instance in instances(resources):
        if not instance.knows("instanceId") or not instance["instanceId"].text:
            continue  # not created yet: the rules of the instance look at what is declared
        for rule in _rules():
            with suppress(UndecidedError):
                yield from (
                    _live(instance, found) for found in findings(rule, (instance,), rule.settings(), terms)
                )


def _rules() -> list[AnyRule]:
    guards = {"idle-shutdown", "shutdown-timer"}  # the matter of the rule guards-present
    instance_rules = [
        rule for rule in rules().values() if rule.scope is Scope.INSTANCE and rule.id not in guards
    ]
    return [rule for rule in instance_rules if rule.level is Level.MANDATORY]


def _live(instance: Resource, found: Finding) -> Finding:
    return replace(found, path=instance.path(found.path), fix=_RESTORE, urn=instance.urn)


RULE = Rule(
    id="live-instance-in-tier",
    title="Live instance within the tier",
    description="Every notebook that exists is within the free tier as the cloud has it, not only as it is declared.",
    why="A disk enlarged or a type changed in the console bills, although the program still says otherwise.",
    steps="Run `pulumi refresh`, then `pulumi up`; a larger disk or a public instance ends with `pulumi destroy` only.",
    severity=Severity.CRITICAL,
    reference=Reference.BILLING,
    scope=Scope.STACK,
    properties=(
        "instanceId",
        "region",
        "ecsSpec",
        "instanceName",
        "cloudDisks",
        "accessibility",
        "spotSpec",
        "resourceId",
        "userVpc",
        "sessionHours",
        "imageUrl",
        "imageId",
        "labels",
        "environmentVariables",
    ),
    settings=NoSettings,
    check_stack=check_stack,
)
