"""Every notebook of the stack still has its guards, whatever happened to it outside."""

from collections.abc import Iterator

from paidsw.rules.references import IDLE
from paidsw.rules.rule import Finding, Resource, Rule, Scope, Severity
from paidsw.rules.settings import NoSettings
from paidsw.rules.stacks import instances, known, named
from paidsw.rules.values import UndecidedError
from paidsw.trial.terms import Terms

_GUARDS = {"idleInstanceCuller": "idle culler", "sessionHours": "shutdown timer"}


def check_stack(resources: tuple[Resource, ...], _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a notebook whose state lacks a guard, and a running one for which no end is set."""
    unknown: list[str] = []
    for instance in instances(resources):
        for name, guard in _GUARDS.items():
            if not known(instance, name):
                unknown.append(named(instance, name))
            elif instance[name].value in (None, {}, "") and not _timed(instance, name):
                yield _missing(instance, name, guard)
        if _running_without_end(instance):
            yield _missing(instance, "shutdownTime", "shutdown timer while it runs")
    if unknown:
        raise UndecidedError(unknown[0])


def _timed(instance: Resource, name: str) -> bool:
    # Of an instance that was just imported only the timer itself is known, not how long its sessions are to be.
    return name == "sessionHours" and bool(instance["shutdownTime"].text)


def _running_without_end(instance: Resource) -> bool:
    if not known(instance, "status", "shutdownTime") or instance["status"].text != "Running":
        return False
    return not instance["shutdownTime"].text


def _missing(instance: Resource, path: str, guard: str) -> Finding:
    what = f"the notebook has no {guard}"
    return Finding(
        named(instance, path), what, "a guard that is set", "run pulumi up to set it again", instance.urn
    )


RULE = Rule(
    id="guards-present",
    title="Guards in place",
    description="Every notebook of the stack still has its guards, whatever happened to it outside.",
    why="A culler or timer deleted in the console leaves an instance that runs until the quota is gone, and on.",
    steps="Run `pulumi up --refresh`, which sets the culler and the timer again.",
    severity=Severity.CRITICAL,
    reference=IDLE,
    scope=Scope.STACK,
    properties=("idleInstanceCuller", "sessionHours", "status", "shutdownTime"),
    settings=NoSettings,
    check_stack=check_stack,
)
