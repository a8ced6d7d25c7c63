"""The findings as JUnit XML: a test case for every rule, and one for each other kind of finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from paidsw.cli.reports.finding import ENGINE, OWN, PROGRAM, UNJUDGED, Finding, Report
from paidsw.rules.registry import rules

SUITE = "dsw check"
# What XML 1.0 can't hold even when escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The document. A rule that saw nothing to judge is skipped, not passed."""
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", name=SUITE)
    for name in (*rules(), *OWN):
        _case(suite, name, [one for one in report.findings if one.rule == name], report)
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Element, name: str, findings: Sequence[Finding], report: Report) -> None:
    if not findings and name in (PROGRAM, ENGINE, UNJUDGED):
        return
    case = SubElement(suite, "testcase", classname=SUITE, name=name)
    if findings:
        case.set("file", findings[0].file)
        case.set("line", str(findings[0].line))
    failures = [one for one in findings if one in report.errors]
    if failures:
        tag = "error" if name in (PROGRAM, ENGINE) else "failure"
        SubElement(case, tag, message=_clean(failures[0].text), type=name).text = _lines(failures)
    elif name in rules() and not findings and name not in report.judged:
        SubElement(case, "skipped", message="there was nothing for it to judge")
    noted = [one for one in findings if one not in failures]
    if noted:
        SubElement(case, "system-out").text = _lines(noted)


def _lines(findings: Sequence[Finding]) -> str:
    return _clean("\n".join(f"{one.file}:{one.line}: {one.level}: {one.text}" for one in findings))


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
