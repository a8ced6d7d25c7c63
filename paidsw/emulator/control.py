"""A client of the control interface, to move the emulator's clock and ask what lives in it."""

from __future__ import annotations

import contextlib
import http.client
import json
from typing import Any, TypeVar
from urllib.parse import urlsplit

from paidsw.core.record import NONCE_HEADER

from .account import CallRecord
from .codec import decode
from .control_api import PREFIX, Status
from .errors import EmulatorError
from .faults import Fault
from .hosts import is_loopback
from .ledger.bill import Bill
from .ledger.live import Live
from .messages import Text
from .state import Settings

T = TypeVar("T")


class Control:
    """Control calls to the emulator at ``url``, such as ``http://127.0.0.1:8790``; to no other than that of ``nonce``.

    Every call raises EmulatorError, in one sentence, when the emulator doesn't answer or refuses.
    """

    def __init__(self, url: str, *, nonce: str = "", timeout: float = 10.0) -> None:
        found = _address(url)
        if found is None:
            raise EmulatorError(Text.NOT_AN_ADDRESS(url=url), Text.LIKE_THIS())
        host, port = found
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._address = found
        self._nonce = nonce
        self._timeout = timeout

    def status(self) -> Status:
        """Version, process, clock, home region."""
        return self._ask(Status, "GET", "status")

    def now_ms(self) -> int:
        """The emulator's time, milliseconds since 1970."""
        return self.status().now_ms

    def advance(self, seconds: float) -> Status:
        """Move the clock forward; everything due on the way happens, in order."""
        return self._ask(Status, "POST", "clock", {"advance": seconds})

    def freeze(self, at: str | None = None) -> Status:
        """Stop the clock, now or at a later ISO time."""
        return self._ask(Status, "POST", "clock", {"freeze": True} | ({"at": at} if at else {}))

    def thaw(self) -> Status:
        """Let the clock run again."""
        return self._ask(Status, "POST", "clock", {"thaw": True})

    def live(self) -> list[Live]:
        """Everything that lives, with what it costs now."""
        return self._ask(list[Live], "GET", "live")

    def bill(self) -> Bill:
        """The bill up to now."""
        return self._ask(Bill, "GET", "bill")

    def calls(self, last: int | None = None) -> list[CallRecord]:
        """The calls that came in, oldest first; ``last`` limits them."""
        name = "calls" if last is None else f"calls?last={last}"
        return self._ask(list[CallRecord], "GET", name)

    def clear_calls(self) -> None:
        """Forget the calls."""
        self._call("DELETE", "calls", {})

    def add_fault(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._call("POST", "faults", vars(fault))

    def clear_faults(self) -> None:
        """End all faults."""
        self._call("DELETE", "faults", {})

    def settings(self, **changes: Any) -> Settings:
        """Change settings, if any are given; the settings in force."""
        return self._ask(Settings, "POST", "settings", changes)

    def trial(self, **changes: Any) -> None:
        """Change the trial: claimed, claimed_at, expires_at, remaining_cu."""
        self._call("POST", "trial", changes)

    def activity(self, instance_id: str, *, cpu: int, gpu: int = 0) -> None:
        """The load of an instance in percent."""
        self._call("POST", "activity", {"instance_id": instance_id, "cpu": cpu, "gpu": gpu})

    def force(self, instance_id: str, status: str, reason_code: str = "", reason_message: str = "") -> None:
        """Put an instance into a status and let it stay there."""
        values = {"status": status, "reason_code": reason_code, "reason_message": reason_message}
        self._call("POST", "force", {"instance_id": instance_id} | values)

    def default_workspace(self, region: str) -> str:
        """Give a region a default workspace; its id."""
        return self._ask(dict[str, str], "POST", "default_workspace", {"region": region})["workspace_id"]

    def dataworks(self, region: str, name: str, *, taken: bool = True) -> None:
        """Let a workspace of DataWorks have a name, or not any more."""
        self._call("POST", "dataworks", {"region": region, "name": name, "taken": taken})

    def empty_recycle_bin(self, region: str) -> None:
        """Free the names of a region's deleted workspaces."""
        self._call("POST", "empty_recycle_bin", {"region": region})

    def other(self, kind: str, identifier: str, region: str, **details: Any) -> None:
        """Put an EAS service or resource group or a DLC job there: name, status, wire."""
        values = {"name": identifier, "status": "Running"} | details
        self._call("POST", "other", {"kind": kind, "id": identifier, "region": region} | values)

    def reset(self) -> Status:
        """Begin again with an empty account; settings stay."""
        return self._ask(Status, "POST", "reset", {})

    def stop(self, nonce: str) -> None:
        """Stop the emulator with this nonce."""
        self._call("POST", "stop", {"nonce": nonce})

    def _ask(self, kind: type[T], method: str, name: str, body: dict[str, Any] | None = None) -> T:
        try:
            return decode(kind, self._call(method, name, body))
        except ValueError as error:
            raise EmulatorError(Text.NOT_AN_EMULATOR(url=self.url)) from error

    def _call(self, method: str, name: str, body: dict[str, Any] | None = None) -> bytes:
        """The JSON text of the answer."""
        connection = http.client.HTTPConnection(*self._address, timeout=self._timeout)
        try:
            headers = {"Content-Type": "application/json"}
            headers |= {NONCE_HEADER: self._nonce} if self._nonce else {}
            text = None if body is None else json.dumps(body)
            connection.request(method, PREFIX + name, text, headers)
            answer = connection.getresponse()
            told = answer.read()
            value = json.loads(told)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EmulatorError(Text.NO_ANSWER(url=self.url), Text.START_IT()) from error
        finally:
            connection.close()
        if self._nonce and answer.getheader(NONCE_HEADER) != self._nonce:
            raise EmulatorError(Text.STRANGER(url=self.url), Text.START_YOURS())
        if answer.status != 200:
            reason = value.get("message") if isinstance(value, dict) else Text.OTHER_SERVER()
            raise EmulatorError(Text.REFUSED(url=self.url, reason=reason))
        return told


def _address(url: str) -> tuple[str, int] | None:
    """Host and port of an address on this machine."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "http" and is_loopback(parts.netloc) and parts.hostname and parts.port:
            return parts.hostname, parts.port
    return None
