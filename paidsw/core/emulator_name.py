"""How a local emulator is named in settings and state: by its folder, or by a URL of this machine."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

# The name of a rehearsal's emulator: it stays the same on another port and in a moved checkout.
REHEARSAL = ".rehearsal/emulator"


def is_url(name: str) -> bool:
    """Whether an emulator's name is a URL and not a folder."""
    return "://" in name


def is_name(name: str) -> bool:
    """Whether a text can name an emulator: a loopback URL, an absolute folder, or one below the checkout."""
    if is_url(name):
        return is_loopback_url(name)
    return "\0" not in name and (name.startswith(".") or Path(name).is_absolute())


def is_loopback_url(url: str) -> bool:
    """Whether an http URL names this machine and nothing else."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or "@" in parts.netloc or parts.port == 0:
            return False
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False
