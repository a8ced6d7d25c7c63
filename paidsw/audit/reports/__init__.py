"""A report for its readers: terminal, CI summary, browser, program."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paidsw.audit.model import Report

_FUNCTIONS = {
    "table": ("table", "table"),
    "json": ("document", "text"),
    "markdown": ("markdown", "markdown"),
    "html": ("html", "page"),
}
FORMATS = tuple(_FUNCTIONS)


def render(report: Report, form: str) -> str:
    """A report in one of the `FORMATS`, whose module is loaded now: only one of them needs Jinja."""
    module, function = _FUNCTIONS[form]
    write: Callable[[Report], str] = getattr(import_module(f"{__name__}.{module}"), function)
    return write(report)
