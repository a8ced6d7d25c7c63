"""For all tests: how the processes of a test are started, and what no test of the real engine may leave."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest
from hypothesis import HealthCheck, settings

from paidsw.emulator import process
from paidsw.emulator.testing import Emulator, running_emulator
from paidsw.provider.servicer import PaiDswServicer
from paidsw.setup.layout import python
from tests.support.plugin import Plugin, serving
from tests.support.preloaded import preloaded_folder

# Hundreds of interpreters would compile the packages again, an eighth of the time of the engine's tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says more about the machine than about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# Pulumi's SDK asks for the thread's event loop and makes one where there is none; `asyncio.run` takes it away unclosed.
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)
asyncio.set_event_loop(LOOP)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, so that all workers come to the end together."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker("engine") is None:
        return 2
    # A copy of the project has processes of its own, which load all that a fork server has loaded.
    return 0 if "project" in getattr(item, "fixturenames", ()) else 1


@runtime_checkable
class Billing(Protocol):
    """A cloud of a test, or what has one."""

    def billed(self) -> Sequence[object]:
        """What costs money now."""


@pytest.fixture(autouse=True)
def event_loop() -> None:
    """The thread's own loop, whatever the test before did with it."""
    asyncio.set_event_loop(LOOP)


@pytest.fixture(autouse=True, scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Pulumi home of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def cloud() -> Iterator[Emulator]:
    """An emulator of the test's own, in this process."""
    with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def plugin(cloud: Emulator) -> Iterator[Plugin]:
    """The provider behind its port, on that cloud."""
    with serving(PaiDswServicer) as served:
        served.configure({"emulator": cloud.url})
        yield served


@pytest.fixture(scope="session")
def launch_folder() -> Iterator[Path]:
    """Where the engine starts what it runs, without the wait for Python to load it."""
    with preloaded_folder() as folder:
        yield folder


@pytest.fixture
def forked_emulator(launch_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulators in the background are forked too, where how one starts isn't what is tested."""
    monkeypatch.setattr(process, "PYTHON", str(python(launch_folder)))


@pytest.fixture(autouse=True)
def nothing_billed_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the real engine leaves in its cloud costs nothing."""
    clouds = []
    if request.node.get_closest_marker("engine"):
        names = {"cloud", "project"} & set(request.fixturenames)
        clouds = [cloud for cloud in map(request.getfixturevalue, names) if isinstance(cloud, Billing)]
    yield
    for cloud in clouds:
        assert cloud.billed() == []
