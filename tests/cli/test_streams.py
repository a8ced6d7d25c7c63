"""Output in every encoding and to every kind of file: no traceback, and the exit code of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from paidsw.cli.errors import ExitCode
from paidsw.emulator.testing import Emulator, running_emulator
from paidsw.setup.layout import ROOT
from tests.support.notebooks import create_foreign

DSW = (sys.executable, "-m", "paidsw.cli")
# The same `dsw` with a command that finds something at once: an audit loads the clouds' SDKs first.
FINDING = """
import sys
from paidsw.cli.__main__ import main
from paidsw.cli.app import app
from paidsw.cli.errors import ExitCode
from paidsw.cli.output import print_table

@app.command()
def find() -> int:
    print_table([("instance", "\\u514d\\u8d39")], ("Kind", "Name"))
    return ExitCode.FOUND

sys.exit(main())
"""
FIND = (sys.executable, "-c", FINDING)
posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell and devices of Unix")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """A cloud with a notebook of somebody else's, which an audit finds."""
    with running_emulator() as found:
        create_foreign(found, "one")
        yield found


def run(
    *arguments: str, dsw: Sequence[str] = DSW, stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    return subprocess.run(
        [*dsw, *arguments],
        env=environment | variables,
        cwd=ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def shell(script: str, *arguments: str, dsw: Sequence[str] = DSW) -> subprocess.CompletedProcess[bytes]:
    """Run `script` in a shell, where "$@" is the command."""
    return subprocess.run(
        ["bash", "-c", script, "bash", *dsw, *arguments],
        cwd=ROOT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("cp1252", "??"),
        ("latin-1", "??"),
        ("ascii", "??"),
        ("cp437", "??"),
        ("gbk", "免费"),
        ("utf-8", "免费"),
    ],
)
def test_what_an_encoding_lacks_is_replaced(encoding: str, shown: str) -> None:
    done = run("find", dsw=FIND, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (ExitCode.FOUND, b"")
    text = done.stdout.decode(encoding)
    assert shown in text


@pytest.mark.parametrize("utf8", ["0", "1"])
def test_the_posix_locale(utf8: str) -> None:
    done = run("find", dsw=FIND, LC_ALL="C", PYTHONUTF8=utf8, PYTHONCOERCECLOCALE="0")
    assert (done.returncode, done.stderr) == (ExitCode.FOUND, b"")
    assert ("免费" in done.stdout.decode("utf-8")) is (utf8 == "1")


def test_a_message_is_replaced_too() -> None:
    done = run("status", "--region", "免费", PYTHONIOENCODING="ascii")
    assert done.returncode != 0
    assert done.stdout == b""
    assert done.stderr.startswith(b"error: --region '??' ")
    assert done.stderr.count(b"\n") == 1


def test_unbuffered(emulator: Emulator) -> None:
    done = run(*("audit", "--emulator-url", emulator.url), PYTHONUNBUFFERED="1", PYTHONIOENCODING="cp1252")
    assert (done.returncode, done.stderr) == (ExitCode.FOUND, b"")
    assert b"??" in done.stdout


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream(closed: str) -> None:
    done = shell(f'"$@" {closed}', "find", dsw=FIND)
    assert (done.returncode, done.stderr) == (ExitCode.FOUND, b"")
    assert bool(done.stdout) is (">&-" not in closed.replace("2>&-", ""))


@posix
def test_an_error_has_its_exit_code_where_nobody_hears_it() -> None:
    heard, unheard = run("status", "--region", "x"), shell('"$@" 2>&-', "status", "--region", "x")
    assert heard.returncode == unheard.returncode != 0
    assert unheard.stdout == b""


@posix
def test_what_a_command_starts_finds_its_streams_open(tmp_path: Path) -> None:
    """Closed, they would be given to the first socket that a child opens."""
    seen = tmp_path / "seen"
    code = f"import os; open({str(seen)!r}, 'w').write(str([os.fstat(n).st_rdev for n in range(3)]))"
    start = (
        "import subprocess, sys; from paidsw.cli.streams import tolerant\n"
        f"with tolerant(): subprocess.check_call([sys.executable, '-c', {code!r}])"
    )
    subprocess.run(
        ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", sys.executable, "-c", start], cwd=ROOT, check=True
    )
    null = os.stat(os.devnull).st_rdev
    assert seen.read_text() == str([null] * 3)


@posix
@pytest.mark.parametrize("command", ["audit", "--help"])
def test_a_reader_that_leaves(emulator: Emulator, command: str) -> None:
    arguments = (command, "--emulator-url", emulator.url) if command == "audit" else (command,)
    done = shell('"$@" | true; exit ${PIPESTATUS[0]}', *arguments)
    assert (done.returncode, done.stderr) == (ExitCode.FOUND if command == "audit" else 0, b"")


@posix
def test_a_watch_ends_when_nobody_reads(emulator: Emulator) -> None:
    done = shell(
        '"$@" | true; exit ${PIPESTATUS[0]}', "audit", "--emulator-url", emulator.url, "--watch", "60"
    )
    assert (done.returncode, done.stderr) == (ExitCode.FOUND, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    ("arguments", "code"), [(("audit",), ExitCode.FOUND), (("doctor",), ExitCode.FAILED)]
)
def test_a_full_disk_is_reported(emulator: Emulator, arguments: tuple[str, ...], code: int) -> None:
    """Output that is lost must not look like success, nor success like findings."""
    done = shell('"$@" > /dev/full', *arguments, "--emulator-url", emulator.url)
    assert done.stderr.startswith(b"error: the output can't be written: No space left on device; ")
    assert done.stderr.count(b"\n") == 1
    assert done.returncode == code
    assert shell('"$@" > /dev/full 2>&1', *arguments, "--emulator-url", emulator.url).returncode == code
