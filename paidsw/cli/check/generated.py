"""The project that is previewed: the settings of a folder under program, providers and rules of this checkout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paidsw.cli.check import levels
from paidsw.cli.check.stack_files import not_previewed
from paidsw.core.pulumi_yaml import Fields, Value, value_of, written
from paidsw.core.stack_file import CONFIG, PROJECT_FILE, ConfigFile, full_key
from paidsw.setup import layout

_PROGRAM = "program"
_LEVELS = "levels.json"
# The program's folder comes last on the path, so that nothing in it stands for a package. What is installed comes
# before the checkout, which may have modules of any name beside its packages.
_LAUNCHER = """\
import os
import runpy
import sys
import sysconfig

CHECKOUT, PROGRAM = {checkout}, {program}
HERE = os.path.dirname(os.path.abspath(__file__))
INSTALLED = [sysconfig.get_path(one) for one in ("purelib", "platlib")]

path = [one for one in sys.path if os.path.abspath(one) != HERE]
end = max((at + 1 for at, one in enumerate(path) if one in INSTALLED), default=len(path))
sys.path[:] = [*path[:end], CHECKOUT, *path[end:], PROGRAM]
os.chdir(PROGRAM)
runpy.run_path(os.path.join(PROGRAM, "__main__.py"), run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Generated:
    """A project in a folder of its own: `checkout` judges, the program in the folder `program` runs."""

    folder: Path
    checkout: Path
    program: Path

    def write(self, project: ConfigFile, name: str) -> None:
        """Its program and its project file, which has name and settings of the one that is judged."""
        text = written(value_of(self._project(project, name)))
        (self.folder / PROJECT_FILE).write_text(text, encoding="utf-8")
        launcher = _LAUNCHER.format(checkout=ascii(str(self.checkout)), program=ascii(str(self.program)))
        (self.folder / _PROGRAM).mkdir()
        (self.folder / _PROGRAM / "__main__.py").write_text(launcher, encoding="utf-8")

    def _project(self, judged: ConfigFile, name: str) -> dict[str, object]:
        rehearsal: dict[str, Any] = ConfigFile.project(self.checkout / "rehearsal" / PROJECT_FILE).values
        providers = [
            {**one, "path": str((self.checkout / "rehearsal" / one["path"]).resolve())}
            for one in rehearsal["plugins"]["providers"]
        ]
        options = {**rehearsal["runtime"]["options"], "virtualenv": str(layout.environment(self.checkout))}
        return {
            "name": name,
            "config": _defaults(judged, name),
            "main": _PROGRAM,
            "stackConfigDir": ".",
            "runtime": {"name": "python", "options": options},
            "plugins": {"providers": providers},
        }

    def levels(self, given: Path | None) -> Path:
        """The rules' levels and settings: those of a file, in the form that the engine takes, and the check's own."""
        path = self.folder / _LEVELS
        path.write_text(levels.written(given), encoding="utf-8")
        return path

    def environment(self) -> dict[str, str]:
        """The variables of a `pulumi` in it, whose home and state are its own."""
        for name in ("home", "state"):
            (self.folder / name).mkdir(exist_ok=True)
        return layout.engine_environment(self.checkout) | {
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
            "PYTHONNOUSERSITE": "1",
        }


def _defaults(judged: ConfigFile, name: str) -> dict[str, object]:
    """What the project file says of settings, without those that a preview doesn't get."""
    config, wrong = judged.fields.get(CONFIG), not_previewed(judged, name)
    pairs = config.pairs if isinstance(config, Fields) else ()
    return {key.text: _plain(value) for key, value in pairs if full_key(key.text, name) not in wrong}


def _plain(value: Value) -> Value:
    """What is said of a setting. What is to be encrypted isn't, in a preview."""
    if not isinstance(value, Fields):
        return value
    return Fields(tuple(pair for pair in value.pairs if pair[0].text != "secret"), value.line)
