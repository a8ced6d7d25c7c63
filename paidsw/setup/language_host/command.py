"""The command line of the `pulumi` that a language host works for."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_PATIENCE = 5.0


def engine_command() -> list[str]:
    """The command line of the `pulumi` that started this host; empty where the system doesn't show it."""
    parent = os.getppid()
    try:
        shown = Path(f"/proc/{parent}/cmdline").read_bytes()
    except OSError:
        return shown_by_ps(parent)
    return [os.fsdecode(part) for part in shown.rstrip(b"\0").split(b"\0")]


def shown_by_ps(process: int) -> list[str]:
    """The command line of a process, for systems without /proc; arguments with blanks are cut there."""
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(
            ["/bin/ps", "-ww", "-o", "args=", "-p", str(process)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE,
        )
        return told.stdout.split()
    return []


def imports_with_code(command: Sequence[str]) -> bool:
    """Whether a command line of `pulumi` is an import that ends with the code for what it imported."""
    given = command[1:]
    named = "import" in given and "stack" not in given
    off = "--generate-code=false" in given or "--generate-code=0" in given
    return named and not off
