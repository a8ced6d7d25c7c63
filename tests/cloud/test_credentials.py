"""The official chain, in a process of its own: it reads the environment when it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio
from paidsw.cloud import Connection, CredentialsMissing
try:
    print(asyncio.run(Connection().credentials_source()))
except CredentialsMissing as error:
    print("missing:", error.message, error.transient)
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
    assert said.startswith("missing:")
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
