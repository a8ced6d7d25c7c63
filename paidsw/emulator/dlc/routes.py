"""The operations of DLC: method, path and handler."""

from __future__ import annotations

from functools import partial

from ..routing import BARE, Operation, Service
from . import handlers

SERVICE = Service("dlc", "pai-dlc", "2020-12-03", "paidlc")
operation = partial(Operation, SERVICE, envelope=BARE)

OPERATIONS = (
    operation("ListJobs", "GET", "/api/v1/jobs", handlers.list_jobs),
    operation("StopJob", "POST", "/api/v1/jobs/{JobId}/stop", handlers.stop_job),
)
