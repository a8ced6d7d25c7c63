"""The calls that only tell something, over real gRPC, and the reading of environments behind them."""

import base64
import json
import platform
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2

from paidsw.setup.language_host.__main__ import engine_address
from paidsw.setup.language_host.options import Environment, OptionError, environment
from paidsw.setup.language_host.packages import dependencies, required_plugins
from tests.support.language_host import Host, info
from tests.support.waiting import PATIENCE


def package(
    site: Path, distribution: str, version: str = "1.2.3", *, requires: tuple[str, ...] = (), **marker: object
) -> None:
    folder = site / distribution.replace("-", "_")
    folder.mkdir(parents=True)
    if marker:
        (folder / "pulumi-plugin.json").write_text(json.dumps(marker))
    info_folder = site / f"{folder.name}-{version}.dist-info"
    info_folder.mkdir()
    lines = [
        f"Name: {distribution}",
        f"Version: {version}",
        *(f"Requires-Dist: {requirement}" for requirement in requires),
    ]
    (info_folder / "METADATA").write_text("\n".join(lines) + "\n")


def test_handshake_about_and_plugin_info(host: Host, tmp_path: Path) -> None:
    host.stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:2"), timeout=PATIENCE)
    about = host.stub.About(language_pb2.AboutRequest(info=info(tmp_path)), timeout=PATIENCE)
    assert about.executable == f"{sys.prefix}/bin/python"
    assert about.version.startswith(platform.python_version())
    assert host.stub.GetPluginInfo(Empty(), timeout=PATIENCE).version.count(".") == 2


def test_required_packages_are_those_of_the_environment(host: Host, tmp_path: Path) -> None:
    found = host.stub.GetRequiredPackages(
        language_pb2.GetRequiredPackagesRequest(info=info(tmp_path)), timeout=PATIENCE
    )
    assert [(item.name, item.kind, item.version) for item in found.packages] == [
        ("alicloud", "resource", "v4.0.0")
    ]
    older = host.stub.GetRequiredPlugins(
        language_pb2.GetRequiredPluginsRequest(info=info(tmp_path)), timeout=PATIENCE
    )
    assert [(item.name, item.kind, item.version) for item in older.plugins] == [
        ("alicloud", "resource", "v4.0.0")
    ]


def test_program_dependencies(host: Host, tmp_path: Path) -> None:
    message = language_pb2.GetProgramDependenciesRequest(info=info(tmp_path), transitiveDependencies=True)
    found = {
        item.name.lower(): item.version
        for item in host.stub.GetProgramDependencies(message, timeout=PATIENCE).dependencies
    }
    assert found["pulumi"] == "3.272.0"
    message.transitiveDependencies = False
    direct = {
        item.name.lower() for item in host.stub.GetProgramDependencies(message, timeout=PATIENCE).dependencies
    }
    assert "pulumi" not in direct  # pulumi-policy asks for it
    assert direct < set(found)


def test_an_unusable_option_is_refused_by_every_call(host: Host, tmp_path: Path) -> None:
    for call, message in (
        (host.stub.About, language_pb2.AboutRequest),
        (host.stub.GetRequiredPackages, language_pb2.GetRequiredPackagesRequest),
        (host.stub.GetProgramDependencies, language_pb2.GetProgramDependenciesRequest),
    ):
        with pytest.raises(grpc.RpcError, match="poetry"):
            call(message(info=info(tmp_path, toolchain="poetry")), timeout=PATIENCE)


def test_a_new_project_is_as_its_template_has_it(host: Host) -> None:
    assert not host.stub.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest(), timeout=PATIENCE).prompts
    host.stub.Template(language_pb2.TemplateRequest(), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([], ""),
        (["127.0.0.1:5"], "127.0.0.1:5"),
        (["--logtostderr", "-v=9", "127.0.0.1:5"], "127.0.0.1:5"),
        (["--tracing", "http://x", "127.0.0.1:5"], "127.0.0.1:5"),
    ],
)
def test_the_engines_address_is_the_last_argument(arguments: list[str], address: str) -> None:
    assert engine_address(arguments) == address


def test_plugins_of_installed_packages(tmp_path: Path) -> None:
    package(
        tmp_path, "pulumi-beta", resource=True, name="beta", version="v2.0.0", server="https://example.com"
    )
    package(tmp_path, "pulumi-alpha", "3.1.4", resource=True)
    package(tmp_path, "pulumi-none", resource=False, name="none")
    package(tmp_path, "plain")
    value = base64.b64encode(b"{}").decode()
    package(tmp_path, "pulumi-gamma", resource=True, name="base", version="1.0.0",
            parameterization={"name": "gamma", "version": "0.1.0", "value": value})  # fmt: skip
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pulumi-plugin.json").write_text("{")
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "pulumi-plugin.json").write_text("[]")
    found = required_plugins([tmp_path])
    assert [(plugin.name, plugin.version, plugin.server) for plugin in found] == [
        ("alpha", "v3.1.4", ""),
        ("base", "v1.0.0", ""),
        ("beta", "v2.0.0", "https://example.com"),
    ]
    given = found[1].parameterization
    assert given is not None
    assert (given.name, given.version, given.value) == ("gamma", "0.1.0", b"{}")


def test_dependencies_that_nothing_asks_for(tmp_path: Path) -> None:
    package(tmp_path, "top", requires=("Mid.dle (>=1)", 'rare; extra == "x"'))
    package(tmp_path, "mid-dle")
    package(tmp_path, "rare")
    assert dependencies([tmp_path], transitive=False) == [("rare", "1.2.3"), ("top", "1.2.3")]
    assert dependencies([tmp_path], transitive=True) == [
        ("mid-dle", "1.2.3"),
        ("rare", "1.2.3"),
        ("top", "1.2.3"),
    ]


def test_the_options_of_a_program(tmp_path: Path) -> None:
    assert environment(str(tmp_path), {}) == Environment(None)
    assert environment(str(tmp_path), {"virtualenv": sys.prefix}).home == Path(sys.prefix)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert environment(str(tmp_path / "deep" / "er"), {"toolchain": "uv"}).home == tmp_path / ".venv"
    with pytest.raises(OptionError, match="venv"):
        environment(str(tmp_path), {}, plugin=True)


def test_an_activated_environment(tmp_path: Path) -> None:
    found = Environment(tmp_path)
    assert found.variables({"PATH": "/bin", "PYTHONHOME": "/x", "A": "b"}) == {
        "PATH": f"{tmp_path}/bin:/bin",
        "VIRTUAL_ENV": str(tmp_path),
        "A": "b",
    }
    assert found.variables({}) == {"PATH": f"{tmp_path}/bin", "VIRTUAL_ENV": str(tmp_path)}
    assert Environment(None).variables({"A": "b"}) == {"A": "b"}


def test_the_hosts_own_environment() -> None:
    own = Environment(None)
    assert own.python == sys.executable
    assert any((folder / "pulumi").is_dir() for folder in own.site_packages)
