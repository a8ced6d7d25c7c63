"""The operations of EAS: method, path and handler."""

from __future__ import annotations

from functools import partial

from paidsw.trial.regions import ALL

from ..routing import BARE, Operation, Service
from . import handlers

SERVICE = Service("eas", "pai-eas", "2021-07-01", "eas", regions=ALL)
operation = partial(Operation, SERVICE, envelope=BARE)

OPERATIONS = (
    operation("ListServices", "GET", "/api/v2/services", handlers.list_services),
    operation("ListResources", "GET", "/api/v2/resources", handlers.list_resources),
    operation(
        "DeleteService", "DELETE", "/api/v2/services/{ClusterId}/{ServiceName}", handlers.delete_service
    ),
)
