"""Where the emulator listens, and what a Host header says."""

from __future__ import annotations

DEFAULT_PORT = 8790
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def host_only(host: str) -> str:
    """The host of a ``Host`` header in lower case, without port and brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header names this machine only."""
    return host_only(host) in LOOPBACK
