from __future__ import annotations

import pytest

from paidsw.emulator.testing import Emulator
from tests.support.audited import AuditedAccount


@pytest.fixture
def world(cloud: Emulator) -> AuditedAccount:
    return AuditedAccount(cloud)
