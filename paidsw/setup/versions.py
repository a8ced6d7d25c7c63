"""Versions of the Pulumi CLI: which one is installed, and which are new enough."""

import re

# The one that is downloaded or built; pulumi_cli/go.mod names the same.
PINNED = "3.274.1"
# `policy analyze --file` came with 3.249, cancel handlers for Python programs with 3.230. Older ones run the stack,
# but neither the offline audit of a state nor a clean Ctrl-C.
OLDEST = "3.250.0"

Version = tuple[int, int, int]


def parse(text: str) -> Version | None:
    """The first version in the text ("v3.274.1-dev" counts as 3.274.1), None if there is none."""
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def new_enough(text: str, oldest: str = OLDEST) -> bool:
    """Whether the version in the text is `oldest` or newer; not if there is none."""
    found, least = parse(text), parse(oldest)
    return found is not None and least is not None and found >= least
