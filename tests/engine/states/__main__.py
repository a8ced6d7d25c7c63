"""Keeps the state of this version, before the next one changes the schema: `python -m tests.engine.states`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from paidsw import __version__
from paidsw.emulator.testing import running_emulator
from tests.engine.states import ADDRESS, FOLDER, SETTINGS, addressed, settled
from tests.support.engine import Stack


def main() -> None:
    """Bring up the project's program with all settings, and keep what that leaves."""
    target = FOLDER / __version__
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("stack", "cloud"):
            (folder / part).mkdir()
        with running_emulator(folder / "cloud") as cloud:
            stack = Stack(folder / "stack", cloud)
            stack.configure(**SETTINGS)
            stack.up()
            exported = stack.run("stack", "export", "--stack", "dev").text
            (target / "stack.json").write_text(settled(exported), encoding="utf-8")
            config = addressed(stack.config_file.read_text(encoding="utf-8"), ADDRESS)
            (target / "Pulumi.dev.yaml").write_text(config, encoding="utf-8")
        shutil.copy(folder / "cloud" / "state.json", target / "account.json")
    print(f"kept the state of {__version__} in {target.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
