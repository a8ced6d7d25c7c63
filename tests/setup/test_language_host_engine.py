"""The language host under the real engine: program, local provider, policy pack, file backend."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.setup import engine, layout
from tests.support.language_host import ENVIRONMENT
from tests.support.processes import running
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.engine

PROVIDER = """
import asyncio, os, sys
from pulumi.provider.experimental.provider import *
from pulumi.provider.experimental.server import main

class Tiny(Provider):
    async def get_schema(self, request): return GetSchemaResponse(schema='{"name": "tiny", "version": "1.0.0"}')
    async def check_config(self, request): return CheckResponse(inputs=request.new_inputs)
    async def diff_config(self, request): return DiffResponse(changes=False)
    async def configure(self, request):
        return ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True)
    async def check(self, request): return CheckResponse(inputs=request.new_inputs)
    async def diff(self, request): return DiffResponse(changes=False)
    async def create(self, request):
        if request.preview:
            return CreateResponse(resource_id="", properties=request.properties)
        open(os.environ["TINY_LOG"], "a").write(f"{os.getpid()}\\n")
        if "wait" in request.properties:
            await asyncio.sleep(60)
        if "fail" in request.properties:
            raise Exception("stock is out")
        return CreateResponse(resource_id="id-1", properties=request.properties)
    async def delete(self, request): return None

main(sys.argv[1:], "1.0.0", Tiny())
"""
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def no_bad(args, report):
    if args.props.get("bad"):
        report("bad is not allowed")

PolicyPack("tinypack", policies=[
    ResourceValidationPolicy("no-bad", "no bad", no_bad, enforcement_level=EnforcementLevel.MANDATORY)])
"""
PROGRAM = """
import os
import pulumi

mode = os.environ.get("TINY_MODE", "")
if mode == "raise":
    raise ValueError("my own error")

class Thing(pulumi.CustomResource):
    def __init__(self, name, props, opts=None):
        super().__init__("tiny:index:Thing", name, props, opts)

first = Thing("first", {"a": 1, **({mode: True} if mode else {})})
for number in range(4):
    Thing(f"next{number}", {"b": first.id}, pulumi.ResourceOptions(depends_on=[first]))
pulumi.export("place", os.getcwd())
"""


class TinyProject:
    """A stack whose project file lies below its program, as the rehearsal's does."""

    def __init__(self, root: Path, pulumi: Path) -> None:
        self.root, self.log = root, root / "log"
        (root / ".venv").symlink_to(ENVIRONMENT)
        options = "runtime: {name: python, options: {virtualenv: ../.venv}}\n"
        for path, text in {
            "rehearsal/Pulumi.yaml": "name: tiny\nmain: ..\n"
            + options
            + "plugins: {providers: [{name: tiny, path: ../provider}, {name: alicloud, path: ../provider}]}\n",
            "provider/PulumiPlugin.yaml": options,
            "provider/__main__.py": PROVIDER,
            "pack/PulumiPolicy.yaml": options,
            "pack/__main__.py": PACK,
            "__main__.py": PROGRAM,
        }.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
        (root / "toolchain").symlink_to(layout.ROOT / "toolchain")
        own = engine.beside_own_host(root, pulumi)
        layout.rehearsal(root).joinpath("state").mkdir(parents=True)
        self.environ = layout.engine_environment(
            root, {"PATH": os.environ["PATH"], "TINY_LOG": str(self.log)}
        )
        self.environ["PATH"] = f"{own.parent}:{self.environ['PATH']}"
        self("stack", "init", "dev")

    def begin(self, *arguments: str, mode: str = "") -> subprocess.Popen[str]:
        command = [
            str(layout.tools(self.root) / "bin" / "pulumi"),
            "--non-interactive",
            "--color",
            "never",
            *arguments,
        ]
        return subprocess.Popen(
            command,
            cwd=self.root / "rehearsal",
            env={**self.environ, "TINY_MODE": mode},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *arguments: str, mode: str = "", expect: bool = True) -> str:
        process = self.begin(*arguments, mode=mode)
        told, _ = process.communicate(timeout=PATIENCE)
        assert (process.returncode == 0) is expect, told
        return told

    def providers(self) -> list[int]:
        """The process ids of the providers that were asked to create something."""
        return [int(line) for line in self.log.read_text().split()] if self.log.exists() else []


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyProject]:
    pulumi = layout.find_pulumi()
    if pulumi is None:
        pytest.skip("there is no Pulumi CLI to be found")
    root = tmp_path_factory.mktemp("engine") / "a folder"
    root.mkdir()
    yield TinyProject(root, pulumi)
    shutil.rmtree(root)


def test_preview_up_and_destroy_with_a_pack(project: TinyProject) -> None:
    pack = ("--policy-pack", "../pack")
    told = project("preview", *pack)
    assert "+ 6 to create" in told
    assert "tinypack" in told
    told = project("up", "--yes", "--skip-preview", *pack)
    assert "+ 6 created" in told
    assert project("stack", "output", "place").strip() == str(project.root)
    assert "warning" not in told, "the engine doubts where its language host is"
    assert "6 unchanged" in project("preview", *pack)
    assert "- 6 deleted" in project("destroy", "--yes", "--skip-preview")
    assert not any(running(pid) for pid in project.providers())


def test_the_pack_refuses(project: TinyProject) -> None:
    told = project("preview", "--policy-pack", "../pack", mode="bad", expect=False)
    assert "bad is not allowed" in told
    assert "Traceback" not in told


def test_a_programs_exception_is_shown_with_its_own_frames(project: TinyProject) -> None:
    told = project("preview", mode="raise", expect=False)
    assert told.count("Traceback") == 1
    assert "error: Program failed with an unhandled exception:" in told
    assert f'File "{project.root}/__main__.py", line 7' in told
    assert "ValueError: my own error" in told
    assert "site-packages" not in told
    assert "paidsw" not in told


def test_a_failed_step_shows_its_reason_and_no_wall_of_tracebacks(project: TinyProject) -> None:
    told = project("up", "--yes", "--skip-preview", mode="fail", expect=False)
    assert "stock is out" in told
    for noise in ("KeyboardInterrupt", "resource monitor shut down", "Traceback", "exit code"):
        assert noise not in told
    assert not any(running(pid) for pid in project.providers())


def test_an_interrupt_leaves_no_process_behind(project: TinyProject) -> None:
    before = len(project.providers())
    process = project.begin("up", "--yes", "--skip-preview", mode="wait")
    until(lambda: len(project.providers()) > before, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)  # the engine takes two signals at the same moment for one
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "KeyboardInterrupt" not in told
    [provider] = project.providers()[before:]
    assert not running(provider)
