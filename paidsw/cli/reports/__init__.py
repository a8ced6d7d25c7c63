"""What `dsw check` found, and the forms in which it says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from paidsw.cli.reports import document, github, junit, markdown, sarif, text
from paidsw.cli.reports.finding import Finding, Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "github": github.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "json": document.render,
}

__all__ = ["FORMATS", "Finding", "Report"]
