"""Networks with a certificate authority of their own, and package mirrors: what works, and what is said if not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.setup import layout, network, packages, release, uv
from paidsw.setup.console import SetupError
from tests.support.servers import Server, authority, serving
from tests.support.wheels import Wheel, project, setuptools, wheel

from .test_packages import own_uv, told


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(certificates: tuple[Path, Path]) -> Iterator[Server]:
    with serving(certificates[1]) as server:
        yield server


@pytest.fixture
def wheels(tmp_path: Path) -> list[Wheel]:
    (tmp_path / "wheels").mkdir()
    return [setuptools(tmp_path / "wheels"), wheel(tmp_path / "wheels", "thing", "1.0")]


def variables(tmp_path: Path, **more: str) -> dict[str, str]:
    """A user without any setting of pip, uv or OpenSSL but those given."""
    dropped = (*network.CERTIFICATES, "SSL_CERT_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    kept = {name: value for name, value in kept.items() if not name.startswith(("PIP_", "UV_"))}
    settings = tmp_path / "pip.conf"
    settings.touch()
    own = {"PIP_CONFIG_FILE": os.devnull, "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_HTTP_RETRIES": "0"}
    return {**kept, **own, "NO_PROXY": "localhost", "PATH": own_uv(), **more}


@pytest.mark.parametrize("variable", network.CERTIFICATES)
def test_packages_come_through_a_private_authority(
    server: Server, certificates: tuple[Path, Path], wheels: list[Wheel], tmp_path: Path, variable: str
) -> None:
    server.offer(*wheels)
    root = tmp_path / "project"
    project(root, wheels, wheels)
    given = {variable: str(certificates[0]), "PIP_INDEX_URL": f"{server.url}/simple"}
    packages.prepare(root, "run", variables(tmp_path, **given))
    assert told(root, "tiny") == "1.0"
    assert "/simple/thing/" in server.asked


def test_an_unknown_authority_is_named_with_the_variable_that_helps(
    server: Server, wheels: list[Wheel], tmp_path: Path
) -> None:
    server.offer(*wheels)
    root = tmp_path / "project"
    project(root, wheels, wheels)
    given = variables(tmp_path, UV_DEFAULT_INDEX=f"{server.url}/simple")
    with pytest.raises(
        SetupError, match=r"certificate .* is not trusted; .*export SSL_CERT_FILE=/path/to/ca\.pem"
    ):
        packages.prepare(root, "run", given)
    assert packages.usable(root), "nothing was changed"


def test_uv_itself_comes_through_a_private_authority(
    server: Server, certificates: tuple[Path, Path], tmp_path: Path
) -> None:
    from tests.support.wheels import pack

    from .test_uv import LOCK

    text = {
        "uv-9.8.7.data/scripts/uv": "#!/bin/sh\n",
        "uv-9.8.7.dist-info/METADATA": "Name: uv\nVersion: 9.8.7\n",
    }
    text["uv-9.8.7.dist-info/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    found = pack(tmp_path, "uv", "9.8.7", {name: content.encode() for name, content in text.items()})
    server.offer(found)
    root = tmp_path / "project"
    root.mkdir()
    (root / "uv.lock").write_text(LOCK.format(version="9.8.7", digest=found.digest))
    given = variables(tmp_path, UV_INDEX_URL=f"{server.url}/simple", PATH="/nonexistent")
    with pytest.raises(SetupError, match=r"certificate .* is not trusted; .*export SSL_CERT_FILE="):
        uv.obtain(root, {**given, "PIP_RETRIES": "0"})
    found_uv = uv.obtain(root, {**given, "SSL_CERT_FILE": str(certificates[0])}).program
    assert found_uv == layout.tools(root) / "uv-9.8.7" / "bin" / "uv"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*network.CERTIFICATES, "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("variable", network.CERTIFICATES)
def test_a_release_comes_through_a_private_authority(
    server: Server, certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    server.files["/x"] = b"content"
    with pytest.raises(
        SetupError, match=r"certificate is not trusted: .*export SSL_CERT_FILE=/path/to/ca\.pem"
    ):
        release.open_url(f"{server.url}/x")
    monkeypatch.setenv(variable, str(certificates[0]))
    with release.open_url(f"{server.url}/x") as response:
        assert response.read() == b"content"


@pytest.mark.usefixtures("bare")
def test_a_file_without_certificates_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(
        SetupError, match=r"missing\.pem is not a file of certificates .*correct SSL_CERT_FILE"
    ):
        release.open_url("https://127.0.0.1:1/x")


@pytest.mark.usefixtures("bare")
def test_a_redirect_stays_encrypted(
    server: Server, certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[0]))
    with serving() as plain:
        plain.files["/x"] = server.files["/x"] = b"content"
        server.moved = {
            "/here": f"{server.url}/x",
            "/plain": f"{plain.url}/x",
            "/twice": f"{server.url}/plain",
            "/far": "http://example.com/x",
            "/file": "ftp://127.0.0.1/x",
        }
        with release.open_url(f"{server.url}/here") as response:
            assert response.read() == b"content"
        for path in ("/plain", "/twice", "/far", "/file"):
            with pytest.raises(SetupError, match=r"sends on to .*, which is not https"):
                release.open_url(server.url + path)
        assert plain.asked == []
        plain.moved = {"/here": f"{plain.url}/x", "/far": "http://example.com/x"}
        with release.open_url(f"{plain.url}/here") as response:
            assert response.read() == b"content"
        with pytest.raises(SetupError, match="which is not https"):
            release.open_url(f"{plain.url}/far")
