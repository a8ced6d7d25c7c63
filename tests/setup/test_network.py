"""A mirror, proxy or certificate that is set for one tool counts for the other."""

import os
from pathlib import Path

import pytest

from paidsw.setup import network

MIRROR = "https://mirror.example/simple"
NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def home(tmp_path: Path, files: dict[str, str]) -> dict[str, str]:
    """The variables of a user whose home has these files."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "etc")}


def test_pips_mirror_counts_for_uv(tmp_path: Path) -> None:
    result = network.for_uv(
        {**NO_FILES, "PIP_INDEX_URL": MIRROR, "PIP_EXTRA_INDEX_URL": "https://a https://b"}
    )
    assert result["UV_DEFAULT_INDEX"] == MIRROR
    assert result["UV_EXTRA_INDEX_URL"] == "https://a https://b"


@pytest.mark.parametrize("name", [".config/pip/pip.conf", ".pip/pip.conf", "etc/pip/pip.conf"])
def test_a_mirror_in_pips_file_counts_for_uv(tmp_path: Path, name: str) -> None:
    environ = home(tmp_path, {name: f"[global]\nindex-url = {MIRROR}\ntrusted-host = mirror.example\n"})
    result = network.for_uv(environ)
    assert result["UV_DEFAULT_INDEX"] == MIRROR
    assert result["UV_INSECURE_HOST"] == "mirror.example"


def test_pips_own_order_of_files_and_variables(tmp_path: Path) -> None:
    files = {
        "etc/pip/pip.conf": "[global]\nindex-url = everyone\ntimeout = 7\n",
        ".config/pip/pip.conf": "[global]\nindex_url = user\n[install]\nfind-links = a\n  b\n",
        "own.conf": "[global]\nproxy = http://proxy\n",
    }
    environ = {**home(tmp_path, files), "PIP_CONFIG_FILE": str(tmp_path / "own.conf")}
    settings = network.pip_settings(environ)
    assert settings["index-url"] == "user"
    assert settings["timeout"] == "7"
    assert settings["proxy"] == "http://proxy"
    assert settings["find-links"].split() == ["a", "b"]
    assert network.for_uv(environ)["UV_FIND_LINKS"] == "a,b"
    assert network.pip_settings({**environ, "PIP_INDEX_URL": "variable"})["index-url"] == "variable"
    assert network.pip_settings({**environ, **NO_FILES}) == {"config-file": os.devnull}


def test_a_file_that_pip_could_not_read_is_passed_over(tmp_path: Path) -> None:
    environ = home(tmp_path, {".config/pip/pip.conf": "index-url = no section\n"})
    assert "UV_DEFAULT_INDEX" not in network.for_uv(environ)


def test_uvs_own_setting_wins(tmp_path: Path) -> None:
    given = {**NO_FILES, "PIP_INDEX_URL": "https://pip", "UV_DEFAULT_INDEX": MIRROR}
    assert network.for_uv(given)["UV_DEFAULT_INDEX"] == MIRROR
    assert "UV_DEFAULT_INDEX" not in network.for_uv(
        {**NO_FILES, "UV_INDEX_URL": MIRROR, "PIP_INDEX_URL": "x"}
    )
    for text in (f'index-url = "{MIRROR}"', f'[[index]]\nurl = "{MIRROR}"', f'[pip]\nindex-url = "{MIRROR}"'):
        environ = {**home(tmp_path, {".config/uv/uv.toml": text}), "PIP_INDEX_URL": "https://pip"}
        assert "UV_DEFAULT_INDEX" not in network.for_uv(environ)
    environ = {**home(tmp_path, {".config/uv/uv.toml": "offline = false"}), "PIP_INDEX_URL": "https://pip"}
    assert network.for_uv(environ)["UV_DEFAULT_INDEX"] == "https://pip"


@pytest.mark.parametrize(
    "given", [{"UV_DEFAULT_INDEX": MIRROR}, {"UV_INDEX_URL": MIRROR}, {"UV_DEFAULT_INDEX": f"name={MIRROR}"}]
)
def test_uvs_mirror_counts_for_pip(given: dict[str, str]) -> None:
    assert network.for_pip({**NO_FILES, **given})["PIP_INDEX_URL"] == MIRROR
    assert network.for_pip({**NO_FILES, **given, "PIP_INDEX_URL": "own"})["PIP_INDEX_URL"] == "own"


@pytest.mark.parametrize("name", network.CERTIFICATES)
def test_a_certificate_authority_counts_for_both(name: str) -> None:
    given = {**NO_FILES, name: "/ca.pem"}
    assert network.for_uv(given)["SSL_CERT_FILE"] == "/ca.pem"
    assert network.for_pip(given)["PIP_CERT"] == "/ca.pem"
    assert network.certificates(given) == "/ca.pem"


def test_a_certificate_authority_in_pips_file(tmp_path: Path) -> None:
    environ = home(tmp_path, {".config/pip/pip.conf": "[global]\ncert = /ca.pem\nclient-cert = /me.pem\n"})
    assert network.for_uv(environ)["SSL_CERT_FILE"] == "/ca.pem"
    assert network.for_uv(environ)["SSL_CLIENT_CERT"] == "/me.pem"


def test_a_proxy_of_pip_counts_unless_there_is_another() -> None:
    given = {**NO_FILES, "PIP_PROXY": "http://proxy:1"}
    assert network.for_uv(given)["HTTPS_PROXY"] == network.for_uv(given)["HTTP_PROXY"] == "http://proxy:1"
    result = network.for_uv({**given, "https_proxy": "http://other:1"})
    assert "HTTPS_PROXY" not in result
    assert result["https_proxy"] == "http://other:1"


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_no_index(value: str, wanted: bool) -> None:
    assert network.no_index({**NO_FILES, "PIP_NO_INDEX": value}) is wanted


def test_settings_that_change_what_is_installed_or_where_stay_out() -> None:
    wrong = {
        "PIP_TARGET": "/x",
        "PIP_PREFIX": "/x",
        "PIP_CONSTRAINT": "/x",
        "PIP_NO_BINARY": ":all:",
        "UV_PROJECT_ENVIRONMENT": "/x",
        "UV_PYTHON": "3.9",
        "UV_RESOLUTION": "lowest",
        "UV_EXCLUDE_NEWER": "2020-01-01",
        "UV_NO_VERIFY_HASHES": "1",
        "UV_PROJECT": "/x",
        "PYTHONHOME": "/x",
        "PYTHONPATH": "/x",
    }
    left = set(network.for_uv({**NO_FILES, **wrong}))
    assert not {name for name in wrong if not name.startswith("PIP_")} & left
    kept = network.for_pip({**NO_FILES, **wrong, "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1"})
    refused = {"PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "PIP_NO_BINARY", "PYTHONHOME", "PYTHONPATH"}
    assert not refused & set(kept)
    assert kept["PIP_USER"] == kept["PIP_REQUIRE_VIRTUALENV"] == "0"


def test_of_pips_files_only_the_network_counts(tmp_path: Path) -> None:
    text = f"[global]\nindex-url = {MIRROR}\nextra-index-url = https://a\n  https://b\ntarget = /x\nconstraint = /x\n"
    kept = network.for_pip(home(tmp_path, {".config/pip/pip.conf": text}))
    assert kept["PIP_CONFIG_FILE"] == os.devnull, "pip reads none of them itself"
    assert kept["PIP_INDEX_URL"] == MIRROR
    assert kept["PIP_EXTRA_INDEX_URL"] == "https://a https://b"
    assert not {"PIP_TARGET", "PIP_CONSTRAINT"} & set(kept)


def test_a_file_of_certificates_that_is_not_there_is_named(tmp_path: Path) -> None:
    there = tmp_path / "ca.pem"
    there.touch()
    missing = f"{tmp_path}/missing.pem"
    given = {**NO_FILES, "REQUESTS_CA_BUNDLE": missing}
    assert (
        network.wrong_certificates(given)
        == f"REQUESTS_CA_BUNDLE={missing} is not there; correct it, or unset it"
    )
    assert network.wrong_certificates({**given, "SSL_CERT_FILE": str(there)}) is None
    assert network.wrong_certificates(NO_FILES) is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"HTTPS_PROXY": "http://me:secret@proxy:1"}, "HTTPS_PROXY=http://***@proxy:1"),
        ({"all_proxy": "socks5://proxy:1", "PIP_PROXY": "x"}, "all_proxy=socks5://proxy:1"),
        ({"PIP_PROXY": "me:secret@proxy:1"}, "pip's proxy=***@proxy:1"),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_a_proxy_is_named_without_its_password(given: dict[str, str], told: str | None) -> None:
    assert network.proxy({**NO_FILES, **given}) == told
