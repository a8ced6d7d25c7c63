"""How a command ends when it can't do what was asked."""

from __future__ import annotations


class CliError(Exception):
    """One sentence for the user, and the exit code."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
