"""Services and their operations: method, path and handler of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from paidsw.trial.regions import DSW

from .hosts import host_only
from .request import Call, Json

Handler = Callable[[Call], Json]

# What a service adds to an operation's own members.
FULL = ("Code", "HttpStatusCode", "Message", "Success")
NO_HTTP = ("Code", "Message", "Success")
BARE = ()


@dataclass(frozen=True)
class Service:
    """A product's API: its host names begin with ``host``, its RAM actions with ``ram_code``."""

    name: str
    host: str
    version: str
    ram_code: str
    regions: tuple[str, ...] = DSW
    # The region of a service that has one host name for all regions.
    central: str = ""

    def region_of(self, host: str) -> str | None:
        """The region of one of this service's host names; None for any other host."""
        name = host_only(host)
        if self.central:
            return self.central if name == f"{self.host}.aliyuncs.com" else None
        found = re.fullmatch(rf"{self.host}(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com", name)
        return found[1] if found and found[1] in self.regions else None


@dataclass(frozen=True)
class Operation:
    """An operation of a service's API.

    ``ram_actions`` are those that it needs where that isn't just its name; several where the documents disagree.
    Operations of the RPC style all have the path ``/``: a header names them.
    """

    service: Service
    name: str
    method: str
    path: str
    handler: Handler
    envelope: tuple[str, ...] = FULL
    ram_actions: tuple[str, ...] = ()

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing."""
        # The RPC style posts everything: only the name tells.
        return self.method == "GET" or (self.path == "/" and self.name.startswith("Query"))

    @property
    def actions(self) -> tuple[str, ...]:
        """The RAM actions that the operation needs."""
        return self.ram_actions or (f"{self.service.ram_code}:{self.name}",)
