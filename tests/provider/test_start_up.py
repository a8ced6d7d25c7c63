"""What the provider loads when it starts, and that nothing in it stalls the event loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.testing import Emulator

ROOT = Path(__file__).parent.parent.parent
LAZY = r"""
import asyncio, sys
from policies.values import UNKNOWN
from pulumi.runtime.proto import provider_pb2
from provider.engine import Engine
from provider.servicer import PaiDswServicer
from provider.values import encode
from tests.provider.plugin import URN
from tests.provider.samples import inputs

async def main():
    servicer = PaiDswServicer(Engine(None))
    await servicer.GetSchema(provider_pb2.GetSchemaRequest(), None)
    await servicer.CheckConfig(provider_pb2.CheckRequest(urn="x", news=encode({})), None)
    await servicer.Configure(provider_pb2.ConfigureRequest(args=encode({})), None)
    await servicer.Check(provider_pb2.CheckRequest(urn=URN, news=encode(inputs())), None)
    await servicer.Diff(provider_pb2.DiffRequest(old_inputs=encode(inputs()), news=encode(inputs(driver="1"))), None)
    new = inputs(region=UNKNOWN)  # of a region that isn't known yet nothing can be asked
    await servicer.Create(provider_pb2.CreateRequest(urn=URN, properties=encode(new), preview=True), None)

asyncio.run(main())
heavy = ("alibabacloud", "Tea", "darabonba", "aiohttp")
print(*sorted(name for name in sys.modules if name.startswith(heavy)))
"""
# An audit hook can't be taken off again, so each run has a process of its own.
WATCHED = r"""
import asyncio, sys, threading, time
from dsw import Connection
from dsw.clock import EmulatorClock
from pulumi.runtime.proto import provider_pb2
from provider.engine import Engine
from provider.servicer import PaiDswServicer
from provider.values import encode
from tests.provider.plugin import URN
from tests.provider.samples import inputs

blocked = []
loop_thread = threading.get_ident()

def watch(event, arguments):
    if threading.get_ident() != loop_thread:
        return
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system"):
        blocked.append(event)
    elif event == "socket.connect" and arguments[0].gettimeout() != 0:
        blocked.append(event)
    elif event == "import" and str(arguments[0]).startswith("alibabacloud"):
        blocked.append(f"import {arguments[0]}")

def sleep(seconds, really=time.sleep):
    if threading.get_ident() == loop_thread:
        blocked.append("time.sleep")
    really(seconds)

time.sleep = sleep

async def main(url, workspace, stall):
    servicer = PaiDswServicer(Engine(None))
    await servicer.Configure(provider_pb2.ConfigureRequest(args=encode({"emulator": url})), None)
    sys.addaudithook(watch)
    if stall:
        time.sleep(0)
    request = provider_pb2.CreateRequest(urn=URN, properties=encode(inputs(workspaceId=workspace)))
    made = await servicer.Create(request, None)
    news = encode(inputs(workspaceId=workspace, driver="550.54.15"))
    update = provider_pb2.UpdateRequest(id=made.id, urn=URN, olds=made.properties, news=news,
                                        old_inputs=encode(inputs(workspaceId=workspace)))
    await servicer.Update(update, None)
    await servicer.Delete(provider_pb2.DeleteRequest(id=made.id, urn=URN, properties=made.properties), None)

asyncio.run(main(sys.argv[1], sys.argv[2], "stall" in sys.argv))
print(*blocked)
"""


def python(code: str, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.strip()


def test_no_cloud_sdk_is_loaded_before_the_first_call() -> None:
    assert python(LAZY) == ""


def test_nothing_blocks_the_event_loop(cloud: Emulator, workspace: str) -> None:
    assert python(WATCHED, cloud.url, workspace) == ""


def test_a_blocking_call_would_be_noticed(cloud: Emulator, workspace: str) -> None:
    assert python(WATCHED, cloud.url, workspace, "stall") == "time.sleep"


@pytest.mark.parametrize("package", ["alibabacloud_pai_dsw20220101", "aiohttp"])
def test_the_list_of_lazy_packages_is_of_packages_that_exist(package: str) -> None:
    assert python(f"import {package}; print({package}.__name__)") == package
