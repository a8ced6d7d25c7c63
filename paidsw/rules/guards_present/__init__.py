"""Every notebook of the stack still has its guards, whatever happened to it outside."""

from collections.abc import Iterator

from paidsw.core.messages import message
from paidsw.core.values import UndecidedError
from paidsw.rules.rule import (
    Finding,
    NoSettings,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    Wording,
    instances,
)
from paidsw.trial.terms import Terms

_GUARDS = {"idleInstanceCuller": "idle culler", "sessionHours": "shutdown timer"}

_MISSING = Wording(
    what="the notebook has no {guard}",
    allowed="a guard that is set",
    fix="run pulumi up to set it again",
)


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a notebook whose state lacks a guard, and a running one for which no end is set."""
    unknown: list[UndecidedError] = []
    for instance in instances(resources):
        for name, guard in _GUARDS.items():
            if not instance.knows(name):
                unknown.append(instance.undecided(name))
            elif instance[name].value in (None, {}, "") and not _timed(instance, name):
                yield _missing(instance, name, guard)
        if _running_without_end(instance):
            yield _missing(instance, "shutdownTime", "shutdown timer while it runs")
    if unknown:
        raise unknown[0]


def _timed(instance: Resource, name: str) -> bool:
    # Of an instance that was just imported only the timer itself is known, not how long its sessions are to be.
    return name == "sessionHours" and bool(instance["shutdownTime"].text)


def _running_without_end(instance: Resource) -> bool:
    if not instance.knows("status", "shutdownTime") or instance["status"].text != "Running":
        return False
    return not instance["shutdownTime"].text


def _missing(instance: Resource, path: str, guard: str) -> Finding:
    return _MISSING.at(instance.path(path), urn=instance.urn, guard=message(guard))


RULE = Rule(
    id="guards-present",
    title="Guards in place",
    description="Every notebook of the stack still has its guards, whatever happened to it outside.",
    why="A culler or timer deleted in the console leaves an instance that uses up the quota, and then bills.",
    steps="Run `pulumi up --refresh`, which sets the culler and the timer again.",
    severity=Severity.CRITICAL,
    reference=Reference.IDLE,
    scope=Scope.STACK,
    properties=("idleInstanceCuller", "sessionHours", "status", "shutdownTime"),
    settings=NoSettings,
    check_stack=check_stack,
)
