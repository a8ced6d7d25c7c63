"""`dsw doctor`: every line well, and every line broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paidsw.cli import doctor
from paidsw.cli.__main__ import main
from paidsw.cli.doctor import Line
from paidsw.cli.errors import ExitCode
from paidsw.cloud import CloudError, Connection, CredentialsMissing, NotSent, Reason
from paidsw.cloud.permissions import READS
from paidsw.core.versions import ALICLOUD
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import HOME

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


def lines(emulator: Emulator) -> dict[str, Line]:
    found = asyncio.run(doctor.in_cloud(Connection(emulator.url), HOME))
    assert len({line.what for line in found}) == len(found)
    return {line.what: line for line in found}


def script(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    made.chmod(0o755)
    return made


def machine(root: Path, **more: Any) -> dict[str, Line]:
    environ = {"PATH": f"{root / 'bin'}:/usr/bin:/bin"}
    return {line.what: line for line in doctor.machine(root, environ, **more)}


def pulumi(root: Path, version: str = "3.274.1", plugins: object = ()) -> None:
    (root / "plugins.json").write_text(json.dumps(plugins), encoding="utf-8")
    cases = f'case "$1" in version) echo v{version};; *) cat {root}/plugins.json;; esac'
    script(root / "bin", "pulumi", cases)
    script(root / "bin", "pulumi-language-python", "")


def test_a_cloud_in_which_all_is_well(emulator: Emulator) -> None:
    found = lines(emulator)
    assert [line for line in found.values() if line.fix] == []
    assert {f"may {actions[0]}" for actions in READS.values()} <= found.keys()
    assert {"DSW in cn-wulanchabu", "EAS in cn-wulanchabu", "DLC in cn-wulanchabu", "Billing"} <= found.keys()
    assert "at least 250.0 CU left" in found["trial"].found
    assert "not tried" in found["may write"].found
    assert all(call.operation.startswith(("List", "Get", "Query")) for call in emulator.calls)


@pytest.mark.parametrize("operation", sorted(READS))
def test_permissions_one_by_one(emulator: Emulator, operation: str) -> None:
    emulator.settings(denied=[operation])
    broken = [line for line in lines(emulator).values() if line.fix and line.what != "trial"]
    # Without ListInstances those of all workspaces can't be listed either.
    actions = READS[operation] if operation == "ListInstances" else READS[operation][:1]
    assert {line.what for line in broken} == {f"may {action}" for action in actions}
    assert all("attach docs/ram/read.json" in line.fix for line in broken)


def test_a_list_of_all_workspaces_is_a_permission_of_its_own(emulator: Emulator) -> None:
    assert lines(emulator)["may paidsw:ListAllInstances"].found == "yes"
    emulator.settings(denied=["paidsw:ListAllInstances"])
    broken = [line for line in lines(emulator).values() if line.fix]
    assert [(line.what, line.found) for line in broken] == [("may paidsw:ListAllInstances", "no permission")]
    assert "attach docs/ram/read.json" in broken[0].fix


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"claimed": False}, "claim it first"),
        ({"remaining_cu": 0}, "wait for the next month"),
        ({"expires_at": "2026-01-05T02:00:00Z"}, "the trial ended"),
    ],
)
def test_a_trial_that_does_not_pay(emulator: Emulator, change: dict[str, Any], words: str) -> None:
    emulator.trial(**change)
    assert words in lines(emulator)["trial"].fix


def test_a_trial_that_was_not_told(emulator: Emulator) -> None:
    emulator.settings(denied=["GetUserConfig"])
    assert lines(emulator)["trial"].found == "not known"


def test_a_clock_that_is_off(emulator: Emulator) -> None:
    emulator.settings(skew_seconds=3600)
    assert "turns requests away" in lines(emulator)["clock"].found


@pytest.mark.parametrize(
    ("off", "stands", "well"),
    [
        (0, "0 s slow", True),
        (-100, "100 s slow", True),
        (400, "400 s fast", False),
        (-4000, "4000 s slow", False),
    ],
)
def test_the_clock_by_an_answers_date(off: float, stands: str, well: bool) -> None:
    line = doctor.skew("Mon, 05 Jan 2026 02:00:00 GMT", 1767578400 + off)
    assert (line.found, not line.fix) == (stands, well)


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_a_cloud_that_does_not_say_its_time(date: str | None) -> None:
    assert "didn't say" in doctor.skew(date, 0).found


def test_nobody_there_has_no_date() -> None:
    assert asyncio.run(doctor.server_date("http://127.0.0.1:9/")) is None


def test_a_server_says_its_date(emulator: Emulator) -> None:
    assert asyncio.run(doctor.server_date(f"{emulator.url}/")) == "Mon, 05 Jan 2026 02:00:00 GMT"


def test_services_that_do_not_answer() -> None:
    from paidsw.audit.regions import Service

    lost = NotSent("x", "no", code=Reason.NO_ADDRESS)
    refused = CloudError("x", "no", code="Bad", status=400)
    answers = {
        "ListInstances": (Service.DSW, lost),
        "ListServices": (Service.EAS, refused),
        "ListJobs": (Service.DLC, TimeoutError()),
        "QueryAccountBalance": (Service.BILLING, lost),
    }
    found = {line.what: line for line in doctor.addresses(HOME, answers)}
    assert found["DSW in cn-wulanchabu"].fix == "check network, proxy and firewall"
    assert found["EAS in cn-wulanchabu"].fix == ""
    assert found["DLC in cn-wulanchabu"].fix == ""  # no document places it there
    assert found["Billing"].fix
    known = {line.what: line for line in doctor.permissions(answers)}
    assert known["may paidsw:ListInstances"].found == "not known (no such host)"
    assert known["may paidlc:ListJobs"].found == "not known (no answer in time)"


def test_a_service_that_cannot_be_reached_says_why() -> None:
    from paidsw.audit.regions import Service

    untrusted = NotSent(
        "x", "the certificate of y is not trusted", advice="set SSL_CERT_FILE", code=Reason.CERTIFICATE
    )
    [line] = doctor.addresses(HOME, {"ListInstances": (Service.DSW, untrusted)})
    cause = "doesn't answer: the certificate of y is not trusted"
    assert line == Line("DSW in cn-wulanchabu", cause, "set SSL_CERT_FILE")


def test_a_network_setting_that_cannot_be_used_is_all_it_says(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unusable(self: Connection) -> str:
        raise NotSent("", "HTTPS_PROXY is x", advice="unset it", code=Reason.SETTING, transient=False)

    monkeypatch.setattr(Connection, "credentials_source", unusable)
    assert list(lines(emulator).values()) == [Line("network", "HTTPS_PROXY is x", "unset it")]


def test_without_credentials_it_says_so_and_asks_nobody(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(self: Connection) -> str:
        raise CredentialsMissing("none", "set one")

    monkeypatch.setattr(Connection, "credentials_source", none)
    found = lines(emulator)
    assert list(found) == ["credentials"]
    assert (found["credentials"].found, found["credentials"].fix) == ("none", "set one")
    assert emulator.calls == []


def test_the_real_cloud_names_the_link_of_the_chain_and_compares_clocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from paidsw.audit.regions import Service

    async def source(self: Connection) -> str:
        return "default/env"

    async def ask(looker: Any, region: str) -> dict[str, Any]:
        return {"GetUserConfig": (Service.DSW, TimeoutError())}

    async def date(url: str) -> str:
        assert url == "https://pai-dsw.cn-wulanchabu.aliyuncs.com/"
        return "Mon, 05 Jan 2026 02:00:00 GMT"

    monkeypatch.setattr(Connection, "credentials_source", source)
    monkeypatch.setattr(doctor, "ask_everything", ask)
    monkeypatch.setattr(doctor, "server_date", date)
    found = {line.what: line for line in asyncio.run(doctor.in_cloud(Connection(), HOME))}
    assert found["credentials"].found == "from default/env"
    assert "network" in found["clock"].fix  # that date is long past
    assert found["DSW in cn-wulanchabu"].fix


def test_a_machine_in_which_all_is_well(tmp_path: Path) -> None:
    pulumi(tmp_path, plugins=[{"name": "alicloud", "version": ALICLOUD}])
    (tmp_path / "provider").mkdir()
    (tmp_path / "provider" / "PulumiPlugin.yaml").touch()
    found = machine(tmp_path)
    assert list(found) == ["Python", "Pulumi", "language host", "plugin paidsw", "plugin alicloud"]
    assert [line for line in found.values() if line.fix] == []
    assert "3.274.1" in found["Pulumi"].found


def test_an_empty_machine(tmp_path: Path) -> None:
    found = machine(tmp_path)
    assert list(found) == ["Python", "Pulumi"]
    assert found["Pulumi"].fix == "python3 tools setup"


def test_the_installed_library_has_no_set_up_to_advise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paidsw.setup.layout.IN_CHECKOUT", False)
    fix = machine(tmp_path)["Pulumi"].fix
    assert fix.startswith("install it")
    assert "tools" not in fix


def test_an_old_pulumi_without_its_language_host(tmp_path: Path) -> None:
    pulumi(tmp_path, version="3.1.0", plugins=[{"name": "alicloud", "version": "3.9.0"}])
    (tmp_path / "bin" / "pulumi-language-python").unlink()
    found = machine(tmp_path)
    assert "or newer" in found["Pulumi"].fix
    assert found["language host"].fix == "python3 tools setup"
    assert found["plugin paidsw"].fix
    assert found["plugin alicloud"].found == f"{ALICLOUD} is not installed, only 3.9.0"


@pytest.mark.parametrize("listed", [{"a": 1}, [1], "text", 5])
def test_a_pulumi_that_does_not_list_its_plugins(tmp_path: Path, listed: object) -> None:
    pulumi(tmp_path, plugins=listed)
    assert "install resource alicloud" in machine(tmp_path)["plugin alicloud"].fix


def test_a_rehearsal_has_its_own_plugin_for_the_workspace(tmp_path: Path) -> None:
    pulumi(tmp_path)
    assert machine(tmp_path, rehearsal=True)["plugin alicloud"].fix == "get this project again"
    assert [line.fix for line in doctor.own_plugins(ROOT, rehearsal=True)] == ["", ""]


def test_an_old_python() -> None:
    assert doctor.python((3, 10)).fix == "use 3.11 or newer"
    assert doctor.python((3, 11)).fix == ""


def test_the_command_says_each_line_and_its_exit_code(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    for folder in (tmp_path / "provider", tmp_path / "rehearsal" / "alicloud"):
        folder.mkdir(parents=True)
        (folder / "PulumiPlugin.yaml").touch()
    assert main(["doctor", "--emulator-url", emulator.url], tmp_path) == 0
    said = capsys.readouterr().out
    assert all(line.startswith("ok  ") for line in said.splitlines())
    emulator.settings(denied=["ListJobs"])
    assert main(["doctor", "--emulator-url", emulator.url], tmp_path) == 1
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("fix")]
    assert line.split()[1:3] == ["may", "paidlc:ListJobs"]
    assert "no permission; attach docs/ram/read.json" in line
    assert main(["doctor", "--emulator-url", emulator.url, "--json"], tmp_path) == ExitCode.FOUND
    (broken,) = [one for one in json.loads(capsys.readouterr().out) if not one["ok"]]
    assert (broken["check"], broken["found"]) == ("may paidlc:ListJobs", "no permission")
    assert broken["fix"].startswith("attach docs/ram/read.json")


def test_a_wrong_region(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--region", "cn-heyuan"]) == ExitCode.USAGE
    assert "has no DSW" in capsys.readouterr().err


def test_a_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.show([Line("x", "a\nb\x1b[2J\u202e"), Line("y", "a", "b\nc")])
    assert capsys.readouterr().out == "ok   x  a\ufffdb\ufffd[2J\ufffd\nfix  y  a; b\ufffdc\n"
