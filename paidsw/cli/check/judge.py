"""The engine's events as findings, each at the line that caused it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from paidsw.cli.check import seen
from paidsw.cli.check.messages import Text
from paidsw.cli.check.places import declaration, last_frame
from paidsw.cli.check.preview import Preview
from paidsw.cli.reports.finding import ENGINE, NOTEBOOK, PROGRAM, SETTING, Finding, Level, Report
from paidsw.core.settings import key_of, setting_of
from paidsw.core.stack_file import ConfigFile
from paidsw.rules.policy_config import PolicyConfig
from paidsw.rules.registry import examine, rules
from paidsw.rules.rule import INSTANCE_TYPE, Resource

_TRACEBACK = "Traceback (most recent call last)"
# How the engine introduces what a provider's check refused; the value may stand between the two.
_REFUSED = re.compile(r".*? has a problem: (?P<text>.+)")
# In a rule's sentence, of which the engine hands on nothing but the text.
_PLACE, _ALLOWED = ", at ", "; allowed: "
# What engine and language host add once something else has failed.
_EPILOGUE = re.compile(
    r"using \S+ from \$PATH at .*|preview failed"
    r"|(an unhandled error occurred: )?program exited with non-zero exit code: -?\d+"
    r"|(\w+: )?resource monitor (shut down|has terminated).*",
    re.IGNORECASE,
)
PROVIDER_SETTINGS = "provider-settings"
_NOTEBOOK = "paidsw:index:FreeTierNotebook$"
_OWN_PROVIDER = "::pulumi:providers:alicloud::"


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes findings of the preview of a stack whose configuration is `config`.

    `root` is the project whose program has run, `program` the program's file, and `levels` the rules' configuration.
    """

    root: Path
    program: Path
    project: ConfigFile
    name: str
    stack: str
    config: ConfigFile
    levels: PolicyConfig

    def report(self, preview: Preview) -> Report:
        """All that the preview says, once each."""
        found = [one for event in preview.of("policyEvent") for one in self._violation(event)]
        found += [one for event in preview.of("diagnosticEvent") for one in self._diagnostic(event)]
        if preview.code != 0 and not any(one.level is Level.ERROR for one in found):
            words = " ".join(preview.errors.split()).removeprefix("error: ") or "pulumi says nothing"
            found.append(self._at_program(ENGINE, words))
        beyond = list(self._beyond_the_rules(preview))
        # The pack says the same of the settings that it knows.
        providers = {one.urn for one in beyond if one.rule == SETTING}
        found = [one for one in found if one.rule != PROVIDER_SETTINGS or one.urn not in providers] + beyond
        notebooks = frozenset(seen.notebooks(preview))
        if not notebooks and not any(one.level is Level.ERROR for one in found):
            found.append(self._at_program(NOTEBOOK, str(Text.NO_NOTEBOOK(stack=self.stack))))
        return Report(once(found), frozenset(seen.judged(preview, notebooks)))

    def _beyond_the_rules(self, preview: Preview) -> Iterator[Finding]:
        """What is wrong although no rule has refused it: settings of the program's own providers, unknown values."""
        for one in seen.foreign_settings(preview, self.name):
            text = str(Text.OF_A_PROVIDER(key=one.key, known=", ".join(one.accepted) or "nothing"))
            yield self._located(Level.ERROR, SETTING, text, one.urn)
        waiting: dict[tuple[str, str], list[str]] = {}
        for unknown in seen.unknown(preview, self.levels):
            waiting.setdefault((unknown.urn, unknown.path), []).append(unknown.rule)
        for (urn, path), names in waiting.items():
            text = str(Text.NOT_KNOWN(path=path, rules=", ".join(names)))
            yield self._located(Level.ERROR, names[0], text, urn)

    def _violation(self, event: Mapping[str, Any]) -> Iterator[Finding]:
        level = Level.WARNING if event["enforcementLevel"] == "advisory" else Level.ERROR
        yield self._located(level, event["policyName"], seen.said(event), event.get("resourceUrn", ""))

    def _diagnostic(self, event: Mapping[str, Any]) -> Iterator[Finding]:
        if event["severity"] not in ("error", "warning"):
            return
        level, urn = Level(event["severity"]), event.get("urn", "")
        message = event["message"].strip()
        if _TRACEBACK in message:
            if not _EPILOGUE.fullmatch(message.splitlines()[-1].strip()):
                yield self._crash(message)
            return
        rest: list[str] = []
        for line in filter(None, map(str.strip, message.splitlines())):
            found = self._sentence(level, line, urn)
            if found:
                yield found
            elif not _EPILOGUE.fullmatch(line):
                rest.append(line)
        if rest:
            yield from self._billing(urn) or [
                replace(self._at_program(ENGINE, " ".join(rest)), level=level, urn=urn)
            ]

    def _billing(self, urn: str) -> list[Finding]:
        """What the rules say of a resource that the emulator doesn't have, which the pack therefore never saw."""
        kind = urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""
        if kind in ("", INSTANCE_TYPE):
            return []
        found = examine(Resource(kind, {}, name=urn.rpartition("::")[2], urn=urn)).violations
        return [self._located(Level.ERROR, one.rule, str(one.message), urn) for one in found]

    def _sentence(self, level: Level, line: str, urn: str) -> Finding | None:
        """A sentence of a rule or about a setting; None for what the engine says of itself."""
        refused = _REFUSED.fullmatch(line)
        text = refused["text"] if refused else line
        files = (PurePosixPath(one.name).name for one in (self.config, self.project))
        prefix = next((f"{name}: " for name in files if text.startswith(f"{name}: ")), "")
        rule = re.search(r"\[([a-z0-9-]+)\]$", text)
        name = rule[1] if rule and rule[1] in rules() else SETTING
        if prefix:
            text = text.removeprefix(prefix)
            path = re.match(r"(?P<key>[\w.-]+:\w+)([.\[]\S*)?", text)
            found = self._at_setting(level, name, text, path["key"] if path else "")
            return replace(found, line=self._line(found.file, path[0])) if path else found
        if name != SETTING:
            return self._located(level, name, text, urn)
        if _OWN_PROVIDER in urn and level is Level.ERROR:
            return self._located(level, SETTING, str(Text.OWN_PROVIDER(name=urn.rpartition("::")[2])), urn)
        # What a provider refuses for another reason than a rule is also a wrong input.
        return self._located(level, SETTING, text, urn) if refused else None

    def _crash(self, message: str) -> Finding:
        last = message.splitlines()[-1].strip()
        found = self._at_program(PROGRAM, f"the program fails: {last}")
        frame = last_frame(message, self.root)
        return replace(found, file=frame[0], line=frame[1]) if frame else found

    def _located(self, level: Level, rule: str, text: str, urn: str) -> Finding:
        kind, _, name = urn.rpartition("::")
        if _NOTEBOOK in kind or not urn:
            path = place_in(text)
            setting = setting_of(path.removeprefix(f"{name}."))
            key = key_of(setting, self.name)
            if urn or self._has(key):
                shown = text.replace(f", at {path};", f", at {setting};", 1) if path else text
                return replace(self._at_setting(level, rule, shown, key), urn=urn)
        found = replace(self._at_program(rule, text), level=level, urn=urn)
        return replace(found, line=declaration(self.program, name)) if name else found

    def _has(self, key: str) -> bool:
        return any(key in one.settings for one in (self.config, self.project))

    def _at_setting(self, level: Level, rule: str, text: str, key: str) -> Finding:
        """At the setting, in the project's file where the stack's hasn't got it."""
        for document in (self.config, self.project):
            if key in document.settings:
                return Finding(level, rule, text, document.name, document.line(key))
        return Finding(level, rule, text, self.config.name, self.config.line(key))

    def _line(self, file: str, path: str) -> int:
        """The line of a setting or of a part of one."""
        document = self.project if file == self.project.name else self.config
        return document.line(path)

    def _at_program(self, rule: str, text: str) -> Finding:
        try:
            file = self.program.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            file = self.project.name
        return Finding(Level.ERROR, rule, text, file, 1)


def place_in(text: str) -> str:
    """The property path in a rule's sentence; empty for any other sentence."""
    # A program may have written the text, of any length: a regular expression would go back and forth in it.
    before, allowed, rest = text.rpartition(_ALLOWED)
    _, at, path = before.rpartition(";")[2].rpartition(_PLACE)
    is_sentence = at and allowed and re.fullmatch(r"[a-z0-9-]+\]", rest.rpartition(" [")[2])
    return path if is_sentence else ""


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Pack and provider say the same of a resource; the stricter of two equal findings stays."""
    kept: dict[tuple[str, str, str, str], Finding] = {}
    for one in findings:
        key = (one.rule, one.text, one.file, one.urn)
        if key not in kept or one.level is Level.ERROR:
            kept[key] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.file, one.line, one.level, one.rule)))
