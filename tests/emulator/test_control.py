"""The control interface, through its own client and by hand."""

from __future__ import annotations

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204.models import DeleteWorkspaceRequest
from darabonba.exceptions import DaraException

from paidsw.emulator.clock import FROZEN_START, iso
from paidsw.emulator.control import Control
from paidsw.emulator.errors import ApiError, EmulatorError
from paidsw.emulator.faults import Fault
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import A10, HOME, Cloud


@pytest.fixture
def control(emulator: Emulator) -> Control:
    return Control(emulator.url)


def raw(emulator: Emulator, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    try:
        sent = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in sent)
        for key, value in (sent | {"Content-Length": str(len(body))}).items():
            connection.putheader(key, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_status(control: Control) -> None:
    found = control.status()
    assert (found.frozen, found.region, found.now) == (True, HOME, "2026-01-05T02:00:00Z")
    assert found.now_ms == control.now_ms() == FROZEN_START
    assert len(found.nonce) == 32


def test_the_clock(control: Control, cloud: Cloud) -> None:
    made = cloud.create()
    assert control.advance(180).now_ms == FROZEN_START + 185_000
    assert cloud.status(made) == "Running"
    assert control.freeze("2026-02-01T00:00:00Z").now == "2026-02-01T00:00:00Z"
    assert control.freeze("2026-01-01T00:00:00Z").now == "2026-02-01T00:00:00Z"
    running = control.thaw()
    assert not running.frozen
    assert control.now_ms() >= running.now_ms >= 1_769_904_000_000
    assert control.freeze().frozen


def test_the_clock_of_a_running_world(cloud: Cloud) -> None:
    with running_emulator(frozen=False) as emulator:
        control = Control(emulator.url)
        before = control.now_ms()
        assert control.advance(3600).now_ms >= before + 3_600_000


@pytest.mark.parametrize("seconds", [-1, "1", True, [], 10**10])
def test_a_wrong_step_of_the_clock(emulator: Emulator, seconds: object) -> None:
    before = emulator.clock.now_ms()
    status, body = raw(emulator, "POST", "/_emulator/clock", json.dumps({"advance": seconds}))
    assert status == 400
    assert "advance must be between 0 and" in body["message"]
    assert emulator.clock.now_ms() == before


def test_live_and_bill(control: Control, cloud: Cloud) -> None:
    made = cloud.create()
    cloud.set_timer(made, 4)
    cloud.set_culler(made, 30)
    control.advance(600)
    thing = control.live()[0]
    assert (thing.kind, thing.id, thing.region, thing.name) == ("instance", made, HOME, "notebook")
    assert (thing.status, thing.billed, thing.detail) == ("Running", False, A10)
    assert thing.cu_per_hour == Decimal("6.991")
    assert (thing.timer_due, thing.culler_minutes) == (iso(FROZEN_START + 4 * 3_600_000 + 5_000), 30)
    assert thing.unguarded_ms == 0
    assert [item.kind for item in control.live()] == ["instance", "workspace"]
    bill = control.bill()
    assert (bill.total, bill.month, len(bill.lines)) == (Decimal(0), "2026-01", 1)
    assert bill.cu_used > 0


def test_calls(control: Control, cloud: Cloud) -> None:
    cloud.names()
    cloud.workspace()
    assert [call.operation for call in control.calls()] == ["ListInstances", "CreateWorkspace"]
    assert [call.operation for call in control.calls(last=1)] == ["CreateWorkspace"]
    control.clear_calls()
    assert control.calls() == []


def test_faults(control: Control, cloud: Cloud) -> None:
    control.add_fault(Fault("http-503", "ListInstances", times=0))
    with pytest.raises(DaraException):
        cloud.names()
    control.clear_faults()
    assert cloud.names() == []


def test_settings(control: Control) -> None:
    assert control.settings().strict_update is True
    assert control.settings(strict_update=False, durations={"Creating": 1}).durations == {"Creating": 1.0}
    assert control.settings().strict_update is False
    for change in ({"strict": True}, {"latency_ms": "1"}, {"durations": {"Creating": -1}}):
        with pytest.raises(EmulatorError, match="refused: settings: "):
            control.settings(**change)
    assert control.settings().durations == {"Creating": 1.0}


def test_the_trial(control: Control) -> None:
    control.trial(remaining_cu="10.5")
    assert control.bill().cu_left == Decimal("10.5")
    control.trial(claimed=False)
    assert control.bill().cu_left == 0
    control.trial(claimed_at="2025-12-20T00:00:00Z", expires_at="2026-01-06T00:00:00Z")
    assert control.bill().cu_left == Decimal("10.5")
    for change in ({"remaining_cu": "x"}, {"remaining_cu": -1}, {"claimed_at": "x"}, {"cu": 1}):
        with pytest.raises(EmulatorError, match="refused: trial: "):
            control.trial(**change)


def test_forcing_a_status(control: Control, cloud: Cloud) -> None:
    made = cloud.running()
    control.force(made, "Arrearge", "Arrears", "the account owes money")
    assert (cloud.get(made)["Status"], cloud.get(made)["ReasonCode"]) == ("Arrearge", "Arrears")
    with pytest.raises(EmulatorError, match="no instance dsw-none"):
        control.force("dsw-none", "Stopped")


def test_reset_keeps_settings_and_clears_the_rest(control: Control, cloud: Cloud) -> None:
    control.settings(strict_delete=True)
    control.add_fault(Fault("http-503"))
    cloud.emulator.clock.advance(days=40)
    control.reset()
    cloud.names()
    assert (control.live(), control.bill().lines, len(control.calls())) == ([], [], 1)
    assert control.now_ms() == FROZEN_START
    assert control.settings().strict_delete is True


def test_names_that_nobody_sees(control: Control, cloud: Cloud) -> None:
    control.settings(recycle_bin_days=14)
    control.dataworks(HOME, "space")
    with pytest.raises(DaraException, match="100400009"):
        cloud.workspace("space")
    control.dataworks(HOME, "space", taken=False)
    made = cloud.workspace("space")
    cloud.aiws().delete_workspace(made, DeleteWorkspaceRequest())
    control.empty_recycle_bin(HOME)
    assert cloud.workspace("space")
    with pytest.raises(EmulatorError, match="unknown region"):
        control.empty_recycle_bin("cn-nowhere")


def test_a_default_workspace(control: Control) -> None:
    made = control.default_workspace("cn-beijing")
    assert [(thing.id, thing.region) for thing in control.live()] == [(made, "cn-beijing")]
    with pytest.raises(EmulatorError, match="unknown region"):
        control.default_workspace("cn-nowhere")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8790", "https://127.0.0.1:8790", "http://127.0.0.1", "127.0.0.1:8790", ""]
)
def test_only_a_loopback_address_is_an_emulator(url: str) -> None:
    with pytest.raises(EmulatorError, match="is not an emulator's address"):
        Control(url)


def test_nobody_there_is_one_sentence() -> None:
    with running_emulator() as emulator:
        control = Control(emulator.url)
    with pytest.raises(EmulatorError, match="start it with `dsw emulator start`"):
        control.status()


def test_a_refusal_in_the_own_process_is_an_error_too(emulator: Emulator) -> None:
    with pytest.raises(ApiError, match="unknown setting 'x'"):
        emulator.settings(x=1)


def test_stop_needs_the_nonce(emulator: Emulator, control: Control) -> None:
    with pytest.raises(EmulatorError, match="nonce"):
        control.stop("guess")
    assert control.status().version == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "pai-dsw.cn-beijing.aliyuncs.com"]
)
@pytest.mark.parametrize("path", ["/_emulator/live", "/_emulator/", "//127.0.0.1/_emulator/live"])
def test_a_name_that_points_here_is_not_let_in(emulator: Emulator, host: str, path: str) -> None:
    status, body = raw(emulator, "GET", path, Host=host)
    assert status in (400, 403, 404)
    assert "kind" not in json.dumps(body)
    status, body = raw(emulator, "GET", f"http://127.0.0.1{path}", Host=host)
    assert status in (400, 403, 404)
    assert "kind" not in json.dumps(body)


def test_a_page_of_another_site_is_not_let_in(emulator: Emulator) -> None:
    step = json.dumps({"advance": 60})
    before = emulator.clock.now_ms()
    assert raw(emulator, "POST", "/_emulator/clock", step, Origin="http://evil.example")[0] == 403
    assert raw(emulator, "POST", "/_emulator/clock", step, Content_Type="text/plain")[0] == 415
    assert emulator.clock.now_ms() == before
    assert raw(emulator, "POST", "/_emulator/clock", step, Origin=emulator.url)[0] == 200


def test_no_such_control_call(emulator: Emulator) -> None:
    for method, name in (("GET", "nothing"), ("PUT", "clock"), ("GET", "status/x"), ("POST", "_x")):
        assert raw(emulator, method, f"/_emulator/{name}", "{}")[0] == 404
    assert raw(emulator, "POST", "/_emulator/clock", "[")[0] == 400
    assert (
        raw(emulator, "POST", "/_emulator/activity", "{}")[1]["message"] == "activity: instance_id is missing"
    )


# --- another server in its place ---


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """A server that answers everything with an empty object."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("call", ["status", "now_ms", "thaw", "live", "calls", "reset"])
def test_a_stranger_is_no_emulator(stranger: str, call: str) -> None:
    with pytest.raises(EmulatorError, match="is not an emulator, or one of another version"):
        getattr(Control(stranger), call)()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999", "http://127.0.0.1:x", "http://[::1", "http://:1", "http://127.0.0.1:0"]
)
def test_an_address_that_cannot_be_read(url: str) -> None:
    with pytest.raises(EmulatorError, match="is not an emulator's address"):
        Control(url)
