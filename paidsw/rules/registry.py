"""Finds the rules and applies them: the one face that provider, component, policy pack and audit use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from paidsw.core.messages import Message
from paidsw.core.values import UndecidedError
from paidsw.rules.messages import Text
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Finding, Resource, Scope, Violation
from paidsw.trial.terms import TERMS, Terms

RULES_FOLDER = Path(__file__).parent
_NOT_KNOWN = re.compile(str(Text.NOT_KNOWN(paths="(?P<paths>.+)", rules="(?P<rules>[a-z0-9, -]+)")))


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that can't decide yet, because the value at `path` isn't known."""

    rule: str
    path: str
    urn: str = ""

    @classmethod
    def of(cls, rule: str, error: UndecidedError, urn: str) -> Undecided:
        """What a rule raised about a resource; rules of the whole stack put its name before the path."""
        return cls(
            rule, error.path.removeprefix(f"{urn.rpartition('::')[2]}.") if error.urn else error.path, urn
        )


def not_known(found: Sequence[Undecided]) -> Message:
    """One sentence about everything that the rules can't decide yet about one resource."""
    return Text.NOT_KNOWN(
        paths=", ".join(dict.fromkeys(one.path for one in found)),
        rules=", ".join(dict.fromkeys(one.rule for one in found)),
    )


def said_not_known(text: str, urn: str) -> Iterator[Undecided]:
    """What such a sentence says, of which the engine hands on nothing but the text; all paths are in one."""
    found = _NOT_KNOWN.fullmatch(text)
    for rule in found["rules"].split(", ") if found else ():
        yield Undecided(rule, found["paths"] if found else "", urn)


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules say: violations, and what they could not decide yet."""

    violations: tuple[Violation, ...]
    undecided: tuple[Undecided, ...]


@cache
def rules() -> Mapping[str, AnyRule]:
    """Every rule by its id, in the order of the ids: one folder below `rules/` each, its `RULE`."""
    names = sorted(module.name for module in iter_modules([str(RULES_FOLDER)]) if module.ispkg)
    found: list[AnyRule] = [import_module(f"paidsw.rules.{name}").RULE for name in names]
    return {rule.id: rule for rule in found}


def evaluate(inputs: Mapping[str, object], *, terms: Terms = TERMS) -> list[Violation]:
    """The violations of one notebook instance, described by its inputs in the Pulumi wire's names.

    Values may be of any JSON type; `values.UNKNOWN` marks one that is not known yet and hides at most the rules
    that read it, `values.SecretValue` one that may not be shown.
    """
    return list(examine(Resource(INSTANCE_TYPE, inputs), terms=terms).violations)


def examine(resource: Resource, *, terms: Terms = TERMS) -> Report:
    """What the rules that look at single resources say about this one."""
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    for rule in rules().values():
        if not applies(rule, resource):
            continue
        try:
            for found in findings(rule, (resource,), rule.settings(), terms):
                urn = found.urn or resource.urn
                violations.append(Violation(rule.id, found, rule.level, rule.severity, urn))
        except UndecidedError as error:
            undecided.append(Undecided(rule.id, error.path, resource.urn))
    return Report(tuple(violations), tuple(undecided))


def applies(rule: AnyRule, resource: Resource) -> bool:
    """Whether a rule looks at this resource by itself."""
    return rule.scope is Scope.ANY or (rule.scope is Scope.INSTANCE and resource.type == INSTANCE_TYPE)


def findings(
    rule: AnyRule, resources: tuple[Resource, ...], settings: object, terms: Terms
) -> Iterator[Finding]:
    """What one rule finds, one by one; raises UndecidedError where a value is not known yet."""
    if rule.check_stack is not None:
        yield from rule.check_stack(resources, settings, terms)
    elif rule.check is not None:
        for resource in resources:
            yield from rule.check(resource, settings, terms)
