"""The findings for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from paidsw.cli.reports.finding import Report


def render(report: Report) -> str:
    """One JSON document: verdict, exit code, findings in the order of their places, the rules that judged, and
    the stacks' files."""
    document = {
        "verdict": report.verdict,
        "exitCode": report.exit_code,
        "findings": [asdict(found) for found in report.findings],
        "rules": sorted(report.judged),
        "files": list(report.files),
    }
    return json.dumps(document, indent=2) + "\n"
