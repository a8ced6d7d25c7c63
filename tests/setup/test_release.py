"""The download of a release from a server on loopback: what is accepted, and everything that must be refused."""

import hashlib
import http.server
import io
import platform
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidsw.setup import release
from paidsw.setup.console import SetupError
from paidsw.setup.versions import PINNED
from tests.support.waiting import PATIENCE

SCRIPT = f"#!/bin/sh\necho v{PINNED}\n".encode()


class Mirror:
    """Files by path, served on loopback; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut = False
        self.answer = threading.Event()
        self.answer.set()
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                mirror.answer.wait(PATIENCE)
                content = mirror.files.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                cut = mirror.cut and self.path.endswith(".gz")
                self.wfile.write((content or b"")[: -10 if cut else None])

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def publish(self, archive: bytes, digest: str | None = None) -> None:
        name = release.source(self.url).name
        self.files[f"/{name}"] = archive
        line = f"{digest or hashlib.sha256(archive).hexdigest()}  {name}\n"
        self.files[f"/pulumi-{PINNED}-checksums.txt"] = ("0" * 64 + "  other.tar.gz\n" + line).encode()


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror()
    thread = threading.Thread(target=mirror.server.serve_forever, args=(0.01,))
    thread.start()
    yield mirror
    mirror.answer.set()
    mirror.server.shutdown()
    mirror.server.server_close()
    thread.join()


def ball(*members: tuple[str, bytes], link: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        folder = tarfile.TarInfo("pulumi")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("pulumi/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return buffer.getvalue()


GOOD = ball(
    ("pulumi/pulumi", SCRIPT),
    ("pulumi/pulumi-language-python", SCRIPT),
    ("pulumi/pulumi-language-python-exec", b""),
)


def tidy(root: Path) -> bool:
    """Nothing half-made is left."""
    return not list((root / ".tools").glob("*.partial"))


def test_a_verified_release_is_unpacked_whole(mirror: Mirror, tmp_path: Path) -> None:
    mirror.publish(GOOD)
    program = release.install(tmp_path, mirror.url)
    assert program == tmp_path / ".tools" / f"pulumi-{PINNED}" / "pulumi"
    assert program.read_bytes() == SCRIPT
    assert program.stat().st_mode & 0o111
    assert {path.name for path in program.parent.iterdir()} == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    }
    assert tidy(tmp_path)


def test_a_release_is_downloaded_once(mirror: Mirror, tmp_path: Path) -> None:
    mirror.publish(GOOD)
    release.install(tmp_path, mirror.url)
    asked = list(mirror.asked)
    release.install(tmp_path, mirror.url)
    assert mirror.asked == asked


@pytest.mark.parametrize(
    ("archive", "digest", "said"),
    [
        (GOOD, "a" * 64, "is not the archive that the release's checksums file names"),
        (b"not an archive", None, "is broken"),
        (GOOD[:-200], None, "is broken"),
        (ball(("pulumi/other", b"")), None, "holds no pulumi"),
        (ball(("pulumi/pulumi", SCRIPT), ("elsewhere/pulumi", b"other")), None, "unexpected member"),
        (ball(("pulumi/..", b"x")), None, "unexpected member"),
    ],
)
def test_what_is_not_the_release_is_refused(
    mirror: Mirror, tmp_path: Path, archive: bytes, digest: str | None, said: str
) -> None:
    mirror.publish(archive, digest)
    with pytest.raises(SetupError, match=said):
        release.install(tmp_path, mirror.url)
    assert not (tmp_path / ".tools" / f"pulumi-{PINNED}").exists()
    assert tidy(tmp_path)


def test_no_member_gets_out_of_the_folder(mirror: Mirror, tmp_path: Path) -> None:
    mirror.publish(
        ball(("pulumi/pulumi", SCRIPT), ("../../../evil", b"x"), ("/tmp/evil2", b"x"), link="/etc/passwd")
    )
    program = release.install(tmp_path, mirror.url)
    assert {path.name for path in program.parent.iterdir()} == {"pulumi", "evil", "evil2"}
    assert not (tmp_path / "evil").exists()


def test_a_windows_archive(tmp_path: Path) -> None:
    path = tmp_path / "pulumi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pulumi/bin/", "")
        archive.writestr("pulumi/bin/pulumi.exe", b"MZ")
        archive.writestr("pulumi\\bin\\other.exe", b"MZ")
    release.unpack(path, tmp_path)
    assert (tmp_path / "pulumi.exe").read_bytes() == (tmp_path / "other.exe").read_bytes() == b"MZ"


def test_a_download_that_stops_in_the_middle(mirror: Mirror, tmp_path: Path) -> None:
    mirror.publish(GOOD)
    mirror.cut = True
    with pytest.raises(SetupError, match="stopped in the middle"):
        release.install(tmp_path, mirror.url)
    assert tidy(tmp_path)


def test_a_missing_release(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"could not be reached \(HTTP 404"):
        release.install(tmp_path, mirror.url)


def test_a_checksums_file_without_our_archive(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files[f"/pulumi-{PINNED}-checksums.txt"] = (
        b"zz\n" + b"0" * 64 + b"  pulumi-v9.9.9-linux-x64.tar.gz\n"
    )
    with pytest.raises(SetupError, match="no line for"):
        release.install(tmp_path, mirror.url)


def test_a_host_that_does_not_answer_is_given_up(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "ANSWER_SECONDS", 0.1)
    mirror.answer.clear()
    with pytest.raises(SetupError, match="did not answer"):
        release.install(tmp_path, mirror.url)


def test_a_closed_port_is_given_up_at_once(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="could not be reached"):
        release.install(tmp_path, "http://127.0.0.1:1")


@pytest.mark.parametrize("url", ["http://example.com/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_only_encrypted_or_local_mirrors(url: str) -> None:
    with pytest.raises(SetupError, match="neither https nor on this machine"):
        release.open_url(url)


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("Linux", "x86_64", "linux-x64.tar.gz"),
        ("Linux", "aarch64", "linux-arm64.tar.gz"),
        ("Darwin", "arm64", "darwin-arm64.tar.gz"),
        ("Windows", "AMD64", "windows-x64.zip"),
    ],
)
def test_the_archive_of_each_platform(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    found = release.source()
    assert found.archive == f"https://get.pulumi.com/releases/sdk/pulumi-v{PINNED}-{name}"
    assert found.checksums.startswith("https://github.com/pulumi/pulumi/releases/download/")


def test_a_platform_without_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(SetupError, match="no release for Linux on riscv64"):
        release.source()


def test_digests_are_found_by_the_whole_name() -> None:
    text = f"{'A' * 64} *pulumi-v1-linux-x64.tar.gz\n{'b' * 64}  pulumi-v1-linux-x64.tar.gz.sig\n"
    assert release.expected_digest(text, "pulumi-v1-linux-x64.tar.gz") == "a" * 64
