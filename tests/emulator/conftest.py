"""Both official SDKs, unmodified, as clients of an emulator on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204.client import Client as WorkspaceClient
from alibabacloud_pai_dsw20220101.client import Client as DswClient
from alibabacloud_tea_openapi.utils_models import Config

from emulator.testing import Emulator, running_emulator

from .cloud import Cloud

HOME = "cn-wulanchabu"


def config(emulator: Emulator, region: str = HOME, **more: Any) -> Config:
    return Config(
        **{
            "access_key_id": "LTAI-rehearsal",
            "access_key_secret": emulator.secret,
            "region_id": region,
            "protocol": "HTTP",
            "http_proxy": emulator.proxy,
        }
        | more
    )


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def dsw(emulator: Emulator) -> DswClient:
    return DswClient(config(emulator))


@pytest.fixture
def aiws(emulator: Emulator) -> WorkspaceClient:
    return WorkspaceClient(config(emulator))


@pytest.fixture
def cloud(emulator: Emulator) -> Cloud:
    return Cloud(emulator, DswClient, WorkspaceClient, config)
