"""Where the cloud is and who we are there."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from paidsw.cloud import network
from paidsw.cloud.clock import Clock, EmulatorClock, SystemClock
from paidsw.cloud.credentials import Credentials

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 15_000


@dataclass(frozen=True)
class Connection:
    """How to reach the cloud: the real one, or an emulator at a loopback URL.

    `ca_bundle` is a PEM file of certificates to trust beside those of the machine, empty for none.
    """

    emulator: str | None = None
    ca_bundle: str = ""
    credentials: Credentials = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.emulator is not None and not is_loopback_url(self.emulator):
            raise ValueError(
                f"paidsw:emulator is {self.emulator!r}, which is not on this machine; "
                "an emulator's address starts with http://127.0.0.1: or http://localhost:"
            )
        credentials = Credentials(rehearsal=self.emulator is not None, ca_bundle=self.ca_bundle)
        object.__setattr__(self, "credentials", credentials)

    async def sdk_client(self, module: str, product: str, region: str, host: str | None = None) -> Any:
        """A client of one official SDK for one region; `host` where it isn't named after product and region.

        The SDK is imported here, at the first real call, in a thread: it takes about 0.3 s, which would
        double the start of a provider and stall every other resource. Raises NotSent where this machine's
        certificates or proxy are set to something that can't be used.
        """
        sdk = await asyncio.to_thread(importlib.import_module, f"{module}.client")
        models = await asyncio.to_thread(importlib.import_module, "alibabacloud_tea_openapi.models")
        endpoint = host or f"{product}.{region}.aliyuncs.com"
        config = models.Config(
            region_id=region,
            endpoint=endpoint,
            credential=self.credentials,
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=READ_TIMEOUT_MS,
            protocol="HTTPS",
        )
        if self.emulator is not None:
            # The emulator reads region and product from the host name, as an HTTP proxy sees it.
            config.protocol = "HTTP"
            config.http_proxy = self.emulator
        else:
            config.ca = await asyncio.to_thread(network.prepare, endpoint, self.ca_bundle) or None
        return sdk.Client(config)

    def clock(self) -> Clock:
        """The cloud's time."""
        return EmulatorClock(self.emulator) if self.emulator else SystemClock()

    async def credentials_source(self) -> str:
        """Which link of the official chain answers (never the secret); CredentialsMissing when none does."""
        return await self.credentials.source()


def is_loopback_url(url: str) -> bool:
    """Whether an http URL names this machine and nothing else."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or "@" in parts.netloc or parts.port == 0:
            return False
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname).is_loopback
    return False
