"""What the provider loads when it starts, and that nothing in it stalls the event loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from paidsw.emulator.testing import Emulator
from paidsw.provider.launch import bare_packages
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parent.parent.parent
# What no plugin waits for; the clouds' SDKs come with the first real call.
SDK = ("pulumi.automation", "pulumi.resource", "pulumi.runtime.rpc", "opentelemetry")
CLOUD = ("alibabacloud", "Tea", "darabonba", "aiohttp", "requests")
LAZY = r"""
from paidsw.provider.launch import bare_packages
bare_packages()
import asyncio, sys
from paidsw.core.values import UNKNOWN
from pulumi.runtime.proto import provider_pb2
from paidsw.provider.engine import Engine
from paidsw.provider.servicer import PaiDswServicer
from paidsw.provider.values import encode
from tests.support.plugin import URN
from tests.support.samples import inputs

async def main():
    servicer = PaiDswServicer(Engine(None))
    await servicer.GetSchema(provider_pb2.GetSchemaRequest(), None)
    await servicer.CheckConfig(provider_pb2.CheckRequest(urn="x", news=encode({})), None)
    await servicer.Configure(provider_pb2.ConfigureRequest(args=encode({})), None)
    await servicer.Check(provider_pb2.CheckRequest(urn=URN, news=encode(inputs())), None)
    olds, news = encode(inputs()), encode(inputs(driver="1"))
    await servicer.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=olds, news=news), None)
    new = inputs(region=UNKNOWN)  # of a region that isn't known yet nothing can be asked
    await servicer.Create(provider_pb2.CreateRequest(urn=URN, properties=encode(new), preview=True), None)

asyncio.run(main())
print(*sorted(name for name in sys.modules if name.startswith(tuple(sys.argv[1:]))))
"""
# An audit hook can't be taken off again, so each run has a process of its own.
WATCHED = r"""
from paidsw.provider.launch import bare_packages
bare_packages()
import asyncio, sys, threading, time
from paidsw.cloud import Connection
from paidsw.cloud.clock import EmulatorClock
from pulumi.runtime.proto import provider_pb2
from paidsw.provider.engine import Engine
from paidsw.provider.servicer import PaiDswServicer
from paidsw.provider.values import encode
from tests.support.plugin import URN
from tests.support.samples import inputs

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
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.strip()


def loaded_at_start(folder: str, log: Path) -> set[str]:
    """The modules that a plugin has loaded when it prints its port."""
    command = [sys.executable, "-X", "importtime", folder, "127.0.0.1:1"]
    with (
        log.open("w") as listing,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=listing, text=True) as plugin,
    ):
        assert plugin.stdout is not None
        port = plugin.stdout.readline()
        plugin.kill()
    lines = log.read_text().splitlines()
    assert port.strip().isdigit(), lines[-20:]
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


@pytest.mark.parametrize(
    ("folder", "servicer", "heavy"),
    [
        ("provider", "paidsw.provider.servicer", (*SDK, *CLOUD)),
        # Workspaces only: nothing is validated, so that pydantic isn't waited for either.
        ("rehearsal/alicloud", "rehearsal.alicloud.servicer", (*SDK, *CLOUD, "pydantic")),
    ],
)
def test_a_started_plugin_has_loaded_what_it_needs(
    folder: str, servicer: str, heavy: tuple[str, ...], tmp_path: Path
) -> None:
    loaded = loaded_at_start(folder, tmp_path / "imports")
    assert {servicer, "grpc.aio", "pulumi.runtime.proto.provider_pb2_grpc"} <= loaded
    assert sorted(name for name in loaded if name.startswith(heavy)) == []


def test_no_sdk_is_loaded_before_the_first_call_of_the_cloud() -> None:
    assert python(LAZY, *SDK, *CLOUD) == ""
    assert "paidsw.provider.instance.inputs" in python(LAZY, "paidsw.provider.").split()


def test_nothing_blocks_the_event_loop(cloud: Emulator, workspace: str) -> None:
    assert python(WATCHED, cloud.url, workspace) == ""


def test_a_blocking_call_would_be_noticed(cloud: Emulator, workspace: str) -> None:
    assert python(WATCHED, cloud.url, workspace, "stall") == "time.sleep"


def test_the_list_of_lazy_packages_is_of_packages_that_a_provider_can_load() -> None:
    code = "import sys, pulumi, alibabacloud_pai_dsw20220101.client, darabonba.runtime; print(*sys.modules)"
    loaded = python(code).split()
    assert [name for name in (*SDK, *CLOUD) if not any(module.startswith(name) for module in loaded)] == []


def test_where_the_sdk_is_loaded_it_stays() -> None:
    before = dict(sys.modules)
    bare_packages()
    assert pulumi.Resource is before["pulumi"].Resource
    assert sys.modules == before


def test_without_the_sdk_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pulumi")
    monkeypatch.setattr("paidsw.provider.launch.find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=r"^the Pulumi SDK is not installed in .*; run python3 tools setup$"):
        bare_packages()
