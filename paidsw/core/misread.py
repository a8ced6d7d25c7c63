"""What is written in a file of settings and isn't what Pulumi reads."""

from __future__ import annotations

from dataclasses import dataclass

from paidsw.core.messages import Message, Text
from paidsw.core.pulumi_yaml import Scalar, in_quotes
from paidsw.core.text import printable


@dataclass(frozen=True, slots=True)
class Misread:
    """A value that isn't the text that was written once Pulumi has read it, with its path (`namespace:name.part`)."""

    path: str
    scalar: Scalar

    @property
    def cause(self) -> Message:
        """What Pulumi makes of it."""
        written, value = printable(self.scalar.text, 60), self.scalar.value
        if value is None:
            return Text.NO_VALUE(path=self.path)
        read = self.scalar.arrives_as_text()
        if read == self.scalar.text:
            kind = Text.BOOLEAN() if isinstance(value, bool) else Text.A_NUMBER()
            return Text.READ_AS_KIND(path=self.path, written=written, kind=kind)
        return Text.READ_AS(path=self.path, written=written, read=printable(read, 60))

    @property
    def message(self) -> Message:
        """Both in one sentence."""
        return Text.WITH_ADVICE(cause=self.cause, advice=self.advice)

    @property
    def hidden(self) -> Message:
        """A sentence that doesn't show the value."""
        if self.scalar.value is None:
            return self.message
        return Text.HIDDEN_READ_AS(path=self.path)

    @property
    def advice(self) -> Message:
        """What to type instead."""
        return (
            Text.GIVE_VALUE() if self.scalar.value is None else Text.QUOTE(quoted=in_quotes(self.scalar.text))
        )
