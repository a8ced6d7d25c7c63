"""The report as one HTML page: no script, no request to anywhere, readable on a phone."""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from paidsw.audit.messages import Text
from paidsw.audit.model import Report
from paidsw.audit.reports.parts import LONGEST_NAME, MOST_THINGS, Parts
from paidsw.core.messages import Translate
from paidsw.core.text import printable

# Only links that the audit itself makes; a name may look like one.
LINK = re.compile(
    r"https://(?:pai\.console|cr\.console|usercenter2)\.aliyun\.com/(?:\?regionId=[a-z0-9-]+)?(?= |$)"
)
# Short enough to fit on a phone's line.
_HYPHENED = re.compile(r"(?<![\w.-])[\w.-]*-[\w.-]*(?![\w.-])")


def page(report: Report, translate: Translate = str) -> str:
    """The whole page."""
    parts = Parts(translate)
    environment = Environment(
        loader=PackageLoader("paidsw.audit.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "name": lambda text: _isolated(printable(text, LONGEST_NAME)),
        "isolated": lambda text: _isolated(parts.line(text)),
        "whole": lambda text: _whole(parts.line(text)),
        "linked": lambda text: _linked(parts.line(text)),
    }
    return environment.get_template("audit.html").render(
        _=translate,
        report=report,
        parts=parts,
        headline=parts.headline(report, Text.HEADLINE, Text.HEADLINE_COMPARED),
        title=Text.TITLE,
        things=report.things[:MOST_THINGS],
        more=parts.say(Text.AND_MORE, more=parts.say(Text.COUNT_MORE, count=_rest(report))),
        rest=_rest(report),
    )


def _rest(report: Report) -> int:
    return max(0, len(report.things) - MOST_THINGS)


def _isolated(text: str) -> Markup:
    """A text whose right-to-left letters don't reorder what is around it."""
    return Markup("<bdi>{}</bdi>").format(text)


def _whole(text: str) -> Markup:
    """A text in which no option, id or date is broken at its hyphens."""
    return Markup(  # noqa: S704 -- of escaped text and a fixed tag
        "<bdi>"
        + _HYPHENED.sub(lambda found: f'<span class="n">{found[0]}</span>', str(escape(text)))
        + "</bdi>"
    )


def _linked(text: str) -> Markup:
    """A text with the audit's own links as links."""
    linked, at = Markup(), 0
    for found in LINK.finditer(text):
        link = Markup('<a href="{}" rel="noreferrer">{}</a>').format(found[0], _isolated(found[0]))
        linked += _whole(text[at : found.start()]) + link
        at = found.end()
    return linked + _whole(text[at:])
