"""The official Pulumi CLI as a release archive: downloaded, verified, unpacked into the project's own folder.

The archive is compared with the checksums file of the same release, fetched from another host than the archive. No
digest is written down here, because the release hosts could not be reached when this was written: a release whose
archive and checksums file were both replaced would not be noticed. The set-up says so, and docs/decisions.md.
"""

import hashlib
import http.client
import os
import platform
import re
import shutil
import ssl
import tarfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import layout, network
from .console import SetupError, Step
from .messages import Text
from .process import check_stopped
from .versions import PINNED

ARCHIVES = "https://get.pulumi.com/releases/sdk"
CHECKSUMS = f"https://github.com/pulumi/pulumi/releases/download/v{PINNED}"
# A mirror of both, for networks that reach neither host.
MIRROR_VARIABLE = "DSW_PULUMI_MIRROR"
ANSWER_SECONDS = 5.0
STALL_SECONDS = 20.0
LARGEST_CHECKSUMS = 1 << 20
LARGEST_ARCHIVE = 1 << 30

_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Source:
    """Where the archive and the checksums file of one platform are."""

    archive: str
    checksums: str

    @property
    def name(self) -> str:
        """The archive's file name, as the checksums file has it."""
        return self.archive.rpartition("/")[2]


def source(mirror: str | None = None) -> Source:
    """The addresses for this machine. SetupError if Pulumi isn't released for it."""
    system, machine = _SYSTEMS.get(platform.system()), _MACHINES.get(platform.machine().lower())
    if system is None or machine is None:
        raise SetupError(Text.NOT_RELEASED(system=platform.system(), machine=platform.machine()))
    name = f"pulumi-v{PINNED}-{system}-{machine}.{'zip' if system == 'windows' else 'tar.gz'}"
    archives, checksums = (mirror, mirror) if mirror else (ARCHIVES, CHECKSUMS)
    return Source(f"{archives}/{name}", f"{checksums}/pulumi-{PINNED}-checksums.txt")


def install(root: Path, mirror: str | None = None) -> Path:
    """Get the pinned release into `.tools`; the path of its `pulumi`. SetupError if it can't be had or verified."""
    home = layout.tools(root) / f"pulumi-{PINNED}"
    program = home / ("pulumi.exe" if layout.WINDOWS else "pulumi")
    if program.is_file():
        return program
    wanted = source(mirror)
    with Step(
        "Pulumi CLI",
        f"Downloading Pulumi {PINNED}, verified by its release's own checksums "
        f"(about 150 MB, once; an answer within {ANSWER_SECONDS:.0f} s or another way)",
    ) as step:
        digest = expected_digest(_read(wanted.checksums), wanted.name)
        partial = layout.tools(root) / f"pulumi-{PINNED}.{os.getpid()}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            archive = partial / wanted.name
            _download(wanted.archive, archive, digest, step)
            unpack(archive, partial)
            archive.unlink()
            if not (partial / program.name).is_file():
                raise SetupError(Text.NO_PROGRAM_IN_ARCHIVE(archive=wanted.archive, program=program.name))
            shutil.rmtree(home, ignore_errors=True)
            partial.replace(home)
        except OSError as error:
            raise SetupError(
                Text.ARCHIVE_NOT_STORED(archive=wanted.archive, folder=partial, why=error)
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return program


def expected_digest(checksums: str, name: str) -> str:
    """The SHA-256 of the file `name` in the text of a checksums file. SetupError if it isn't there."""
    for line in checksums.splitlines():
        match = re.fullmatch(r"([0-9a-fA-F]{64})\s+\*?(.+)", line.strip())
        if match and match[2] == name:
            return match[1].lower()
    raise SetupError(Text.NO_CHECKSUM(name=name))


def _read(url: str) -> str:
    with open_url(url) as response:
        return response.read(LARGEST_CHECKSUMS).decode("utf-8", "replace")


def _download(url: str, target: Path, digest: str, step: Step) -> None:
    found, size = hashlib.sha256(), 0
    with open_url(url) as response, target.open("wb") as file:
        for chunk in _chunks(response, url):
            size += len(chunk)
            found.update(chunk)
            file.write(chunk)
            step.update(f"{size >> 20} MB")
    if found.hexdigest() != digest:
        raise SetupError(Text.WRONG_CHECKSUM(url=url))


def _chunks(response: http.client.HTTPResponse, url: str) -> Iterator[bytes]:
    size = 0
    try:
        while chunk := response.read(1 << 18):
            check_stopped()
            size += len(chunk)
            if size > LARGEST_ARCHIVE:
                raise SetupError(Text.TOO_LARGE(url=url))
            yield chunk
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise SetupError(Text.BROKEN_OFF(url=url)) from error
    # A connection that is closed too early ends the reading like a whole answer.
    if response.length:
        raise SetupError(Text.BROKEN_OFF(url=url))


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where a download may start, and never from https to anything else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _trusted(newurl) or (req.full_url.startswith("https:") and not newurl.startswith("https:")):
            fp.close()
            raise SetupError(Text.UNSAFE_REDIRECT(host=req.host, url=newurl))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    trusted = network.certificates(os.environ)
    try:
        context = ssl.create_default_context(cafile=trusted)
    except OSError as error:
        raise SetupError(Text.NO_CERTIFICATES(path=trusted, why=error)) from error
    if trusted:
        # Python 3.13 refuses what many companies' authorities leave out of their certificates; pip and uv don't.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return urllib.request.build_opener(_CheckedRedirects, urllib.request.HTTPSHandler(context=context))


def open_url(url: str) -> http.client.HTTPResponse:
    """The answer of a host. SetupError if it has none within `ANSWER_SECONDS`, name look-up included."""
    if not _trusted(url):
        raise SetupError(Text.NOT_TRUSTED(url=url))
    opener = _opener()
    answers: list[http.client.HTTPResponse | Exception] = []

    def ask() -> None:
        try:
            answers.append(opener.open(url, timeout=STALL_SECONDS))
        except Exception as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            answers.append(error)

    # A name look-up has no time limit of its own; the thread is left to its fate.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    host = urllib.parse.urlsplit(url).netloc
    if not answers:
        raise SetupError(Text.NO_ANSWER(host=host, seconds=f"{ANSWER_SECONDS:.0f}"))
    if isinstance(answers[0], SetupError):
        raise answers[0]
    if isinstance(answers[0], Exception):
        raise SetupError(Text.NOT_REACHED(host=host, why=_reason(answers[0])))
    return answers[0]


def _trusted(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in layout.LOOPBACK)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {reason.verify_message}; {network.ADVICE}"
    return str(reason)


def unpack(archive: Path, target: Path) -> None:
    """Unpack the regular files of a release archive, without its folders, into `target`.

    Only the last part of a member's name is used, so that no archive can write anywhere else. SetupError if two
    members have the same name or the archive is broken.
    """
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as bundle:
                for entry in bundle.infolist():
                    if not entry.is_dir():
                        _place(entry.filename, bundle.open(entry), target)
        else:
            with tarfile.open(archive, "r:gz") as ball:
                for member in ball:
                    content = ball.extractfile(member) if member.isfile() else None
                    if content is not None:
                        _place(member.name, content, target)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise SetupError(Text.BROKEN_ARCHIVE(archive=archive.name, why=error)) from error


def _place(name: str, content: IO[bytes], target: Path) -> None:
    last = re.split(r"[/\\]", name)[-1]
    path = target / last
    if last in ("", ".", "..") or path.exists():
        raise SetupError(Text.UNEXPECTED_MEMBER(member=repr(name)))
    with content, path.open("wb") as file:
        shutil.copyfileobj(content, file)
    path.chmod(0o755)
