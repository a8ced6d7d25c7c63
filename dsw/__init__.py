"""The PAI-DSW API client: the official SDK behind a small typed face."""

from dsw.client import DswClient
from dsw.connection import Connection
from dsw.errors import CloudError, CredentialsMissing, NotFound, NotSent, Refused, Throttled, Uncertain
from dsw.models import Culler, Instance, ShutdownTimer

__all__ = [
    "CloudError",
    "Connection",
    "CredentialsMissing",
    "Culler",
    "DswClient",
    "Instance",
    "NotFound",
    "NotSent",
    "Refused",
    "ShutdownTimer",
    "Throttled",
    "Uncertain",
]
