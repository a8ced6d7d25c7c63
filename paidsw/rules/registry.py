"""Finds the rules and applies them: the one face that provider, component, policy pack and audit use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from paidsw.rules.config import Config
from paidsw.rules.rule import INSTANCE_TYPE, AnyRule, Finding, Level, Resource, Scope, Violation
from paidsw.rules.values import UndecidedError
from paidsw.trial.terms import TERMS, Terms

DEFAULT = Config()
RULES_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that a value not known yet kept from deciding; `path` is that value's."""

    rule: str
    path: str
    urn: str = ""


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


def evaluate(
    inputs: Mapping[str, object], *, config: Config = DEFAULT, terms: Terms = TERMS, known: bool = False
) -> list[Violation]:
    """The violations of one notebook instance, described by its inputs in the Pulumi wire's names.

    Values may be of any JSON type; `values.UNKNOWN` marks one that is not known yet and hides at most the rules
    that read it, `values.SecretValue` one that may not be shown. With `known=True` (nothing may be left open, as
    in an update) a mandatory rule that can't decide is a violation, too.
    """
    report = examine(Resource(INSTANCE_TYPE, inputs), config=config, terms=terms)
    violations = list(report.violations)
    if known:
        violations += [_unknown_violation(item) for item in report.undecided if _mandatory(item.rule, config)]
    return violations


def evaluate_stack(
    resources: Sequence[Resource], *, config: Config = DEFAULT, terms: Terms = TERMS
) -> list[Violation]:
    """The violations of a whole stack: those of each resource by itself and those of all of them together."""
    alone = [
        found for resource in resources for found in examine(resource, config=config, terms=terms).violations
    ]
    return alone + list(examine_stack(resources, config=config, terms=terms).violations)


def examine(resource: Resource, *, config: Config = DEFAULT, terms: Terms = TERMS) -> Report:
    """What the rules that look at single resources say about this one."""
    chosen = [rule for rule in rules().values() if applies(rule, resource)]
    return _report(((rule, (resource,)) for rule in chosen), config, terms)


def examine_stack(resources: Sequence[Resource], *, config: Config = DEFAULT, terms: Terms = TERMS) -> Report:
    """What the rules that look at all resources together say, and nothing else."""
    chosen = [rule for rule in rules().values() if rule.scope is Scope.STACK]
    return _report(((rule, tuple(resources)) for rule in chosen), config, terms)


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


def _report(work: Iterable[tuple[AnyRule, tuple[Resource, ...]]], config: Config, terms: Terms) -> Report:
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    for rule, resources in work:
        level = config.level(rule)
        if level is Level.DISABLED:
            continue
        urn = "" if rule.scope is Scope.STACK else resources[0].urn
        try:
            for found in findings(rule, resources, config.settings(rule), terms):
                message = found.sentence(rule.id)
                violations.append(
                    Violation(rule.id, found.path, message, level, rule.severity, found.urn or urn)
                )
        except UndecidedError as error:
            undecided.append(Undecided(rule.id, error.path, urn))
    return Report(tuple(violations), tuple(undecided))


def _mandatory(rule_id: str, config: Config) -> bool:
    return config.level(rules()[rule_id]) is not Level.ADVISORY


def _unknown_violation(item: Undecided) -> Violation:
    rule = rules()[item.rule]
    finding = Finding(item.path, "the value is not known", "a value that is known", "set it to a plain value")
    return Violation(rule.id, item.path, finding.sentence(rule.id), Level.MANDATORY, rule.severity)
