"""`dsw check`: does what a folder declares fit the free tier? Without any account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from paidsw.cli.check import changes, project_file, repository, stack_files
from paidsw.cli.check.judge import Judge, once
from paidsw.cli.check.levels import findings
from paidsw.cli.check.messages import Text
from paidsw.cli.check.preview import Stack, Task, previews
from paidsw.cli.check.source import RefusedError, Source
from paidsw.cli.check.stack_files import MOST_STACKS, StackFile
from paidsw.cli.errors import CliError
from paidsw.cli.reports.finding import ENGINE, NOTEBOOK, PROJECT, SETTING, Finding, Level, Report
from paidsw.core.pulumi_yaml import MalformedError
from paidsw.core.stack_file import PROJECT_FILE, ConfigFile, config_dir
from paidsw.core.text import printable
from paidsw.rules.policy_config import PolicyConfig, PolicyConfigError
from paidsw.rules.registry import rules

_PROGRAM = "__main__.py"
# Characters of one finding, and findings of one report.
_LONGEST_TEXT = 2000
_MOST_FINDINGS = 500
_UNREADABLE = (MalformedError, RefusedError, OSError)


@dataclass(frozen=True, slots=True)
class Request:
    """What is judged: the settings in `folder`, by `checkout`; without a folder, `checkout` by itself.

    `stacks` are all that there are, where none is named. `run_program` runs the folder's program too. With
    `other_project` the folder is not a checkout of this one, and its own project file says where its files are.
    """

    checkout: Path
    folder: Path | None = None
    stacks: tuple[str, ...] = ()
    run_program: bool = False
    policy_config: Path | None = None
    other_project: bool = False


def check(request: Request) -> Report:
    """What the rules say; what keeps them from saying it is also a finding."""
    given = request.policy_config
    try:
        levels = PolicyConfig.read(given, rules()) if given else PolicyConfig()
    except PolicyConfigError as error:
        return report(findings(error, given or Path(), request.checkout), frozenset(), ())
    return _Check(request, levels).report()


class _Check:
    """One check, file after file; what has been found so far."""

    def __init__(self, request: Request, levels: PolicyConfig) -> None:
        self._request = request
        self._levels = levels
        self._checkout = request.checkout
        self._folder = request.folder or request.checkout
        self._source = Source(self._folder)
        self._found: list[Finding] = []
        self._judged: frozenset[str] = frozenset()
        self._secrets_providers: frozenset[str] = frozenset()

    def report(self) -> Report:
        """All of it."""
        files: list[StackFile] = []
        try:
            base = ConfigFile.project(self._checkout / PROJECT_FILE)
            project = project_file.read(self._source)
            shape = project if self._request.other_project else base
            self._compare(project, base, shape)
            folder = config_dir(shape)
            known = self._source if self._request.other_project else Source(self._checkout)
            self._secrets_providers = stack_files.secrets_providers(known, folder)
            files = self._files(folder)
            self._preview(project, shape if self._request.run_program else base, files)
        except _UNREADABLE as error:
            self._found.append(_of(error, PROJECT_FILE))
        except CliError as error:
            self._found.append(_unchecked(str(error), PROJECT_FILE))
        # Another checkout, or another project, is named as its repository has it.
        place = repository.place(self._folder) if self._request.folder else ""
        found = (replace(one, file=f"{place}{one.file}") for one in self._found)
        return report(found, self._judged, [f"{place}{one.file}" for one in files])

    def _compare(self, project: ConfigFile, base: ConfigFile, shape: ConfigFile) -> None:
        """The folder with the checkout that judges it; of another project there is less to compare."""
        request, main = self._request, _main(shape)
        runs = request.run_program or request.folder is None
        compared = request.folder is not None and not request.other_project
        if request.other_project:
            project_file.check_program(project, self._source, runs=runs)
            self._found += changes.of_another_project(self._folder, self._checkout, main, runs=runs)
        self._found += project_file.findings(project, base if compared else None)
        self._found += changes.hidden(self._folder, main)
        if runs:
            self._found += changes.only_in_updates(self._folder, main)
        if compared:
            self._found += changes.findings(self._folder, self._checkout, main, runs=runs)
            self._found += changes.other_projects(self._folder, self._checkout)

    def _files(self, folder: str) -> list[StackFile]:
        """The stacks' files to judge."""
        found, wrong = stack_files.find(self._source, folder)
        if self._request.stacks:
            return [stack_files.named(one, folder) for one in dict.fromkeys(self._request.stacks)]
        self._found += wrong
        if not found:
            file = stack_files.named("dev", folder).file
            self._error(Text.NO_STACK_FILE(file=file), file)
        if len(found) > MOST_STACKS:
            self._error(Text.TOO_MANY_STACKS(count=len(found), most=MOST_STACKS), found[-1].file)
        return found[:MOST_STACKS]

    def _preview(self, project: ConfigFile, shape: ConfigFile, files: Sequence[StackFile]) -> None:
        """Judge the files by themselves, then what the program makes of them."""
        name = project_file.name_of(project)
        readable = [(one, document) for one in files if (document := self._read(one, project, name))]
        if not name or not readable:
            return
        self._found += stack_files.of_providers(project, name)
        self._found += stack_files.on_what_exists(project, name)
        root = self._folder if self._request.run_program else self._checkout
        program = root / _main(shape)
        if not (program / _PROGRAM).is_file():
            file = Path(_main(shape), _PROGRAM).as_posix()
            self._found.append(_unchecked(str(Text.NO_PROGRAM(file=file)), file))
            return
        stacks = [
            Stack(one.stack, self._folder / one.file, stack_files.not_previewed(document, name))
            for one, document in readable
        ]
        task = Task(self._checkout, project, name, program, self._request.policy_config)
        made: list[tuple[StackFile, Finding]] = []
        for (one, document), preview in zip(readable, previews(task, stacks), strict=True):
            judge = Judge(root, program / _PROGRAM, project, name, one.stack, document, self._levels)
            found = judge.report(preview)
            made += [(one, finding) for finding in found.findings]
            self._judged |= found.judged
        self._found += across(made, len(readable))

    def _read(self, file: StackFile, project: ConfigFile, name: str) -> ConfigFile | None:
        try:
            document = self._source.stack(file.file, name)
            project.require(document)
            own = self._request.other_project and self._request.run_program
            self._found += stack_files.findings(document, name, self._secrets_providers, own_settings=own)
        except FileNotFoundError:
            text = f"there is no {file.file} in {self._folder}; bring it back, or name another --stack"
            self._found.append(_unchecked(text, file.file))
        except _UNREADABLE as error:
            self._found.append(_of(error, file.file))
        else:
            return document
        return None

    def _error(self, message: object, file: str) -> None:
        self._found.append(Finding(Level.ERROR, PROJECT, str(message), file, 1))


def across(found: Iterable[tuple[StackFile, Finding]], stacks: int) -> Iterator[Finding]:
    """What has been found in several stacks, once each; what isn't in all of them names those in which it is."""
    alike: dict[tuple[object, ...], list[tuple[StackFile, Finding]]] = {}
    for stack, one in found:
        # The name of the stack is in the URN, before the resource's.
        resource = one.urn.partition("::")[2]
        alike.setdefault((one.rule, one.level, one.text, one.file, one.line, resource), []).append(
            (stack, one)
        )
    for members in alike.values():
        stack, first = members[0]
        names = list(dict.fromkeys(stack.stack for stack, _ in members))
        if first.file != stack.file and first.rule != NOTEBOOK and len(names) < stacks:
            noun = "stack" if len(names) == 1 else "stacks"
            yield replace(first, text=f"{first.text} ({noun} {', '.join(names)})")
        else:
            yield first


def report(found: Iterable[Finding], judged: frozenset[str], files: Iterable[str]) -> Report:
    """The findings, in the order of their places and once each, with nothing in their texts that isn't plain."""
    plain = once(
        replace(
            one,
            text=printable(" ".join(one.text.split()), _LONGEST_TEXT),
            file=printable(one.file),
            urn=printable(one.urn, _LONGEST_TEXT),
        )
        for one in found
    )
    if len(plain) > _MOST_FINDINGS:
        left = plain[_MOST_FINDINGS:]
        level = min(one.level for one in left)
        more = Finding(level, SETTING, str(Text.MORE_FINDINGS(count=len(left))), left[0].file, left[0].line)
        plain = (*plain[:_MOST_FINDINGS], more)
    return Report(plain, judged, tuple(files))


def _main(base: ConfigFile) -> str:
    """The folder of the program, relative to the project file."""
    return str(base.values.get("main") or ".")


def _of(error: Exception, file: str) -> Finding:
    """What keeps a file from being read."""
    if isinstance(error, MalformedError | RefusedError):
        # Only the name of the file is in the error, without its folder.
        file = error.file if isinstance(error, RefusedError) or error.file == PROJECT_FILE else file
        line = getattr(error, "line", 1)
        text = str(error).removeprefix(f"{error.file} line {line}: ")
        return Finding(Level.ERROR, SETTING, text, file, line)
    if isinstance(error, FileNotFoundError):
        missing = Path(str(error.filename or file))
        return _unchecked(f"there is no {missing.name} in {missing.parent}; bring it back", file)
    why = error.strerror if isinstance(error, OSError) else ""
    return _unchecked(f"{getattr(error, 'filename', None) or 'a file'} can't be used: {why or error}", file)


def _unchecked(text: str, file: str) -> Finding:
    return Finding(Level.ERROR, ENGINE, text, file, 1)
