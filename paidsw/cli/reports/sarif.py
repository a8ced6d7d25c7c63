"""The findings as SARIF 2.1.0, the form of code-scanning services."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from paidsw.cli.reports.finding import OWN, Finding, Report
from paidsw.rules.registry import rules
from paidsw.rules.rule import AnyRule, Severity
from paidsw.rules.rule import Level as RuleLevel

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "PROJECTROOT"
# What code-scanning services sort by, 0 to 10.
_SCORES = {Severity.LOW: "3.0", Severity.MEDIUM: "5.0", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}


def render(report: Report) -> str:
    """The log file."""
    described = [_rule(rule) for rule in rules().values()]
    described += [{"id": name, "shortDescription": {"text": text}} for name, text in OWN.items()]
    places = {rule["id"]: index for index, rule in enumerate(described)}
    run = {
        "tool": {"driver": {"name": "dsw check", "rules": described}},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder of Pulumi.yaml."}}},
        "invocations": [{"executionSuccessful": not report.unchecked, "exitCode": report.exit_code}],
        "results": [_result(one, places) for one in report.findings],
        "columnKind": "unicodeCodePoints",
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: AnyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.description} {rule.why}"},
        "help": {"text": rule.steps},
        "helpUri": rule.reference,
        "defaultConfiguration": {"level": "warning" if rule.level is RuleLevel.ADVISORY else "error"},
        "properties": {"security-severity": _SCORES[rule.severity], "tags": ["cost", str(rule.scope)]},
    }


def _result(one: Finding, places: dict[str, int]) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(one.file), "uriBaseId": ROOT},
            "region": {"startLine": one.line},
        }
    }
    if one.urn:
        location["logicalLocations"] = [{"fullyQualifiedName": one.urn, "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "level": str(one.level),
        "message": {"text": _without_links(one.text)},
        "locations": [location],
        "partialFingerprints": {"finding/v1": _fingerprint(one)},
    }
    return result | ({"ruleIndex": places[one.rule]} if one.rule in places else {})


def _without_links(text: str) -> str:
    # In a message of SARIF, [text](target) is a link.
    return text.replace("](", "] (")


def _fingerprint(one: Finding) -> str:
    # Without the line, so that a finding stays the same when lines are added above it.
    return hashlib.sha256("\0".join((one.rule, one.file, one.urn, one.text)).encode()).hexdigest()
