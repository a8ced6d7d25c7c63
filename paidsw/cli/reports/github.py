"""The findings as workflow commands, which GitHub shows at the lines of a pull request."""

from __future__ import annotations

from paidsw.cli.reports.finding import Finding, Report


def render(report: Report) -> str:
    """One command a line; none when there is nothing to say."""
    return "".join(f"{_command(one)}\n" for one in report.findings)


def _command(one: Finding) -> str:
    place = f"file={_property(one.file)},line={one.line},title={_property(one.rule)}"
    return f"::{one.level} {place}::{_data(one.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
