"""What our language host leaves to Pulumi's own: each such call says so, an import before it records anything."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2

from paidsw.setup.language_host.command import imports_with_code, shown_by_ps
from tests.support.language_host import Host, info
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize(
    ("call", "request_", "said"),
    [
        ("GenerateProgram", language_pb2.GenerateProgramRequest(), "printing the code of an import needs"),
        (
            "GenerateProgram",
            language_pb2.GenerateProgramRequest(),
            "is in the state (pulumi stack --show-urns)",
        ),
        (
            "GenerateProgram",
            language_pb2.GenerateProgramRequest(source={"promote.pp": ""}),
            "pulumi state promote needs",
        ),
        ("GenerateProject", language_pb2.GenerateProjectRequest(), "pulumi convert to Python needs"),
        ("GeneratePackage", language_pb2.GeneratePackageRequest(), "pulumi package gen-sdk) needs"),
        ("Link", language_pb2.LinkRequest(), "pulumi package add needs"),
        ("Pack", language_pb2.PackRequest(), "pulumi package pack-sdk needs"),
    ],
)
def test_what_needs_the_official_host_says_where_to_get_it(
    host: Host, call: str, request_: object, said: str
) -> None:
    with pytest.raises(grpc.RpcError) as error:
        getattr(host.stub, call)(request_, timeout=PATIENCE)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
    text = error.value.details() or ""
    assert said in text
    assert "comes with the official Pulumi CLI: https://www.pulumi.com/docs/install/" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pulumi import a:b:C x id", True),
        ("pulumi -C folder import --file f.json --yes", True),
        ("pulumi import a:b:C x id --generate-code=false", False),
        ("pulumi import a:b:C stack id", True),
        ("pulumi import a:b:C x id --generate-code=F", False),
        ("pulumi import --help", False),
        ("pulumi stack import --file f.json", False),
        ("pulumi up --stack dev", False),
        ("", False),
        ("pulumi up --message import", False),
        ("pulumi --cwd import up", False),
        ("pulumi --color never import --file f.json", True),
        ("python import a:b:C x id", False),
    ],
)
def test_an_import_that_ends_with_code_is_known_by_its_command(command: str, expected: bool) -> None:
    assert imports_with_code(command.split(), {}) is expected
    assert not imports_with_code(command.split(), {"PULUMI_OPTION_GENERATE_CODE": "false"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ps")
def test_without_proc_the_engines_command_line_is_asked_of_ps() -> None:
    with subprocess.Popen(["sleep", "100"]) as process:
        assert shown_by_ps(process.pid) == ["sleep", "100"]
        process.kill()
    assert shown_by_ps(process.pid) == []


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.logged: list[tuple[int, str]] = []

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> Empty:
        self.logged.append((request.severity, request.message))
        return Empty()


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc shows arguments as they are")
def test_an_import_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    listening, server = _Engine(), grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(listening, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with closing(
        Host(f"127.0.0.1:{port}", parent=[str(tmp_path / "pulumi"), "import", "a:b:C", "x", "id"])
    ) as host:
        request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path))
        host.stub.GetRequiredPackages(request, timeout=PATIENCE)
        # The engine ends as it does on Ctrl-C.
        assert host.process.wait(PATIENCE) == -signal.SIGTERM
    server.stop(None)
    [(severity, text)] = listening.logged
    assert severity == engine_pb2.ERROR
    assert text.startswith("printing the code of an import needs Pulumi's own Python language host")
    assert text.endswith("; to import without it: --generate-code=false")
