"""What the READMEs advise where the alicloud plugin's hosts can't be reached, with the real `pulumi` and a mirror."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from paidsw.cli.doctor import alicloud, alicloud_archive
from paidsw.core.versions import ALICLOUD
from paidsw.setup.layout import ROOT, find_pulumi
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.engine
READMES = ("README.md", "README.zh-CN.md")


def archive() -> bytes:
    """A plugin that does nothing, packed as releases are."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as packed:
        program = tarfile.TarInfo("pulumi-resource-alicloud")
        program.mode = 0o755
        packed.addfile(program)
    return content.getvalue()


@dataclass
class Mirror:
    """A web server that has the plugin for this machine below one address."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    made = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            found = self.path == f"/plugins/{alicloud_archive()}"
            body = archive() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/plugins"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A Pulumi home without plugins, and no way out but to this machine."""
    nowhere = "http://127.0.0.1:9"
    return os.environ | {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1",
    }


def pulumi() -> Path:
    found = find_pulumi(ROOT)
    assert found is not None
    return found


def installed(environment: dict[str, str]) -> list[tuple[str, str]]:
    command = [str(pulumi()), "plugin", "ls", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=PATIENCE)
    return [(one["name"], one["version"]) for one in json.loads(done.stdout)]


def advice(readme: str, mark: str) -> str:
    """The command with this mark, as the README has it."""
    (line,) = re.findall(rf"^\$ (.*{re.escape(mark)}.*)$", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
    return str(line.partition("  #")[0])


def run(words: list[str], environment: dict[str, str]) -> None:
    assert words[0] == "pulumi"
    command = [str(pulumi()), *words[1:]]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("readme", READMES)
def test_a_mirror(readme: str, mirror: Mirror, environment: dict[str, str]) -> None:
    run(shlex.split(advice(readme, "--server").replace("https://MIRROR", mirror.url)), environment)
    assert installed(environment) == [("alicloud", ALICLOUD)]
    assert mirror.asked == [f"/plugins/{alicloud_archive()}"]
    assert alicloud(ROOT, pulumi(), environment).fix == ""


@pytest.mark.parametrize("readme", READMES)
def test_a_mirror_for_all_commands(readme: str, mirror: Mirror, environment: dict[str, str]) -> None:
    words = shlex.split(advice(readme, "OVERRIDES").replace("https://MIRROR", mirror.url))
    assert words[0] == "export"
    name, _, value = words[1].partition("=")
    run(["pulumi", "plugin", "install", "resource", "alicloud", ALICLOUD], environment | {name: value})
    assert installed(environment) == [("alicloud", ALICLOUD)]
    assert mirror.asked == [f"/plugins/{alicloud_archive()}"]


@pytest.mark.parametrize("readme", READMES)
def test_a_file(readme: str, tmp_path: Path, environment: dict[str, str]) -> None:
    file = tmp_path / alicloud_archive()
    file.write_bytes(archive())
    run([str(file) if word == "FILE" else word for word in advice(readme, "--file").split()], environment)
    assert installed(environment) == [("alicloud", ALICLOUD)]


def test_the_doctors_advice(mirror: Mirror, environment: dict[str, str]) -> None:
    line = alicloud(ROOT, pulumi(), environment)
    assert line.found == f"{ALICLOUD} is not installed"
    assert "--server" in line.fix
    assert f"--file and {alicloud_archive()}" in line.fix
    command = line.fix.partition(" (")[0].split()
    run([*command, "--server", mirror.url], environment)
    assert alicloud(ROOT, pulumi(), environment).fix == ""
