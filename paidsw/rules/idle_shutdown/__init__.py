"""An idle instance is stopped by the idle culler."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, NamedTuple

from paidsw.rules.limits import clamped, finding, plain, within
from paidsw.rules.rule import Finding, Range, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import TERMS, Bounds, Terms

_BOUNDS = TERMS.idle_minutes

_MISSING = Wording(
    what="the idle culler is missing",
    allowed="{names}, idle for {minimum} to {maximum} minutes",
    fix="set idleInstanceCuller",
)
_UNREADABLE = replace(_MISSING, what="the idle culler is {value}")


class Settings(NamedTuple):
    """`max_minutes`: the longest idle time to allow, in minutes."""

    max_minutes: Annotated[float, Range(float(_BOUNDS.minimum), float(_BOUNDS.maximum))] = float(
        _BOUNDS.maximum
    )


def check(instance: Resource, settings: Settings, terms: Terms) -> Iterator[Finding]:
    """Finds a culler that is missing, waits too long, or hardly ever fires."""
    culler = instance["idleInstanceCuller"]
    guards = _guards(settings, terms)
    if not isinstance(culler.value, Mapping):
        bounds, top, _ = guards["maxIdleTimeInMinutes"]
        yield (_MISSING if culler.absent else _UNREADABLE).at(
            culler.path,
            value=culler.shown(),
            names=", ".join(guards),
            minimum=plain(bounds.minimum),
            maximum=plain(top or bounds.maximum),
        )
        return
    for name, (bounds, top, subject) in guards.items():
        if name == "gpuPercentThreshold" and culler[name].absent:
            continue  # instances without a GPU take none
        if within(culler[name], bounds, at_most=top) is None:
            yield finding(culler[name], bounds, subject, at_most=top)


def remediate(instance: Resource, settings: Settings, terms: Terms) -> Mapping[str, object]:
    """A culler within the bounds, as near as can be to the one that is there."""
    culler, guards = instance["idleInstanceCuller"], _guards(settings, terms)
    return {
        "idleInstanceCuller": {
            name: clamped(culler[name], guards[name][0], at_most=guards[name][1]) for name in guards
        }
    }


def _guards(settings: Settings, terms: Terms) -> dict[str, tuple[Bounds, Decimal | None, str]]:
    top = Decimal(str(settings.max_minutes))
    return {
        "maxIdleTimeInMinutes": (terms.idle_minutes, top, "the time after which an idle instance is stopped"),
        "cpuPercentThreshold": (terms.idle_cpu_percent, None, "the CPU load below which an instance is idle"),
        "gpuPercentThreshold": (terms.idle_gpu_percent, None, "the GPU load below which an instance is idle"),
    }


RULE = Rule(
    id="idle-shutdown",
    title="Idle shutdown",
    description="An idle instance is stopped by the idle culler.",
    why="A notebook left alone keeps using CU; the culler is what stops it before the timer does.",
    steps="Set `idleInstanceCuller` with maxIdleTimeInMinutes, cpuPercentThreshold and, on a GPU, gpuPercentThreshold.",
    severity=Severity.HIGH,
    reference=Reference.IDLE,
    properties=("idleInstanceCuller",),
    settings=Settings,
    check=check,
    remediate=remediate,
)
