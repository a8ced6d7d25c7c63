"""The operations of BssOpenApi, all of the RPC style: the x-acs-action header names them."""

from __future__ import annotations

from functools import partial

from paidsw.trial.regions import BILLING

from ..routing import NO_HTTP, Operation, Service
from . import handlers

SERVICE = Service("bss", "business", "2017-12-14", "bssapi", central=BILLING)
operation = partial(Operation, SERVICE, method="POST", path="/", envelope=NO_HTTP)

OPERATIONS = (
    operation("QueryAccountBalance", handler=handlers.query_account_balance),
    operation("QueryResourcePackageInstances", handler=handlers.query_packs),
    operation("QueryBillOverview", handler=handlers.query_bill_overview),
)
