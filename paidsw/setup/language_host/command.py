"""The command line of the `pulumi` that a language host works for."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PATIENCE = 5.0
# Options that may stand before the verb, and take the next argument as their value.
_WITH_VALUE = frozenset(
    {
        "-C",
        "--cwd",
        "--color",
        "-v",
        "--verbose",
        "--tracing",
        "--tracing-header",
        "--otel-traces",
        "--profiling",
    }
    | {"--memprofilerate"}
)
# By which Pulumi takes the option too.
_VARIABLE = "PULUMI_OPTION_GENERATE_CODE"
_NO_CODE = frozenset({"--generate-code=false", "--generate-code=f", "--generate-code=0", "--help", "-h"})


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


def imports_with_code(command: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a command line is `pulumi import` that ends with the code for what it imported.

    Only one that is read without a doubt counts: what is refused for it must not be another command.
    """
    at = next((index for index, one in enumerate(command[:2]) if Path(one).stem == "pulumi"), None)
    given = [] if at is None else list(command[at + 1 :])
    options = [*given, f"--generate-code={environ.get(_VARIABLE, '')}"]
    return _verb(given) == "import" and not any(one.lower() in _NO_CODE for one in options)


def _verb(arguments: Sequence[str]) -> str:
    """The first argument that is no option and no option's value."""
    rest = iter(arguments)
    for one in rest:
        if one in _WITH_VALUE:
            next(rest, None)
        elif not one.startswith("-"):
            return one
    return ""
