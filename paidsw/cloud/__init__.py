"""The PAI-DSW API client: the official SDK behind a small typed face."""

from importlib import import_module
from typing import TYPE_CHECKING

from paidsw.cloud.connection import Connection
from paidsw.cloud.errors import (
    CloudError,
    CredentialsMissing,
    NotFound,
    NotSent,
    Reason,
    Refused,
    Throttled,
    Uncertain,
)

if TYPE_CHECKING:
    from paidsw.cloud.client import DswClient
    from paidsw.cloud.models import Culler, Instance, ShutdownTimer
else:
    # Lazy, because these load pydantic, which a plugin without notebooks doesn't need.
    _LATER = {"DswClient": "client", "Culler": "models", "Instance": "models", "ShutdownTimer": "models"}

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "CloudError",
    "Connection",
    "CredentialsMissing",
    "Culler",
    "DswClient",
    "Instance",
    "NotFound",
    "NotSent",
    "Reason",
    "Refused",
    "ShutdownTimer",
    "Throttled",
    "Uncertain",
]
