"""How a command ends when it can't do what was asked."""

from __future__ import annotations

from enum import IntEnum

from paidsw.core.messages import Message, UserError


class ExitCode(IntEnum):
    """What a command's exit code means, the same for all commands."""

    OK = 0, "done"
    FOUND = 1, "done, and something needs you: findings, a fix, something left"
    USAGE = 2, "wrong command line, option or setting; nothing was done"
    FAILED = 3, "not done, or not all of it: no answer, no permission, no file"
    INTERRUPTED = 130, "stopped by Ctrl-C"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        """A code with its meaning."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code


class CliError(UserError):
    """Ends a command: the cause, what to do about it (empty where there is nothing to do), and the exit code."""

    def __init__(
        self, cause: Message | str, advice: Message | str = "", exit_code: int = ExitCode.FAILED
    ) -> None:
        super().__init__(cause, advice)
        self.exit_code = exit_code


class UsageError(CliError):
    """The command line, or a value in it, is wrong."""

    def __init__(self, cause: Message | str, advice: Message | str = "") -> None:
        super().__init__(cause, advice, ExitCode.USAGE)
