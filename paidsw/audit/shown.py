"""Texts from the cloud, made fit to be shown."""

from __future__ import annotations

from paidsw.core.text import printable


def clean(text: object, longest: int = 300) -> str:
    """One line of at most so many characters."""
    return printable(text, longest)
