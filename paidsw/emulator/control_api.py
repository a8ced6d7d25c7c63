"""The control interface below ``/_emulator/``: clock, faults, settings, and what the account holds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from paidsw.trial.regions import ALL, DSW

from .account import Account
from .aiworkspace.models import TakenName
from .clock import iso, month_of, parse_iso
from .codec import decode, encode
from .dsw import lifecycle
from .dsw.models import Instance, Step
from .errors import ApiError, EmulatorError
from .faults import fault_from
from .state import MAX_SECONDS, Other, Settings

PREFIX = "/_emulator/"
VERSION = 1
MAX_CU = 1_000_000
OTHER_KINDS = ("eas-service", "eas-resource", "dlc-job")
Values = dict[str, Any]


@dataclass(frozen=True)
class Status:
    """Who answers: the nonce tells this emulator from any other server; ``folder`` is where its state is kept."""

    version: int
    pid: int
    nonce: str
    folder: str
    region: str
    now: str
    now_ms: int
    frozen: bool


class ControlApi:
    """Carries out the control calls on one account."""

    def __init__(self, account: Account, *, nonce: str, folder: str, stop: Callable[[], None]) -> None:
        self.account = account
        self.nonce = nonce
        self.folder = folder
        self.stop = stop
        self._calls: dict[tuple[str, str], Callable[[Values], object]] = {
            ("GET", "status"): lambda _: self.status(),
            ("GET", "live"): lambda _: account.live(),
            ("GET", "bill"): lambda _: account.bill(),
            ("GET", "calls"): self._last_calls,
            ("GET", "settings"): lambda _: account.state.settings,
            ("GET", "trial"): lambda _: account.state.trial,
            ("GET", "faults"): lambda _: account.faults.script,
            ("DELETE", "calls"): self._forget_calls,
            ("DELETE", "faults"): self._end_faults,
            ("POST", "activity"): self._set_activity,
            ("POST", "clock"): self._move_clock,
            ("POST", "dataworks"): self._change_dataworks,
            ("POST", "default_workspace"): self._make_default_workspace,
            ("POST", "empty_recycle_bin"): self._empty_recycle_bin,
            ("POST", "faults"): self._add_fault,
            ("POST", "force"): self._force,
            ("POST", "other"): self._put_other,
            ("POST", "reset"): self._reset,
            ("POST", "settings"): self._change_settings,
            ("POST", "stop"): self._stop,
            ("POST", "trial"): self._change_trial,
        }

    def handle(self, method: str, name: str, query: dict[str, str], body: Values) -> str:
        """The JSON answer; ApiError when the call is wrong."""
        found = self._calls.get((method, name))
        if found is None:
            raise ApiError(404, "NotFound", f"there is no {method} {PREFIX}{name}")
        if name == "status":
            # Nothing is written for it: an emulator whose disk is full must not look like one that isn't there.
            return encode(found({}))
        try:
            self.account.checkpoint()
            self.account.settle()
            result = found({**query, **body})
            self.account.commit()
        except (ValueError, KeyError, EmulatorError, InvalidOperation) as error:
            self.account.rollback()
            raise ApiError(400, "BadRequest", f"{name}: {_sentence(error)}") from error
        except OSError as error:
            message = f"the emulator cannot write its state ({error.strerror}): nothing was changed"
            raise ApiError(500, "InternalError", message) from error
        return encode(result)

    # --- reading ---

    def status(self) -> Status:
        """The emulator's own state."""
        now = self.account.now()
        return Status(
            VERSION,
            os.getpid(),
            self.nonce,
            self.folder,
            self.account.state.settings.home_region,
            iso(now),
            now,
            self.account.state.clock.frozen,
        )

    def _last_calls(self, values: Values) -> object:
        calls = list(self.account.calls)
        last = int(values.get("last", len(calls)))
        if last < 0:
            raise ValueError("last must be 0 or more")
        return calls[max(0, len(calls) - last) :]

    # --- changing ---

    def _forget_calls(self, _: Values) -> object:
        self.account.calls.clear()
        return []

    def _end_faults(self, _: Values) -> object:
        self.account.faults.clear()
        return []

    def _move_clock(self, values: Values) -> Status:
        if values.get("freeze"):
            self._freeze(values)
        if values.get("thaw"):
            self.account.clock.thaw()
        if "advance" in values:
            self._advance(values["advance"])
        self.account.settle()
        return self.status()

    def _freeze(self, values: Values) -> None:
        at = parse_iso(str(values["at"])) if "at" in values else None
        if at is not None and at - self.account.now() > MAX_SECONDS * 1000:
            raise ValueError(f"at must lie within {MAX_SECONDS} seconds from now")
        self.account.clock.freeze(at)

    def _advance(self, seconds: Any) -> None:
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not number or not 0 <= seconds <= MAX_SECONDS:
            raise ValueError(f"advance must be between 0 and {MAX_SECONDS} seconds")
        self.account.advance(seconds)

    def _add_fault(self, values: Values) -> object:
        self.account.faults.add(fault_from(values))
        return self.account.faults.script

    def _change_settings(self, values: Values) -> Settings:
        known = {field.name for field in fields(Settings)}
        if unknown := values.keys() - known:
            raise ValueError(f"unknown setting {sorted(unknown)[0]!r}: one of {', '.join(sorted(known))}")
        merged = json.loads(encode(self.account.state.settings)) | values
        self.account.state.settings = decode(Settings, json.dumps(merged))
        return self.account.state.settings

    def _change_trial(self, values: Values) -> object:
        """Claimed or not, when it ends, and how much of this month's quota is left."""
        trial = self.account.state.trial
        if unknown := values.keys() - {"claimed", "claimed_at", "expires_at", "remaining_cu"}:
            raise ValueError(f"the trial has no {sorted(unknown)[0]!r}")
        if "claimed" in values:
            trial.claimed_at = self.account.now() if values["claimed"] else None
        if "claimed_at" in values:
            trial.claimed_at = parse_iso(str(values["claimed_at"]))
        if "expires_at" in values:
            trial.expires_at = parse_iso(str(values["expires_at"]))
        if "remaining_cu" in values:
            self._leave(Decimal(str(values["remaining_cu"])))
        return trial

    def _leave(self, wanted: Decimal) -> None:
        if not wanted.is_finite() or not 0 <= wanted <= MAX_CU:
            raise ValueError(f"remaining_cu must be a number of CU between 0 and {MAX_CU}")
        used = self.account.state.trial.used_elsewhere
        month = month_of(self.account.now())
        used[month] = str(Decimal(used.get(month, "0")) + self.account.bill().cu_left - wanted)

    def _set_activity(self, values: Values) -> object:
        """The load that an instance's culler sees, in percent."""
        instance = self._instance(values)
        cpu, gpu = (_percent(values, name) for name in ("cpu", "gpu"))
        before = instance.idle
        instance.cpu_percent = instance.cpu_percent if cpu is None else cpu
        instance.gpu_percent = instance.gpu_percent if gpu is None else gpu
        if instance.idle and not before:
            instance.idle_since = self.account.now()
        return {}

    def _force(self, values: Values) -> object:
        """Put an instance into a status and let it stay there, as an operator of the cloud could."""
        instance = self._instance(values)
        instance.pending = []
        step = Step(
            str(values["status"]),
            self.account.now(),
            str(values.get("reason_code", "")),
            str(values.get("reason_message", "")),
        )
        lifecycle.enter(self.account.state, instance, step, self.account.now())
        return {}

    def _make_default_workspace(self, values: Values) -> object:
        """Give a region a default workspace, which PAI makes when it is activated."""
        return {"workspace_id": self.account.default_workspace(self._region(values)).id}

    def _region(self, values: Values) -> str:
        region = str(values["region"])
        if region not in DSW:
            raise ValueError(f"unknown region {region!r}")
        return region

    def _change_dataworks(self, values: Values) -> object:
        """Let a workspace of DataWorks have a name, which PAI's can't have then; with ``taken`` false no longer."""
        wanted = {"name": values["name"], "region": self._region(values)}
        name, state = decode(TakenName, json.dumps(wanted)), self.account.state
        state.taken_names = [one for one in state.taken_names if one != name]
        if values.get("taken", True):
            state.taken_names.append(name)
        return state.taken_names

    def _empty_recycle_bin(self, values: Values) -> object:
        """Free the names of the deleted workspaces of a region, as somebody could in the console."""
        region, state = self._region(values), self.account.state
        state.taken_names = [one for one in state.taken_names if one.region != region or one.until is None]
        return state.taken_names

    def _put_other(self, values: Values) -> object:
        """Put a thing of another product there: an EAS service or resource group, a DLC job."""
        if str(values["region"]) not in ALL:
            raise ValueError(f"unknown region {values['region']!r}")
        if values["kind"] not in OTHER_KINDS:
            raise ValueError(f"kind must be one of {', '.join(OTHER_KINDS)}, not {values['kind']!r}")
        made = decode(Other, json.dumps({"wire": {}} | values | {"created": self.account.now()}))
        self.account.state.others[made.id] = made
        return made

    def _reset(self, _: Values) -> Status:
        frozen = self.account.state.clock.frozen
        self.account.reset(frozen=frozen, settings=self.account.state.settings)
        return self.status()

    def _stop(self, values: Values) -> object:
        if values.get("nonce") != self.nonce:
            raise ValueError("the nonce is not this emulator's")
        self.stop()
        return {}

    def _instance(self, values: Values) -> Instance:
        wanted = str(values["instance_id"])
        found = self.account.state.instances.get(wanted)
        if found is None:
            raise ValueError(f"there is no instance {wanted}")
        return found


def _percent(values: Values, name: str) -> int | None:
    value = values.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= 100):
        raise ValueError(f"{name} must be a whole number of percent, 0 to 100")
    return value


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, InvalidOperation):
        return "a number cannot be read"
    return str(error)
