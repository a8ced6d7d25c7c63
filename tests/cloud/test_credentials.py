"""The official chain, in a process of its own: it reads the environment when it is imported."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from paidsw.cloud import Connection, CredentialsMissing, DswClient, Uncertain

PROGRAM = """
import asyncio
from paidsw.cloud import Connection, CredentialsMissing, DswClient, Uncertain
try:
    print(asyncio.run(Connection().credentials_source()))
except CredentialsMissing as error:
    print("missing:", error, error.transient)
"""


def source(home: Path, **variables: str) -> tuple[str, str]:
    """What the chain answers in an empty home; standard output and standard error."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ALIBABA", "ALICLOUD"))}
    environment = {**kept, "HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", **variables}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip(), run.stderr.strip()


def test_missing_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    said, noise = source(tmp_path)
    assert said.startswith("missing: no Alibaba Cloud credentials were found in")
    for place in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "~/.aliyun/config.json", "make up"):
        assert place in said
    assert said.endswith("False")
    assert noise == ""


@pytest.mark.parametrize("key", ["planted-id"])
def test_the_environment_is_named_without_its_secret(tmp_path: Path, key: str) -> None:
    said, noise = source(
        tmp_path, ALIBABA_CLOUD_ACCESS_KEY_ID=key, ALIBABA_CLOUD_ACCESS_KEY_SECRET="planted-secret"
    )
    assert said == "default/env"
    assert "planted" not in said + noise


def test_half_a_pair_is_missing(tmp_path: Path) -> None:
    said, noise = source(tmp_path, ALIBABA_CLOUD_ACCESS_KEY_ID="planted-id")
    assert said == (
        "missing: no Alibaba Cloud credentials can be used: ALIBABA_CLOUD_ACCESS_KEY_ID is set and "
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not; set both False"
    )
    assert "planted" not in said + noise


def test_the_profile_of_the_cli_is_found(tmp_path: Path) -> None:
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    (folder / "config.json").write_text(
        """{"current": "default", "profiles": [{"name": "default", "mode": "AK",
        "access_key_id": "planted-id", "access_key_secret": "planted-secret", "region_id": "cn-beijing"}]}"""
    )
    said, _ = source(tmp_path)
    assert "cli_profile" in said
    assert "planted" not in said


Chain = Callable[..., str]


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    """What is missing in an empty home, by this process's own chain, which reads the environment again."""
    modules = [
        importlib.import_module(f"alibabacloud_credentials.utils.{name}")
        for name in ("auth_util", "auth_constant")
    ]

    def ask(**variables: str) -> str:
        for name in [name for name in os.environ if name.startswith("ALIBABA")]:
            monkeypatch.delenv(name)
        variables |= {"HOME": str(tmp_path), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for module in modules:
            importlib.reload(module)
        with pytest.raises(CredentialsMissing) as caught:
            asyncio.run(Connection().credentials_source())
        return str(caught.value)

    yield ask
    monkeypatch.undo()
    for module in modules:
        importlib.reload(module)


WHOLE = '{"current": "default", "profiles": [{"name": "default", "mode": "AK", "access_key_id": "planted"}]}'


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"\xef\xbb\xbf" + WHOLE.encode(), "it begins with a byte order mark, save it as UTF-8 without one"),
        (b'{"current": "default",\n "profiles": [', "it is not JSON (line 2, column 15)"),
        (b"", "it is not JSON (line 1, column 1)"),
        (b"[]", "it is not what `aliyun configure` writes"),
        (b'{"profiles": [{"mode": "AK"}]}', "it is not what `aliyun configure` writes"),
        (WHOLE.encode("utf-16"), "it begins with a byte order mark, save it as UTF-8 without one"),
        (b"\x80", "it is not what `aliyun configure` writes"),
        (b'{"current": "prod", "profiles": [{"name": "dev"}]}', "there is no profile 'prod' in it, only dev"),
        (b'{"current": "prod"}', "there is no profile 'prod' in it, only none at all"),
        (WHOLE.encode(), "its profile 'default' can't be used, the access key secret is empty"),
        (
            WHOLE.replace("AK", "Odd").encode(),
            "its profile 'default' can't be used, unsupported profile mode",
        ),
    ],
)
def test_a_profile_that_cannot_be_used_is_named(
    chain: Chain, tmp_path: Path, content: bytes, cause: str
) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    file.write_bytes(content)
    said = chain()
    assert said.startswith(f"no Alibaba Cloud credentials can be used: {file}: {cause}")
    assert f"; run `aliyun configure`, or correct {file}" in said
    assert "planted" not in said


def test_a_profile_that_the_environment_names(chain: Chain, tmp_path: Path) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    file.write_text(WHOLE)
    said = chain(ALIBABA_CLOUD_PROFILE="other")
    assert "there is no profile 'other' in it, only default" in said


@pytest.mark.parametrize(
    "content", ["[default]\ntype = odd\n", "[default]\ntype = access_key\n", "no section\n"]
)
def test_an_ini_file_that_cannot_be_used_is_named(chain: Chain, tmp_path: Path, content: str) -> None:
    file = tmp_path / ".alibabacloud" / "credentials.ini"
    file.parent.mkdir()
    file.write_text(content)
    said = chain()
    assert f"can be used: {file}: " in said
    assert said.endswith(f"; correct {file}")


def test_an_ini_file_that_is_not_there_is_named(chain: Chain, tmp_path: Path) -> None:
    said = chain(ALIBABA_CLOUD_CREDENTIALS_FILE=str(tmp_path / "none.ini"))
    assert f"can be used: {tmp_path / 'none.ini'}: " in said


def test_the_null_device_is_not_a_file_to_correct(chain: Chain) -> None:
    said = chain(ALIBABA_CLOUD_CREDENTIALS_FILE=os.devnull)
    assert said.startswith("no Alibaba Cloud credentials were found in ")
    assert os.devnull not in said


def test_all_that_is_wrong_is_reported_at_once(chain: Chain, tmp_path: Path) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    file.write_text("{")
    said = chain(ALIBABA_CLOUD_ACCESS_KEY_SECRET="planted")
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET is set and ALIBABA_CLOUD_ACCESS_KEY_ID is not, and " in said
    assert f"{file}: it is not JSON" in said
    assert "; set both, run `aliyun configure`, or correct" in said


def test_a_service_of_credentials_that_is_not_there_is_named(chain: Chain, tmp_path: Path) -> None:
    said = chain(ALIBABA_CLOUD_CREDENTIALS_URI="http://127.0.0.1:9/keys")
    assert "ALIBABA_CLOUD_CREDENTIALS_URI is set, but " in said
    assert said.endswith("; correct ALIBABA_CLOUD_CREDENTIALS_URI")


def test_a_chain_that_takes_its_time_does_not_block_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The chain reads files and asks services; meanwhile everything else continues."""
    released = threading.Event()
    asked: asyncio.Event
    loop: asyncio.AbstractEventLoop

    class Slow:
        def get_credential(self) -> Any:
            loop.call_soon_threadsafe(asked.set)
            assert released.wait(60), "nothing else ran meanwhile"
            raise RuntimeError("nothing found")

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("alibabacloud_credentials.client.Client", Slow)

    async def body() -> None:
        nonlocal asked, loop
        asked, loop = asyncio.Event(), asyncio.get_running_loop()
        calls = [
            asyncio.ensure_future(DswClient(Connection(), "cn-wulanchabu").get_user_config()),
            asyncio.ensure_future(Connection().credentials_source()),
        ]
        await asked.wait()
        released.set()
        for answer in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(answer, Uncertain | CredentialsMissing)

    asyncio.run(body())


def test_one_connection_asks_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Found:
        def __init__(self) -> None:
            made.append(self)

        def get_credential(self) -> Any:
            return SimpleNamespace(provider_name="default/env", access_key_secret="k3y", security_token=None)

    monkeypatch.setattr("alibabacloud_credentials.client.Client", Found)

    async def body() -> list[str]:
        connection = Connection()
        return await asyncio.gather(*(connection.credentials_source() for _ in range(20)))

    assert asyncio.run(body()) == ["default/env"] * 20
    assert len(made) == 1
