"""What a preview's events say of resources: which notebooks were judged, by which rules, and what could not be."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from paidsw.cli.check.levels import IN_EVERY_CHECK
from paidsw.cli.check.preview import Preview
from paidsw.core.properties import decode
from paidsw.core.provider_settings import ACCEPTED, in_file
from paidsw.rules.policy_config import Entry, PolicyConfig
from paidsw.rules.registry import Undecided, examine, rules, said_not_known
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Level, Resource, Scope, Severity

# Where the preview has put the cloud.
_PLACES = ("alicloud:endpoints", "paidsw:emulator")
# The engine names a default provider after its version, and after the place that its plugin comes from.
_FROM_ELSEWHERE = re.compile(r".*::pulumi:providers:(?P<package>[^:]+)::default(?=[^:]*[^\w:-])[^:]*::[^:]*")
_COSTS = (Severity.HIGH, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A setting of a provider that the program makes, which isn't among those that are accepted."""

    urn: str
    key: str
    accepted: tuple[str, ...]


def notebooks(preview: Preview) -> Iterator[str]:
    """The URNs of notebooks that were judged, and are to be made."""
    analyzed = {event["resourceUrn"] for event in preview.of("policyAnalyzeSummaryEvent")}
    yield from (one["urn"] for one in _instances(preview) if one["urn"] in analyzed)


def judged(preview: Preview, notebooks: Collection[str]) -> Iterator[str]:
    """The rules that had something to judge: of instances only where one was seen."""
    for event in preview.of("policyAnalyzeSummaryEvent"):
        names = [*event.get("passed", ()), *event.get("failed", ())]
        yield from (one for one in names if event["resourceUrn"] in notebooks or _of_any(one))
    for event in preview.of("policyAnalyzeStackSummaryEvent"):
        yield from (*event.get("passed", ()), *event.get("failed", ()))


def foreign_settings(preview: Preview, project: str) -> Iterator[Foreign]:
    """What is refused of the settings of providers that the program makes itself."""
    config: Mapping[str, str] = next((one.get("config", {}) for one in preview.of("preludeEvent")), {})
    for made in _made(preview):
        prefix, _, package = made["type"].rpartition(":")
        if prefix == "pulumi:providers":
            inputs = {f"{package}:{key}": value for key, value in made["new"]["inputs"].items()}
            for key, _ in in_file(_without_rehearsal(inputs, config), project):
                yield Foreign(made["urn"], key, tuple(sorted(ACCEPTED.get(package, ()))))
        elsewhere = _FROM_ELSEWHERE.fullmatch(made.get("provider") or "")
        if elsewhere:
            package = elsewhere["package"]
            key = f"{package}:pluginDownloadURL"
            yield Foreign(made["urn"], key, tuple(sorted(ACCEPTED.get(package, ()))))


def unknown(preview: Preview, levels: PolicyConfig) -> Iterator[Undecided]:
    """What isn't known before the update, and a rule has to know to say that it costs nothing."""
    found = [one for one in _undecided(preview) if _has_to_know(rules()[one.rule], levels)]
    yield from found
    # Within a secret an event shows nothing: that it isn't known, only the pack has seen.
    shown = {(one.urn, one.rule) for one in found}
    for event in preview.of("policyEvent"):
        for one in said_not_known(said(event), event.get("resourceUrn", "")):
            rule = rules().get(one.rule)
            if rule and _has_to_know(rule, levels) and (one.urn, one.rule) not in shown:
                yield one


def said(violation: Mapping[str, Any]) -> str:
    """The sentence of a rule in an event of the policy pack; the rule's description comes before it."""
    text: str = violation["message"]
    return text.partition("\n")[2].strip() or text.strip()


def _undecided(preview: Preview) -> Iterator[Undecided]:
    for made in _instances(preview):
        props = cast("Mapping[str, object]", decode(made["new"]["inputs"]))
        yield from examine(Resource(INSTANCE_TYPE, props, urn=made["urn"])).undecided


def _has_to_know(rule: AnyRule, levels: PolicyConfig) -> bool:
    return rule.severity in _COSTS and _in_force(rule, levels) not in (Level.ADVISORY, Level.DISABLED)


def _in_force(rule: AnyRule, levels: PolicyConfig) -> Level:
    own = levels.entries.get(rule.id, Entry()).level
    return own or IN_EVERY_CHECK.get(rule.id) or levels.level(rule)


def _instances(preview: Preview) -> Iterator[Mapping[str, Any]]:
    # A component may have any type, and nothing is made for one; what is only read exists already.
    for made in _made(preview):
        if made["type"] == INSTANCE_TYPE and made["op"] != "read" and made["new"].get("custom"):
            yield made


def _made(preview: Preview) -> Iterator[Mapping[str, Any]]:
    events = (event["metadata"] for event in preview.of("resourcePreEvent"))
    yield from (one for one in events if one["new"])


def _of_any(rule: str) -> bool:
    return rule in rules() and rules()[rule].scope is Scope.ANY


def _without_rehearsal(inputs: Mapping[str, Any], config: Mapping[str, str]) -> dict[str, Any]:
    """A provider's settings without what the preview itself gave the stack, and what the engine adds to them."""
    there = any(one in inputs and _same(inputs[one], config.get(one)) for one in _PLACES)
    return {
        key: value
        for key, value in inputs.items()
        if not (key.endswith(":version") or (key.endswith(":__internal") and not value))
        and not (there and _same(value, config.get(key)))
    }


def _same(one: object, other: object) -> bool:
    return _plain(one) == _plain(other)


def _plain(value: object) -> object:
    """A value of the configuration or of a provider; both may have it as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
