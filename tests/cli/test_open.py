"""`dsw open` on an emulator: which link, where it goes, and where it never does."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from paidsw.cli import redirect
from paidsw.cli.errors import ExitCode
from paidsw.cli.links import Link, show
from paidsw.cli.messages import Text
from paidsw.emulator.dsw.handlers import describe
from paidsw.emulator.testing import Emulator
from tests.support.command import Project
from tests.support.notebooks import HOSTILE, ask, call, change, create, create_foreign, is_harmless
from tests.support.plugin import Plugin
from tests.support.samples import REGION
from tests.support.waiting import PATIENCE

TOKEN = "s3cr3t-t0k3n"
REHEARSED = "A notebook of the emulator has a link, but nothing answers there.\n"
HINT = f"{Text.NO_PAGE_THERE}\n"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the page led that a browser was given."""
    given: list[str] = []

    def take(address: str) -> bool:
        given.append(target(page_of(address)))
        return True

    monkeypatch.setattr(webbrowser, "open", take)
    return given


@pytest.fixture(autouse=True)
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where pages are made; none may stay. No time passes."""
    monkeypatch.setattr(redirect, "sleep", lambda _: None)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "pages"))
    folder = tmp_path / "pages"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


def page_of(address: str) -> Path:
    """The file that a browser opens."""
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query) == ("file", "", "")
    assert TOKEN not in address
    return Path(url2pathname(parts.path))


def target(page: Path) -> str:
    """Where a page sends the browser, and where its link leads."""
    text = page.read_text("utf-8")
    [refresh] = re.findall(r'http-equiv="refresh" content="0; url=([^"]*)"', text)
    [link] = re.findall(r'href="([^"]*)" rel="noreferrer"', text)
    assert '<meta name="referrer" content="no-referrer">' in text
    assert refresh == link
    return html.unescape(refresh)


@pytest.fixture
def notebook(cloud: Emulator, plugin: Plugin) -> str:
    made = create(plugin, cloud)
    change(cloud, made, token=TOKEN)
    return made


def link(instance_id: str, page: str = "lab") -> str:
    return f"https://dsw-gateway-{REGION}.data.aliyun.com/{instance_id}/{page}/?token={TOKEN}"


def linked(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let the cloud tell another link."""
    names = ("InstanceUrl", "JupyterlabUrl", "WebIDEUrl", "TerminalUrl")
    monkeypatch.setattr(describe, "urls", lambda _: dict.fromkeys(names, url))


def test_the_browser_gets_the_link_and_the_terminal_does_not(
    project: Project, cloud: Emulator, notebook: str, opened: list[str]
) -> None:
    shown = ask(project, cloud, "open")
    assert (shown.code, shown.err) == (0, REHEARSED + HINT)
    assert opened == [link(notebook)]
    assert shown.out == f"Opened the JupyterLab of LLM_Finetune_01 ({notebook}) in the browser\n"


def test_json_is_for_programs(project: Project, cloud: Emulator, notebook: str, opened: list[str]) -> None:
    shown = ask(project, cloud, "open", "--terminal", "--json")
    assert json.loads(shown.out) == {"page": "terminal", "instanceId": notebook, "url": link(notebook, "tty")}
    assert (shown.code, shown.err, opened) == (0, "", [])


@pytest.mark.parametrize(("options", "page"), [((), "lab"), (("--webide",), "ide"), (("--terminal",), "tty")])
def test_print_prints_the_link_alone(
    project: Project, cloud: Emulator, notebook: str, opened: list[str], options: tuple[str, ...], page: str
) -> None:
    shown = ask(project, cloud, "open", "--print", *options)
    assert (shown.code, shown.out, shown.err) == (0, link(notebook, page) + "\n", "")
    assert opened == []
    assert {one.operation for one in cloud.calls[-2:]} == {"ListInstances", "GetInstance"}


@pytest.mark.parametrize("broken", [None, webbrowser.Error("none"), OSError(2, "gone")])
def test_without_a_browser_nothing_is_shown_but_how_to_print_it(
    project: Project,
    cloud: Emulator,
    notebook: str,
    monkeypatch: pytest.MonkeyPatch,
    broken: Exception | None,
) -> None:
    def fail(_url: str) -> bool:
        if broken:
            raise broken
        return False

    monkeypatch.setattr(webbrowser, "open", fail)
    shown = ask(project, cloud, "open")
    assert (shown.code, shown.out) == (ExitCode.FAILED, "")
    assert shown.err == f"{REHEARSED}error: no browser can be opened here; {Text.PRINT_LINK}\n"
    assert ask(project, cloud, "open", "--print").out == link(notebook) + "\n"


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names no script there, and files have no modes")
def test_a_real_browser_gets_a_page_that_only_its_owner_can_read(
    project: Project,
    cloud: Emulator,
    notebook: str,
    tmp_path: Path,
    pages: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen.json"
    browser.write_text(f"#!{sys.executable}\n{READS.format(seen=str(seen))}")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setenv("TMPDIR", str(pages))
    with project.start("open", "--emulator-url", cloud.url) as command:
        out, err = command.communicate(timeout=PATIENCE)
    assert (command.returncode, err) == (0, REHEARSED + HINT)
    found = json.loads(seen.read_text())
    assert found["modes"] == [0o600, 0o700]
    assert html.escape(link(notebook)) in found["page"]
    # Of every process of the machine, while the browser has the page.
    assert TOKEN not in json.dumps(found["arguments"])
    assert len(found["arguments"]) > 1
    assert TOKEN not in out + err


READS = """
import json, pathlib, stat, sys, urllib.request, urllib.parse
path = pathlib.Path(urllib.request.url2pathname(urllib.parse.urlsplit(sys.argv[1]).path))
modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]
processes = pathlib.Path("/proc").glob("[0-9]*/cmdline")
arguments = [sys.argv]
for process in processes:
    try:
        arguments.append(process.read_text(errors="replace"))
    except OSError:
        pass
found = {{"modes": modes, "page": path.read_text(), "arguments": arguments}}
open({seen!r}, "w").write(json.dumps(found))
"""


def test_a_page_goes_once_it_was_read(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    with redirect.page("https://x.example/?a=1&b='2'") as path:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                assert target(path) == "https://x.example/?a=1&b='2'"

        monkeypatch.setattr(redirect, "sleep", sleep)
        redirect.wait_until_read(path)
        assert path.exists()
    assert not path.parent.exists()
    assert len(slept) == 4


def test_a_page_that_nobody_reads_goes_too(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(redirect, "sleep", slept.append)
    with redirect.page("https://x.example/") as path:
        redirect.wait_until_read(path)
    assert not path.parent.exists()
    assert sum(slept) == pytest.approx(redirect.PATIENCE)


def test_ctrl_c_while_a_page_is_there_removes_it(
    project: Project, cloud: Emulator, notebook: str, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        assert len(list(pages.iterdir())) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", lambda _: True)
    monkeypatch.setattr(redirect, "sleep", interrupt)
    assert ask(project, cloud, "open").code == ExitCode.INTERRUPTED


def test_pages_of_commands_that_were_killed_go_and_nothing_else(pages: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / redirect.FILE).write_text("kept")
    old, young, other = (pages / f"dsw-open-{name}" for name in ("old", "young", "other"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / redirect.FILE).write_text(TOKEN)
    (other / "more").write_text("of somebody's")
    (pages / "dsw-open-link").symlink_to(elsewhere)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    with redirect.page("https://x.example/"):
        left = sorted(path.name for path in pages.iterdir())
    assert "dsw-open-old" not in left
    assert {"dsw-open-young", "dsw-open-other", "dsw-open-link"} <= set(left)
    assert (elsewhere / redirect.FILE).read_text() == "kept"
    assert (other / "more").exists()
    (pages / "dsw-open-link").unlink()
    shutil.rmtree(young)
    shutil.rmtree(other)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//",
        "file:///etc/passwd?",
        "ftp://dsw.aliyun.com/",
        "http:///lab/",
        "https://dsw.aliyun.com@elsewhere.example/",
        "https://[::1/",
        "https://dsw.aliyun.com/a b",
        'https://dsw.aliyun.com/";open -a x;"',
        "https://dsw.aliyun.com/\x1b]8;;",
        "https://dsw.aliyun.com/\u202e",
        "https://dsw.\u0430liyun.com/",
        "https://dsw.aliyun.com/\nX",
        "-https://dsw.aliyun.com/",
        "paidsw.cloud.aliyun.com/",
    ],
)
def test_what_is_no_plain_web_address_goes_nowhere(
    project: Project,
    cloud: Emulator,
    notebook: str,
    opened: list[str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
) -> None:
    linked(monkeypatch, f"{url}{TOKEN}")
    for options in ((), ("--print",)):
        shown = ask(project, cloud, "open", *options)
        assert (shown.code, shown.out, opened) == (ExitCode.FAILED, "", [])
        assert "is not a plain web address" in shown.err
        assert TOKEN not in shown.err
        assert url not in shown.err


def test_a_link_that_is_not_there_yet(
    project: Project, cloud: Emulator, notebook: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(monkeypatch, "")
    shown = ask(project, cloud, "open")
    assert (shown.code, opened) == (ExitCode.FAILED, [])
    assert f"gives no link to the JupyterLab of LLM_Finetune_01 ({notebook})" in shown.err


def test_none_runs(project: Project, cloud: Emulator, opened: list[str]) -> None:
    shown = ask(project, cloud, "open")
    assert shown.code == ExitCode.FAILED
    assert shown.err == (
        f"error: there is no notebook in {REGION}; make one with pulumi up, or name another --region\n"
    )
    assert opened == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Stopped", "is not running but Stopped; pulumi up starts it, unless running is set to false"),
        ("Stopping", "is not running but Stopping; pulumi up starts it, unless running is set to false"),
        ("Queuing", "is not running yet but Queuing; wait a minute"),
    ],
)
def test_one_that_does_not_run(
    project: Project, cloud: Emulator, notebook: str, opened: list[str], status: str, said: str
) -> None:
    cloud.force(notebook, status)
    for named in ((), (notebook,)):
        shown = ask(project, cloud, "open", *named)
        assert (shown.code, shown.out) == (ExitCode.FAILED, "")
        assert f"LLM_Finetune_01 ({notebook}) {said}" in shown.err
    assert opened == []


def test_none_of_several_runs(project: Project, cloud: Emulator, plugin: Plugin) -> None:
    for name in ("one", "two"):
        cloud.force(create(plugin, cloud, instanceName=name, sessionHours=1), "Stopped")
    shown = ask(project, cloud, "open")
    assert shown.code == ExitCode.FAILED
    assert f"no notebook is running in {REGION}; start one with pulumi up" in shown.err


def test_one_that_stops_while_it_is_asked_for(
    project: Project, cloud: Emulator, notebook: str, opened: list[str]
) -> None:
    cloud.faults.add("stale", "StopInstance", reads=1)
    call(cloud, lambda client: client.stop_instance(notebook))
    shown = ask(project, cloud, "open")
    assert shown.code == ExitCode.FAILED
    assert "is not running but Stopping" in shown.err
    assert [one.operation for one in cloud.calls[-2:]] == ["ListInstances", "GetInstance"]
    assert opened == []


def test_several_run(project: Project, cloud: Emulator, plugin: Plugin, opened: list[str]) -> None:
    ids = [create(plugin, cloud, instanceName=name, sessionHours=1) for name in ("one", "two")]
    shown = ask(project, cloud, "open")
    assert shown.code == ExitCode.FAILED
    assert all(one in shown.err for one in ids)
    assert ask(project, cloud, "open", ids[1]).code == 0
    assert [ids[1] in url for url in opened] == [True]


def test_the_one_of_ours_among_others(
    project: Project, cloud: Emulator, notebook: str, opened: list[str]
) -> None:
    other = create_foreign(cloud, "theirs")
    assert ask(project, cloud, "open").code == 0
    assert ask(project, cloud, "open", other).code == 0
    assert [notebook in opened[0], other in opened[1]] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dsw-none",), f"there is no 'dsw-none' in {REGION}; see dsw status"),
        (("dsw-\x1b[2J",), "there is no 'dsw-\\x1b[2J' in"),
        (("--region", "cn-beijing"), "there is no notebook in cn-beijing"),
    ],
)
def test_a_notebook_or_a_region_that_is_none(
    project: Project, cloud: Emulator, notebook: str, opened: list[str], arguments: tuple[str, ...], said: str
) -> None:
    shown = ask(project, cloud, "open", *arguments)
    assert (shown.code, shown.out, opened) == (ExitCode.FAILED, "", [])
    assert said in shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--region", "cn-nowhere"), "error: --region 'cn-nowhere' can't be used; use cn-wulanchabu, "),
        (("--webide", "--terminal"), "error: --webide and --terminal are two pages; give one of them"),
        (("--lab",), "error: no such option: --lab; see dsw open --help"),
    ],
)
def test_a_wrong_command_line(
    project: Project, cloud: Emulator, arguments: tuple[str, ...], said: str
) -> None:
    shown = ask(project, cloud, "open", *arguments)
    assert (shown.code, shown.out, cloud.calls) == (ExitCode.USAGE, "", [])
    assert shown.err.startswith(said)


@pytest.mark.parametrize("operation", ["ListInstances", "GetInstance"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http-500"},
        {"kind": "permission"},
        {"kind": "not-found"},
        {"kind": "cut-after"},
        {"kind": "bad-body", "body": "html"},
        {"kind": "error", "message": HOSTILE},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_a_cloud_that_fails_is_one_sentence_without_the_link(
    project: Project, cloud: Emulator, notebook: str, opened: list[str], operation: str, fault: dict[str, Any]
) -> None:
    cloud.faults.add(operation=operation, times=0, **fault)
    shown = ask(project, cloud, "open", "--print")
    assert (shown.code, shown.out, opened) == (ExitCode.FAILED, "", [])
    assert shown.err.startswith(f"error: {operation}: ")
    assert shown.err.count("\n") == 1
    assert is_harmless(shown.err)
    assert TOKEN not in shown.err


def test_a_hostile_name(project: Project, cloud: Emulator, notebook: str, opened: list[str]) -> None:
    change(cloud, notebook, name=HOSTILE)
    shown = ask(project, cloud, "open")
    assert opened == [link(notebook)]
    assert is_harmless(shown.out)
    cloud.force(notebook, HOSTILE)
    shown = ask(project, cloud, "open")
    assert shown.code == ExitCode.FAILED
    assert is_harmless(shown.err)


def test_a_page_of_the_real_cloud(opened: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    show(Link(link("dsw-1"), "the JupyterLab of x (dsw-1)"))
    assert opened == [link("dsw-1")]
    assert tuple(capsys.readouterr()) == ("Opened the JupyterLab of x (dsw-1) in the browser\n", HINT)


def test_a_link_is_not_in_what_a_traceback_shows() -> None:
    assert TOKEN not in repr(Link(link("dsw-1"), "the JupyterLab"))
