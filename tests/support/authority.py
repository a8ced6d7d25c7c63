"""A private certificate authority, as a corporate network has one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Authority:
    """The authority; `bundle` is the PEM file of its certificate, and what it issues is written beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = trustme.CA(organization_name="A Company CA")
        self.bundle = folder / "ca.pem"
        self._own.cert_pem.write_to_path(str(self.bundle))

    def issued(self, host: str, *, until: timedelta = timedelta(days=2)) -> Path:
        """A certificate for a host name or address, and its key, in one file."""
        now = datetime.now(UTC)
        leaf = self._own.issue_cert(host, not_before=now - timedelta(days=2), not_after=now + until)
        file = self._folder / "server.pem"
        leaf.private_key_and_cert_chain_pem.write_to_path(str(file))
        return file
