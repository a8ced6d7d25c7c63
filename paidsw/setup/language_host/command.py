"""The command line of the `pulumi` that a language host works for."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def engine_command() -> list[str]:
    """The command line of the `pulumi` that started this host; empty where the system doesn't show it."""
    with suppress(OSError):
        shown = Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
        return [os.fsdecode(part) for part in shown.rstrip(b"\0").split(b"\0")]
    return []


def imports_with_code(command: Sequence[str]) -> bool:
    """Whether a command line of `pulumi` is an import that ends with the code for what it imported."""
    given = command[1:]
    named = "import" in given and "stack" not in given
    off = "--generate-code=false" in given or "--generate-code=0" in given
    return named and not off
