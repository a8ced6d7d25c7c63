"""The report as JSON. docs/audit.schema.json describes it; names are as the cloud has them, escaped to ASCII."""

from __future__ import annotations

import json
from typing import Any

from paidsw.audit.model import Account, Finding, NotSeen, Report, Thing, Where
from paidsw.core.redaction import without_secrets

VERSION = 1
_PACK = "{name}: {left} of {total} {unit} left, {status}, until {until}"


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "cloud": report.cloud,
        "at": report.at,
        "regions": list(report.regions),
        "comparedWith": report.compared or None,
        "complete": not report.incomplete,
        "exitCode": report.exit_code,
        "verdict": str(report.verdict),
        "findings": [_finding(finding) for finding in report.findings],
        "notSeen": [_not_seen(item) for item in report.not_seen],
        "things": [_thing(thing) for thing in report.things],
        "account": _account(report.account),
    }


def text(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(without_secrets(document(report)), indent=2)


def _where(where: Where) -> dict[str, Any]:
    return {"region": where.region, "service": str(where.service), "id": where.id, "name": where.name}


def _finding(finding: Finding) -> dict[str, Any]:
    cost = finding.cost
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "what": str(finding.what),
        **_where(finding.where),
        "since": finding.since or None,
        "cost": {"amount": f"{cost.amount:f}", "unit": cost.unit, "per": cost.per} if cost else None,
        "rule": finding.rule or None,
        "owner": finding.owner,
        "end": str(finding.end),
    }


def _not_seen(item: NotSeen) -> dict[str, Any]:
    return {
        "region": item.region,
        "service": item.service,
        "what": str(item.what),
        "why": str(item.why),
        "fix": str(item.fix),
        "blocking": item.blocking,
    }


def _thing(thing: Thing) -> dict[str, Any]:
    return {
        "kind": thing.kind,
        **_where(thing.where),
        "status": thing.status,
        "owner": thing.owner,
        "since": thing.since or None,
        "detail": ", ".join(map(str, thing.details)),
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "trial": str(account.trial),
        "leftCu": f"{account.left_cu:f}" if account.left_cu is not None else None,
        "trialEnd": account.trial_end or None,
        "balance": account.balance or None,
        "currency": account.currency or None,
        "packs": [_PACK.format(**vars(pack)) for pack in account.packs],
        "billed": [f"{one.product}: {one.amount} {one.currency}" for one in account.billed],
    }
