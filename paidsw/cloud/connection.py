"""Where the cloud is, and the credentials to use there."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import dataclass, field
from typing import Any

from paidsw.cloud import network
from paidsw.cloud.clock import Clock, EmulatorClock, SystemClock
from paidsw.cloud.credentials import Credentials
from paidsw.cloud.emulated import Address, EmulatorGone, locate
from paidsw.cloud.messages import Text
from paidsw.core.emulator_name import REHEARSAL, is_name

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 15_000


@dataclass(frozen=True)
class Connection:
    """How to reach the cloud: the real one, or an emulator, by its folder or by a loopback URL.

    `ca_bundle` is a PEM file of certificates to trust in addition to the machine's, empty for none.
    """

    emulator: str | None = None
    ca_bundle: str = ""
    credentials: Credentials = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.emulator is not None and not is_name(self.emulator):
            raise ValueError(str(Text.NOT_LOCAL(name=repr(self.emulator), folder=REHEARSAL)))
        credentials = Credentials(rehearsal=self.emulator is not None, ca_bundle=self.ca_bundle)
        object.__setattr__(self, "credentials", credentials)

    def address(self) -> Address | None:
        """Where the emulator listens now; None for the real cloud, EmulatorGone when it doesn't run."""
        return None if self.emulator is None else locate(self.emulator)

    def options(self) -> str:
        """The options, with a space before them, by which `dsw` asks the same cloud; empty for the real one."""
        if self.emulator is None:
            return ""
        if self.emulator == REHEARSAL:
            return " --emulator"
        try:
            return f" --emulator-url {locate(self.emulator).url}"
        except EmulatorGone:
            return ""

    async def sdk_client(
        self, module: str, product: str, region: str, host: str | None = None, address: Address | None = None
    ) -> Any:
        """A client of one official SDK for one region; `host` where it isn't named after product and region.

        `address` is what `address()` said, so that one client speaks to one emulator.

        The SDK is imported here, at the first real call and in a thread: the import takes about 0.3 s, which would
        double a provider's start-up time and stall every other resource. Raises NotSent where this machine's
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
            where = address or locate(self.emulator)
            # The emulator reads region and product from the host name, as an HTTP proxy sees it.
            config.protocol = "HTTP"
            config.http_proxy = where.url
            config.global_parameters = models.GlobalParameters(headers=where.headers)
        else:
            config.ca = await asyncio.to_thread(network.prepare, endpoint, self.ca_bundle) or None
        return sdk.Client(config)

    def clock(self) -> Clock:
        """The cloud's time."""
        return EmulatorClock(self.emulator) if self.emulator else SystemClock()

    async def credentials_source(self) -> str:
        """Which link of the official chain answers (never the secret); CredentialsMissing when none does."""
        return await self.credentials.source()
