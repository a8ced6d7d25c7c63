"""Corporate networks: a CA of one's own, proxies, and the sentences for what goes wrong there."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paidsw.audit.run import Options, audit
from paidsw.cloud import Connection, DswClient, NotSent, Reason
from paidsw.cloud.network import prepare, shown_proxy
from paidsw.cloud.polling import is_transient
from paidsw.cloud.services import BillingClient, EasClient
from paidsw.cloud.workspaces import WorkspaceClient
from tests.support.authority import Authority
from tests.support.inspecting import Proxy, inspecting
from tests.support.waiting import PATIENCE

REGION = "cn-wulanchabu"
HOST = f"pai-dsw.{REGION}.aliyuncs.com"
VARIABLES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the variables is set, and what a call sets is taken back."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("alibabacloud_credentials.utils.auth_util.environment_access_key_id", "an-id")
    monkeypatch.setattr("alibabacloud_credentials.utils.auth_util.environment_access_key_secret", "a-secret")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def inspector(authority: Authority) -> Iterator[Proxy]:
    with inspecting(authority.issued("*.cn-wulanchabu.aliyuncs.com")) as proxy:
        yield proxy


@pytest.fixture
def proxy(inspector: Proxy, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    inspector.connected.clear()
    monkeypatch.setenv("HTTPS_PROXY", inspector.url)
    return inspector


def listed(ca_bundle: str = "") -> Any:
    async def body() -> Any:
        return await DswClient(Connection(ca_bundle=ca_bundle), REGION).all_instances()

    return asyncio.run(body())


def failed() -> NotSent:
    with pytest.raises(NotSent) as caught:
        listed()
    return caught.value


def test_an_unknown_ca_is_named_with_the_variable_to_set(proxy: Proxy) -> None:
    error = failed()
    assert error.code == Reason.CERTIFICATE
    assert str(error).startswith(f"ListInstances: the certificate of {HOST} is not trusted (")
    assert str(error).endswith("set SSL_CERT_FILE to the PEM file of its CA certificate")
    assert "SSLCert" not in str(error)
    assert not is_transient(error)
    assert proxy.connected == [f"{HOST}:443"]


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_variable_makes_it_trusted(
    proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.bundle))
    assert listed() == []
    assert proxy.connected == [f"{HOST}:443"]


def test_a_setting_makes_it_trusted(proxy: Proxy, authority: Authority) -> None:
    assert listed(str(authority.bundle)) == []
    assert proxy.connected == [f"{HOST}:443"]


def test_a_bundle_counts_beside_another_that_is_set(
    proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).bundle))
    assert str(failed().advice).startswith("SSL_CERT_FILE names ")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    assert listed() == []
    assert os.environ["SSL_CERT_FILE"] != str(authority.bundle)


def test_a_folder_of_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert prepare(HOST) == ""
    assert (os.environ["SSL_CERT_DIR"], os.environ["SSL_CERT_FILE"]) == (str(tmp_path), "")


@pytest.mark.parametrize(
    ("client", "operation", "host"),
    [
        (DswClient, "ListInstances", HOST),
        (WorkspaceClient, "ListWorkspaces", f"aiworkspace.{REGION}.aliyuncs.com"),
        (EasClient, "ListServices", f"pai-eas.{REGION}.aliyuncs.com"),
    ],
)
def test_every_client_trusts_the_same(
    proxy: Proxy,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    client: Any,
    operation: str,
    host: str,
) -> None:
    async def body() -> Any:
        return await client(Connection(), REGION).call(operation, {})

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    assert asyncio.run(body())["RequestId"] == "R"
    assert proxy.connected == [f"{host}:443"]


def test_a_certificate_of_another_host_is_no_matter_of_a_ca(
    proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> Any:
        return await BillingClient(Connection(), REGION).call("QueryAccountBalance", {})

    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with pytest.raises(NotSent, match="another server answers at this address") as caught:
        asyncio.run(body())
    assert caught.value.code == Reason.CERTIFICATE


def test_a_certificate_that_has_expired(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = authority.issued(HOST, until=timedelta(days=-1))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with inspecting(certificate) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failed()
    assert "has expired" in str(error.message)
    assert "clock" in str(error.advice)


def test_a_server_that_speaks_no_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with inspecting(None) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failed()
    assert str(error.message) == f"no TLS connection to {HOST}: WRONG_VERSION_NUMBER"


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_bundle_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: bytes | None
) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv(variable, str(bundle))
    error = failed()
    why = "can't be read: no such file or directory" if content is None else "holds no PEM certificate"
    assert str(error.message) == f"{variable} names {bundle}, which {why}"
    assert str(error.advice) == "set it to the PEM file of your network's CA certificates, or unset it"
    assert not is_transient(error)


# --- proxies ---


@pytest.mark.parametrize(
    ("status", "code", "words", "advice"),
    [
        (407, Reason.PROXY, "asks for a user and a password", "http://USER:PASSWORD@HOST:PORT"),
        (403, Reason.PROXY, "it answered HTTP 403", "*.aliyuncs.com"),
        (502, Reason.GATEWAY, "it answered HTTP 502", "*.aliyuncs.com"),
    ],
)
def test_a_proxy_that_refuses_is_named(
    monkeypatch: pytest.MonkeyPatch, status: int, code: Reason, words: str, advice: str
) -> None:
    with inspecting(None, status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:planted@"))
        error = failed()
    assert error.code == code
    assert f"the proxy {proxy.url} (HTTPS_PROXY)" in str(error.message)
    assert words in str(error.message)
    assert advice in str(error.advice)
    assert "planted" not in str(error)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv(variable, f"http://user:planted@127.0.0.1:{port}")
    error = failed()
    assert (
        str(error.message)
        == f"the proxy http://127.0.0.1:{port} can't be reached: the connection was refused"
    )
    assert str(error.advice) == f"check the address in {variable}, and that the proxy runs"


@pytest.mark.parametrize("url", ["proxy.corp:8080", "socks5://127.0.0.1:1080", "http://", "http://[::1", "x"])
def test_a_proxy_of_another_form_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    error = failed()
    assert str(error.message) == f"HTTPS_PROXY is {url}, which is not the address of an HTTP proxy"
    assert str(error.advice) == "write HTTPS_PROXY=http://HOST:PORT, or unset it"


@pytest.mark.parametrize("hosts", ["*", ".aliyuncs.com", "example.com, aliyuncs.com", HOST])
def test_hosts_that_need_no_proxy_are_asked_directly(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", hosts)
    prepare(HOST)
    assert "https_proxy" not in os.environ
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")
    prepare(HOST)
    assert os.environ["https_proxy"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://user:pass@host:1", "http://host:1"),
        ("http://us@er:pa@ss@host:1", "http://host:1"),
        ("user:pass@host:1", "host:1"),
        ("http://user:p://q@host:1", "http://host:1"),
        ("user:p://q@host:1", "host:1"),
    ],
)
def test_a_proxys_password_is_never_shown(url: str, shown: str) -> None:
    assert shown_proxy(url) == shown


# --- no proxy, and no network ---


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), Reason.NO_ADDRESS, "there is no address for"),
        (ConnectionRefusedError(111, "Connection refused"), Reason.REFUSED, "the connection was refused"),
        (OSError(101, "Network is unreachable"), Reason.UNREACHABLE, "network is unreachable"),
        (ssl.SSLError(1, "wrong version number"), Reason.TLS, "no TLS connection to"),
    ],
)
def test_failures_to_connect_are_in_peoples_words(
    monkeypatch: pytest.MonkeyPatch, raised: OSError, code: Reason, words: str
) -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        raise raised

    where = "aiohttp.resolver.ThreadedResolver.resolve" if isinstance(raised, socket.gaierror) else None
    monkeypatch.setattr(where or "aiohttp.connector.aiohappyeyeballs.start_connection", fail)
    if where is None:
        monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolved)
    error = failed()
    assert (error.code, error.transient) == (code, code != Reason.TLS)
    assert words in str(error.message)
    assert HOST in str(error.message)
    assert type(raised).__name__ not in str(error)


async def resolved(self: Any, host: str, port: int = 0, family: int = 0) -> Any:
    return [
        {
            "hostname": host,
            "host": "127.0.0.1",
            "port": port,
            "family": socket.AF_INET,
            "proto": 0,
            "flags": 0,
        }
    ]


def test_the_command_says_it_too(inspector: Proxy, tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    environment = kept | {
        "HOME": str(tmp_path),
        "HTTPS_PROXY": inspector.url,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "planted-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "planted-secret",
    }
    command = [sys.executable, "-m", "paidsw.cli", "backup", "--list", "--region", REGION]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (3, "")
    host = f"aiworkspace.{REGION}.aliyuncs.com"
    assert done.stderr.startswith(f"error: ListImages: the certificate of {host} is not trusted (")
    assert done.stderr.endswith("set SSL_CERT_FILE to the PEM file of its CA certificate\n")
    assert "planted" not in done.stderr


def test_the_audit_says_it_too(proxy: Proxy) -> None:
    report = asyncio.run(audit(Options(Connection(), (REGION,), billing=False, limit=300)))
    told = {str(item.why) for item in report.not_seen if item.service == "DSW" and item.blocking}
    assert {why.partition(" (")[0] for why in told} == {
        f"not reachable: the certificate of {HOST} is not trusted"
    }
    assert {str(item.fix).partition(", ")[2] for item in report.not_seen if item.blocking} == {
        "set SSL_CERT_FILE to the PEM file of its CA certificate"
    }


def test_the_command_without_credentials_is_one_sentence(tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ALIBABA")}
    environment = kept | {"HOME": str(tmp_path), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "paidsw.cli", "audit"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: the audit can't begin: no Alibaba Cloud credentials were found in ")
    assert done.stderr.count("\n") == 1
