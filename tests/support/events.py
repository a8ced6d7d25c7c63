"""Events as the engine sends them in a preview, and what a check finds in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.free_tier_notebook import TOKEN
from paidsw.cli.check.judge import Judge
from paidsw.cli.check.preview import Preview
from paidsw.cli.reports.finding import Report
from paidsw.core.stack_file import ConfigFile
from paidsw.rules.policy_config import PolicyConfig
from paidsw.rules.registry import evaluate, rules
from paidsw.rules.rule import INSTANCE_TYPE
from tests.support.rules import instance

CONFIG = """\
config:
  alicloud:region: cn-wulanchabu
  dsw-free-tier:image: x
  dsw-free-tier:systemDiskGib: 100
"""
PROGRAM_TEXT = 'import pulumi\n\nInstance("one", {})\n'
HEAD = "urn:pulumi:dev::dsw-free-tier::"
COMPONENT = f"{HEAD}{TOKEN}${INSTANCE_TYPE}::notebook"
ONE = f"{HEAD}{INSTANCE_TYPE}::one"
Event = dict[str, dict[str, Any]]


def judge_in(folder: Path) -> Judge:
    """The judge of a project of three small files, which are written."""
    for name, text in (
        ("Pulumi.dev.yaml", CONFIG),
        ("Pulumi.yaml", "name: dsw-free-tier\n"),
        ("__main__.py", PROGRAM_TEXT),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return judge_of(folder)


def judge_of(root: Path, levels: dict[str, object] | None = None) -> Judge:
    project = ConfigFile.project(root / "Pulumi.yaml")
    config = ConfigFile.stack(root / "Pulumi.dev.yaml", "dsw-free-tier")
    given = PolicyConfig.of(levels or {}, rules())
    return Judge(root, root / "__main__.py", project, "dsw-free-tier", "dev", config, given)


def told(judge: Judge, *events: Event, code: int = 1, errors: str = "") -> Report:
    return judge.report(Preview(events, code, errors))


def sentence(rule: str, **changes: Any) -> str:
    """What the rules themselves say of an instance."""
    return next(str(one.message) for one in evaluate(instance(**changes)) if one.rule == rule)


def policy(rule: str, text: str, urn: str = "", level: str = "mandatory") -> Event:
    event = {"policyName": rule, "message": f"Description.\n{text}\n", "enforcementLevel": level}
    return {"policyEvent": event | ({"resourceUrn": urn} if urn else {})}


def made(kind: str, urn: str, op: str = "create", custom: bool = True, **inputs: Any) -> Event:
    """What the engine says of a resource before it makes it."""
    new = {"type": kind, "urn": urn, "custom": custom, "inputs": inputs}
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": urn, "type": kind, "new": new}}}


def analyzed(urn: str, *passed: str) -> Event:
    return {"policyAnalyzeSummaryEvent": {"resourceUrn": urn, "passed": list(passed)}}


NOTEBOOK_SEEN = (made(INSTANCE_TYPE, COMPONENT), analyzed(COMPONENT))


def diagnostic(text: str, urn: str = "", severity: str = "error") -> Event:
    event = {"prefix": f"{severity}: ", "message": f"{text}\n", "severity": severity}
    return {"diagnosticEvent": event | ({"urn": urn} if urn else {})}
