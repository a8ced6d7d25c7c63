"""Run over real gRPC: programs against a monitor and an engine that only listen."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, resource_pb2, resource_pb2_grpc

from tests.support.language_host import ENVIRONMENT, Host, info
from tests.support.processes import running
from tests.support.waiting import PATIENCE, until


class Engine(engine_pb2_grpc.EngineServicer, resource_pb2_grpc.ResourceMonitorServicer):
    """Hears what a program logs and registers; `gone` makes it answer like an engine whose step has failed."""

    def __init__(self) -> None:
        self.logged: list[tuple[int, str]] = []
        self.registered: list[str] = []
        self.outputs: dict[str, object] = {}
        self.gone = False
        self._root = ""

    @property
    def errors(self) -> list[str]:
        return [text for severity, text in self.logged if severity == engine_pb2.ERROR]

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:
        self.logged.append((request.severity, request.message))
        return Empty()

    def GetRootResource(
        self, request: object, context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.SetRootResourceResponse:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def SupportsFeature(
        self, request: object, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        if self.gone and request.type != "pulumi:pulumi:Stack":
            context.abort(
                grpc.StatusCode.UNAVAILABLE, "resource monitor shut down while sending resource registration"
            )
        self.registered.append(request.type)
        return resource_pb2.RegisterResourceResponse(
            urn=f"urn:pulumi:dev::tiny::{request.type}::{request.name}", id="1"
        )

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> Empty:
        self.outputs.update({key: request.outputs[key] for key in request.outputs})
        return Empty()

    def SignalAndWaitForShutdown(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    servicer = Engine()
    server = grpc.server(ThreadPoolExecutor(8))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None)


class Runner:
    """Writes a program and has the host run it."""

    def __init__(self, host: Host, engine: Engine, address: str, folder: Path) -> None:
        self.host, self.engine, self.address, self.folder = host, engine, address, folder

    def request(self, code: str, **fields: Any) -> language_pb2.RunRequest:
        (self.folder / "__main__.py").write_text(code)
        given: dict[str, Any] = {
            "project": "tiny",
            "stack": "dev",
            "pwd": str(self.folder),
            "monitor_address": self.address,
            "dryRun": True,
            "parallel": 4,
            "info": info(self.folder),
            **fields,
        }
        return language_pb2.RunRequest(**given)

    def __call__(self, code: str, **fields: Any) -> language_pb2.RunResponse:
        response: language_pb2.RunResponse = self.host.stub.Run(
            self.request(code, **fields), timeout=PATIENCE
        )
        return response

    def begin(self, code: str) -> Any:
        """Start a program that writes its process id to the file `pid`; the call under way."""
        return self.host.stub.Run.future(self.request(WRITE_PID + code), timeout=PATIENCE)

    def pid(self) -> int:
        path = self.folder / "pid"
        until(lambda: path.exists() and path.read_text())
        return int(path.read_text())


WRITE_PID = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\n"
TELL_TERMINATION = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: open('terminated', 'w'))\n"
WAIT = "while True: time.sleep(60)\n"


@pytest.fixture
def run(start: Callable[..., Host], engine: tuple[Engine, str], tmp_path: Path) -> Runner:
    servicer, address = engine
    return Runner(start(address), servicer, address, tmp_path)


def test_a_program_registers_and_exports(run: Runner) -> None:
    code = "import pulumi\npulumi.CustomResource('t:index:Thing', 'a')\npulumi.export('answer', 42)\n"
    assert run(code) == language_pb2.RunResponse()
    assert run.engine.registered == ["pulumi:pulumi:Stack", "t:index:Thing"]
    assert run.engine.outputs == {"answer": 42}


def test_settings_reach_the_program(run: Runner) -> None:
    code = (
        "import pulumi, json, os, sys\n"
        "config = pulumi.Config()\n"
        "told = dict(project=pulumi.get_project(), stack=pulumi.get_stack(), cwd=os.getcwd(), argv=sys.argv)\n"
        "told |= dict(organization=pulumi.get_organization(), preview=pulumi.runtime.is_dry_run())\n"
        "told |= dict(key=config.get('key'), secret=pulumi.runtime.is_config_secret('tiny:key'), prefix=sys.prefix)\n"
        "told |= dict(root=pulumi.runtime.settings.SETTINGS.root_directory)\n"
        "open('told', 'w').write(json.dumps(told))\n"
    )
    run(code, config={"tiny:key": "väl=ue"}, configSecretKeys=["tiny:key"], organization="org", args=["x"])
    assert json.loads((run.folder / "told").read_text()) == {
        "project": "tiny",
        "stack": "dev",
        "organization": "org",
        "preview": True,
        "key": "väl=ue",
        "cwd": str(run.folder),
        "argv": [".", "x"],
        "prefix": ENVIRONMENT,
        "secret": True,
        "root": str(run.folder),
    }


def test_a_project_file_below_its_program(run: Runner) -> None:
    """`main: ..`: the environment is relative to the project file, the program to its own folder."""
    below = run.folder / "rehearsal"
    below.mkdir()
    (run.folder / "env").symlink_to(ENVIRONMENT)
    message = info(below, program=run.folder, virtualenv="../env")
    run("import sys; open('prefix', 'w').write(sys.prefix)", info=message)
    assert (run.folder / "prefix").read_text() == f"{run.folder}/env"


def test_modules_beside_the_program_are_found_and_the_hosts_are_not(run: Runner) -> None:
    (run.folder / "helper.py").write_text("VALUE = 1")
    code = (
        "import helper, importlib.util\n"
        "assert importlib.util.find_spec('children') is None\n"
        "import pulumi; pulumi.export('value', helper.VALUE)\n"
    )
    assert run(code) == language_pb2.RunResponse()
    assert run.engine.outputs == {"value": 1}


def test_an_exception_is_shown_with_the_users_frames_only(run: Runner) -> None:
    (run.folder / "helper.py").write_text("def fail():\n    raise ValueError('my own error')\n")
    response = run("import helper\nhelper.fail()\n")
    assert response == language_pb2.RunResponse(bail=True)
    [error] = run.engine.errors
    assert error.startswith(
        "Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
    )
    assert error.endswith("ValueError: my own error\n")
    assert [line.split('"')[1] for line in error.splitlines() if line.startswith("  File")] == [
        f"{run.folder}/__main__.py",
        f"{run.folder}/helper.py",
    ]


def test_a_syntax_error_is_shown(run: Runner) -> None:
    assert run("def broken(:\n").bail
    assert "SyntaxError" in run.engine.errors[0]


def test_a_run_error_is_shown_as_its_text_and_followed_by_another_error_as_under_pulumis_own_host(
    run: Runner,
) -> None:
    response = run("import pulumi\nraise pulumi.RunError('instanceName is too long')\n")
    assert response == language_pb2.RunResponse(error="program exited with non-zero exit code: 1")
    assert run.engine.errors == ["instanceName is too long"]


def test_a_program_says_by_its_exit_code_that_its_error_is_shown(run: Runner) -> None:
    response = run("import pulumi\npulumi.log.error('too long')\nraise SystemExit(32)\n")
    assert response == language_pb2.RunResponse(bail=True)
    assert run.engine.errors == ["too long"]


def test_a_failing_apply_is_shown(run: Runner) -> None:
    assert run("import pulumi\npulumi.Output.from_input(1).apply(lambda one: one / 0)\n").bail
    assert "ZeroDivisionError" in run.engine.errors[0]


def test_the_programs_own_exit_code_is_an_error(run: Runner) -> None:
    assert run("import sys; sys.exit(3)\n").error == "program exited with non-zero exit code: 3"


def test_a_crash_names_its_signal(run: Runner) -> None:
    response = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n")
    assert response.error == "program was ended by signal 9"


def test_a_folder_without_a_program_is_one_sentence(run: Runner) -> None:
    message = run.request("")
    (run.folder / "__main__.py").unlink()
    assert run.host.stub.Run(message, timeout=PATIENCE).bail
    assert run.engine.errors == [f"unable to find main python program `__main__.py` in `{run.folder}`"]


def test_an_environment_without_the_sdk_is_one_sentence(
    run: Runner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import subprocess

    home = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    response = run("", info=info(run.folder, virtualenv=str(home)))
    assert response.error == "program exited with non-zero exit code: 1"
    assert f"the Pulumi SDK is not installed in {home}" in run.host.end()


def test_a_program_that_the_engine_left_alone_is_quiet(run: Runner) -> None:
    run.engine.gone = True
    code = "import pulumi\nfor number in range(5): pulumi.CustomResource('t:index:Thing', f'a{number}')\n"
    assert run(code).bail
    assert run.engine.errors == []
    assert "Traceback" not in run.host.end()


def test_an_unavailable_service_of_the_users_is_not_hidden(run: Runner) -> None:
    code = (
        "import grpc\n"
        "channel = grpc.insecure_channel('127.0.0.1:1')\n"
        "channel.unary_unary('/x/y', request_serializer=bytes, response_deserializer=bytes)(b'', timeout=5)\n"
    )
    assert run(code).bail
    assert "StatusCode.UNAVAILABLE" in run.engine.errors[0]


def test_cancel_ends_a_program_quietly(run: Runner) -> None:
    call = run.begin(WAIT)
    pid = run.pid()
    run.host.stub.Cancel(Empty(), timeout=PATIENCE)
    assert call.result(PATIENCE) == language_pb2.RunResponse(bail=True)
    assert not running(pid)
    assert "Traceback" not in run.host.end()


def test_the_engines_interrupt_ends_a_program_quietly(run: Runner) -> None:
    call = run.begin(TELL_TERMINATION + WAIT)
    pid = run.pid()
    run.host.interrupt(signal.SIGINT)
    assert run.host.process.wait(PATIENCE) == 0
    assert not (run.folder / "terminated").exists()
    assert not running(pid)
    call.cancel()
    assert run.host.rest() == ""


def test_a_dropped_call_ends_its_program(run: Runner) -> None:
    call = run.begin(WAIT)
    pid = run.pid()
    call.cancel()
    until(lambda: not running(pid))
    assert run.host.process.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="needs to wait for a process that is no child")
def test_a_program_ends_with_a_host_that_was_killed(run: Runner) -> None:
    call = run.begin(WAIT)
    pid = run.pid()
    run.host.process.kill()
    until(lambda: not running(pid))
    call.cancel()


def test_a_host_runs_one_program_after_another(run: Runner) -> None:
    assert run("raise SystemExit(4)").error
    assert run("import pulumi; pulumi.export('second', True)") == language_pb2.RunResponse()
    assert run.engine.outputs == {"second": True}


def test_what_a_program_prints_comes_out_of_the_host(run: Runner) -> None:
    run("print('hello'); import sys; print('oh', file=sys.stderr)")
    told = run.host.end()
    assert "hello\n" in told
    assert "oh\n" in told


def test_debugging_is_left_to_the_official_host(run: Runner) -> None:
    assert "own Python language host" in run("", attach_debugger=True).error
