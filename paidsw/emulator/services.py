"""All emulated services, and which service and region a host name stands for."""

from __future__ import annotations

from .aiworkspace import routes as aiworkspace
from .bss import routes as bss
from .dlc import routes as dlc
from .dsw import routes as dsw
from .eas import routes as eas
from .routing import Service

OPERATIONS = (
    *dsw.OPERATIONS,
    *aiworkspace.OPERATIONS,
    *eas.OPERATIONS,
    *dlc.OPERATIONS,
    *bss.OPERATIONS,
)
SERVICES = tuple(dict.fromkeys(operation.service for operation in OPERATIONS))


def locate(host: str) -> tuple[Service, str] | None:
    """The service and the region of a host name; None for any other host."""
    for service in SERVICES:
        if region := service.region_of(host):
            return service, region
    return None
