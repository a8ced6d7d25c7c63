"""RunPlugin over real gRPC: streams, exit codes, environments, and the end of a plugin in every way it can come."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2

from paidsw.setup.language_host import children
from paidsw.setup.language_host.options import environment
from tests.support.language_host import ENVIRONMENT, Host, info
from tests.support.processes import running
from tests.support.waiting import PATIENCE, until

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: time.sleep(60)
"""
POLITE = """
import os, signal, sys, time
def end(number, frame):
    open(sys.argv[1], "a").write(signal.Signals(number).name + " ")
    sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, end)
print(os.getpid(), flush=True)
while True: time.sleep(60)
"""


def plugin(folder: Path, code: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "__main__.py").write_text(code)
    return folder


def request(folder: Path, *arguments: str, **fields: Any) -> language_pb2.RunPluginRequest:
    fields = {"pwd": str(folder), "info": info(folder), "env": [f"PATH={os.environ['PATH']}"], **fields}
    return language_pb2.RunPluginRequest(args=arguments, **fields)


def collect(host: Host, message: language_pb2.RunPluginRequest) -> tuple[bytes, bytes, int]:
    out, err, code = b"", b"", 0
    for response in host.stub.RunPlugin(message, timeout=PATIENCE):
        out, err = out + response.stdout, err + response.stderr
        code = response.exitcode or code
    return out, err, code


def test_both_streams_and_the_exit_code_arrive(host: Host, tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    assert collect(host, request(plugin(tmp_path / "p", code))) == (b"out\n", b"err\n", 7)


def test_a_plugin_that_ends_well_sends_no_exit_code(host: Host, tmp_path: Path) -> None:
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", "print('done')")), timeout=PATIENCE)
    assert {response.WhichOneof("output") for response in call} == {"stdout"}


def test_output_is_streamed_while_the_plugin_runs(host: Host, tmp_path: Path) -> None:
    call = host.stub.RunPlugin(
        request(plugin(tmp_path / "p", POLITE), str(tmp_path / "log")), timeout=PATIENCE
    )
    pid = int(next(call).stdout)
    assert running(pid)
    call.cancel()


def test_output_arrives_though_the_plugin_does_not_flush_it(host: Host, tmp_path: Path) -> None:
    code = "import sys, time; print('50051'); time.sleep(60)"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", code)), timeout=PATIENCE)
    assert next(call).stdout.startswith(b"50051")
    call.cancel()


def test_more_output_than_a_pipe_holds(host: Host, tmp_path: Path) -> None:
    code = "import sys; sys.stdout.write('x' * 1_000_000); sys.stderr.write('y' * 1_000_000)"
    out, err, _ = collect(host, request(plugin(tmp_path / "p", code)))
    assert (len(out), len(err)) == (1_000_000, 1_000_000)


def test_arguments_directory_and_variables_are_those_of_the_request(host: Host, tmp_path: Path) -> None:
    code = "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ.get('A'), os.environ.get('HOME'), sys.prefix)"
    message = request(plugin(tmp_path / "p", code), "--x", "1", pwd=str(tmp_path), env=["A=b=c"])
    out, _, _ = collect(host, message)
    assert out.decode() == f"['--x', '1'] {tmp_path} b=c None {ENVIRONMENT}\n"


def test_the_environment_is_relative_to_the_plugin(host: Host, tmp_path: Path) -> None:
    folder = plugin(
        tmp_path / "p", "import os; print(os.environ['VIRTUAL_ENV'], os.environ['PATH'].split(':')[0])"
    )
    (tmp_path / "env").symlink_to(ENVIRONMENT)
    out, _, _ = collect(host, request(folder, info=info(folder, virtualenv="../env")))
    assert out.decode().split() == [f"{tmp_path}/env", f"{tmp_path}/env/bin"]


def test_a_policy_pack_without_an_environment_runs_in_the_hosts(host: Host, tmp_path: Path) -> None:
    folder = plugin(tmp_path / "p", "import sys; print(sys.prefix)")
    message = request(folder, kind="analyzer", info=info(folder, toolchain="pip"))
    assert collect(host, message)[0].decode().strip() == ENVIRONMENT


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"toolchain": "pip"}, "the virtual environment venv of"),
        ({"virtualenv": "nowhere"}, "the virtual environment nowhere of"),
        ({"toolchain": "poetry"}, "poetry needs Pulumi's own Python language host"),
        ({"virtualenv": ENVIRONMENT, "typechecker": "mypy"}, "typechecker needs Pulumi's own"),
    ],
)
def test_an_environment_that_cannot_be_used_is_one_sentence(
    host: Host, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    folder = plugin(tmp_path / "p", "")
    with pytest.raises(grpc.RpcError) as error:
        collect(host, request(folder, info=info(folder, **options)))
    assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    details = error.value.details() or ""
    assert said in details
    assert "\n" not in details


def test_a_folder_without_a_program_is_refused(host: Host, tmp_path: Path) -> None:
    with pytest.raises(grpc.RpcError, match=r"has no __main__\.py"):
        collect(host, request(tmp_path))


def test_debugging_is_left_to_the_official_host(host: Host, tmp_path: Path) -> None:
    with pytest.raises(grpc.RpcError, match="own Python language host"):
        collect(host, request(plugin(tmp_path / "p", ""), attach_debugger=True))


def test_a_dropped_call_interrupts_the_plugin(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", POLITE), str(log)), timeout=PATIENCE)
    pid = int(next(call).stdout)
    call.cancel()
    until(lambda: not running(pid))
    assert log.read_text() == "SIGINT "


def test_a_process_that_ignores_all_signals_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "TERMINATE_SECONDS", 0.05)
    running_here = children.Children()
    with running_here.run([sys.executable, "-c", STUBBORN], env=dict(os.environ), piped=True) as child:
        output = child.output()
        assert next(output)[0] == "stdout"
        child.stop(ask=0.05)
        assert b"".join(data for _, data in output) in (b"", b"\n")
        assert child.process.returncode == -signal.SIGKILL


def test_nothing_is_started_while_the_host_shuts_down() -> None:
    running_here = children.Children()
    running_here.stop_all(signal.SIGTERM)
    with pytest.raises(OSError, match="shutting down"), running_here.run([sys.executable, "-c", ""], env={}):
        pass


def test_the_engines_interrupt_reaches_a_plugin_once(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", POLITE), str(log)), timeout=PATIENCE)
    pid = int(next(call).stdout)
    host.interrupt()
    assert host.process.wait(PATIENCE) == 0
    assert not running(pid)
    assert log.read_text() == "SIGINT "


def test_termination_is_passed_on(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", POLITE), str(log)), timeout=PATIENCE)
    pid = int(next(call).stdout)
    host.process.send_signal(signal.SIGTERM)
    assert host.process.wait(PATIENCE) == 0
    assert not running(pid)
    assert log.read_text() == "SIGTERM "


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads can't be told apart here")
def test_a_signal_is_heard_whichever_thread_it_hits(host: Host, tmp_path: Path) -> None:
    host.stub.Cancel(Empty(), timeout=PATIENCE)
    pid = host.process.pid
    other = max(int(task) for task in os.listdir(f"/proc/{pid}/task"))
    assert other != pid
    assert ctypes.CDLL(None).tgkill(pid, other, signal.SIGTERM) == 0
    assert host.process.wait(PATIENCE) == 0


def test_when_the_engine_vanishes_nothing_is_left(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", POLITE), str(log)), timeout=PATIENCE)
    pid = int(next(call).stdout)
    assert host.process.stdin is not None
    host.process.stdin.close()
    assert host.process.wait(PATIENCE) == 0
    assert not running(pid)
    assert log.read_text() == "SIGINT "


def test_cancel_leaves_plugins_running(host: Host, tmp_path: Path) -> None:
    log = tmp_path / "log"
    call = host.stub.RunPlugin(request(plugin(tmp_path / "p", POLITE), str(log)), timeout=PATIENCE)
    pid = int(next(call).stdout)
    host.stub.Cancel(Empty(), timeout=PATIENCE)
    assert running(pid)
    assert not log.exists()
    call.cancel()
    until(lambda: not running(pid))


def test_many_plugins_at_once(host: Host, tmp_path: Path) -> None:
    folder = plugin(tmp_path / "p", "import sys; print(sys.argv[1]); sys.stdin.read()")
    calls = [host.stub.RunPlugin(request(folder, str(number)), timeout=PATIENCE) for number in range(12)]
    assert [b"".join(response.stdout for response in call).strip() for call in calls] == [
        str(number).encode() for number in range(12)
    ]


def test_installing_dependencies_without_any_says_so(host: Host, tmp_path: Path) -> None:
    message = language_pb2.InstallDependenciesRequest(info=info(tmp_path))
    assert b"nothing to install" in b"".join(
        part.stdout for part in host.stub.InstallDependencies(message, timeout=PATIENCE)
    )


def test_a_failed_installation_of_dependencies_is_an_error(host: Host, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (tmp_path / "requirements.txt").write_text("./nowhere\n")
    message = language_pb2.InstallDependenciesRequest(info=info(tmp_path, virtualenv="venv"))
    with pytest.raises(grpc.RpcError, match="pip could not install"):
        list(host.stub.InstallDependencies(message, timeout=PATIENCE))


def test_the_environment_of_a_new_project_is_made(host: Host, tmp_path: Path) -> None:
    message = language_pb2.InstallDependenciesRequest(info=info(tmp_path, toolchain="pip", virtualenv="venv"))
    said = [part.stdout for part in host.stub.InstallDependencies(message, timeout=PATIENCE)]
    assert b"nothing to install" in said[-1]
    assert environment(str(tmp_path), {"virtualenv": "venv"}).home == tmp_path / "venv"


def test_the_host_starts_without_loading_the_whole_sdk(start: Callable[..., Host]) -> None:
    code = (
        "import sys; sys.argv = ['x']; import paidsw.setup.language_host.__main__ as m; m.bare_packages();"
        "import paidsw.setup.language_host.server; print('pulumi.resource' in sys.modules, 'asyncio' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == "False"
