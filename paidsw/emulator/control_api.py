"""The control interface below ``/_emulator/``: clock, faults, settings, and what the account holds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from . import lifecycle, others
from .aiworkspace import workspaces
from .clock import iso, month_of, parse_iso
from .cloud import Cloud
from .codec import decode, encode
from .errors import ApiError, EmulatorError
from .faults import fault_from
from .models import MAX_SECONDS, Instance, Settings, Step
from .regions import OTHER_REGIONS, REGIONS

PREFIX = "/_emulator/"
VERSION = 1
MAX_CU = 1_000_000
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

    def __init__(self, cloud: Cloud, *, nonce: str, folder: str, stop: Callable[[], None]) -> None:
        self.cloud = cloud
        self.nonce = nonce
        self.folder = folder
        self.stop = stop

    def handle(self, method: str, name: str, query: dict[str, str], body: Values) -> str:
        """The JSON answer; ApiError when the call is wrong."""
        found: Callable[[Values], Any] | None = getattr(self, f"_{method.lower()}_{name}", None)
        if found is None:
            raise ApiError(404, "NotFound", f"there is no {method} {PREFIX}{name}")
        try:
            self.cloud.settle()
            self.cloud.checkpoint(str(body.get("instance_id", "")))
            result = found({**query, **body})
            self.cloud.commit()
        except (ValueError, KeyError, EmulatorError, InvalidOperation) as error:
            self.cloud.rollback()
            raise ApiError(400, "BadRequest", f"{name}: {_sentence(error)}") from error
        except OSError as error:
            message = f"the emulator cannot write its state ({error.strerror}): nothing was changed"
            raise ApiError(500, "InternalError", message) from error
        return encode(result)

    # --- reading ---

    def status(self) -> Status:
        """The emulator's own state."""
        now = self.cloud.now()
        return Status(
            VERSION,
            os.getpid(),
            self.nonce,
            self.folder,
            self.cloud.state.settings.home_region,
            iso(now),
            now,
            self.cloud.state.clock.frozen,
        )

    def _get_status(self, _: Values) -> Status:
        return self.status()

    def _get_live(self, _: Values) -> Any:
        return self.cloud.live()

    def _get_bill(self, _: Values) -> Any:
        return self.cloud.bill()

    def _get_calls(self, values: Values) -> Any:
        calls = list(self.cloud.calls)
        last = int(values.get("last", len(calls)))
        if last < 0:
            raise ValueError("last must be 0 or more")
        return calls[max(0, len(calls) - last) :]

    def _delete_calls(self, _: Values) -> Any:
        self.cloud.calls.clear()
        return []

    def _get_settings(self, _: Values) -> Settings:
        return self.cloud.state.settings

    def _get_trial(self, _: Values) -> Any:
        return self.cloud.state.trial

    def _get_faults(self, _: Values) -> Any:
        return self.cloud.faults.script

    # --- changing ---

    def _post_clock(self, values: Values) -> Status:
        if values.get("freeze"):
            self._freeze(values)
        if values.get("thaw"):
            self.cloud.clock.thaw()
        if "advance" in values:
            self._advance(values["advance"])
        self.cloud.settle()
        return self.status()

    def _freeze(self, values: Values) -> None:
        at = parse_iso(str(values["at"])) if "at" in values else None
        if at is not None and at - self.cloud.now() > MAX_SECONDS * 1000:
            raise ValueError(f"at must lie within {MAX_SECONDS} seconds from now")
        self.cloud.clock.freeze(at)

    def _advance(self, seconds: Any) -> None:
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not number or not 0 <= seconds <= MAX_SECONDS:
            raise ValueError(f"advance must be between 0 and {MAX_SECONDS} seconds")
        self.cloud.advance(seconds)

    def _post_faults(self, values: Values) -> Any:
        self.cloud.faults.add(fault_from(values))
        return self.cloud.faults.script

    def _delete_faults(self, _: Values) -> Any:
        self.cloud.faults.clear()
        return []

    def _post_settings(self, values: Values) -> Settings:
        known = {field.name for field in fields(Settings)}
        if unknown := values.keys() - known:
            raise ValueError(f"unknown setting {sorted(unknown)[0]!r}: one of {', '.join(sorted(known))}")
        merged = json.loads(encode(self.cloud.state.settings)) | values
        self.cloud.state.settings = decode(Settings, merged)
        return self.cloud.state.settings

    def _post_trial(self, values: Values) -> Any:
        """Claimed or not, when it ends, and how much of this month's quota is left."""
        trial = self.cloud.state.trial
        if unknown := values.keys() - {"claimed", "claimed_at", "expires_at", "remaining_cu"}:
            raise ValueError(f"the trial has no {sorted(unknown)[0]!r}")
        if "claimed" in values:
            trial.claimed_at = self.cloud.now() if values["claimed"] else None
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
        used = self.cloud.state.trial.used_elsewhere
        month = month_of(self.cloud.now())
        used[month] = str(Decimal(used.get(month, "0")) + self.cloud.bill().cu_left - wanted)

    def _post_activity(self, values: Values) -> Any:
        """The load that an instance's culler sees, in percent."""
        instance = self._instance(values)
        cpu, gpu = (_percent(values, name) for name in ("cpu", "gpu"))
        before = lifecycle.idle(instance)
        instance.cpu_percent = instance.cpu_percent if cpu is None else cpu
        instance.gpu_percent = instance.gpu_percent if gpu is None else gpu
        if lifecycle.idle(instance) and not before:
            instance.idle_since = self.cloud.now()
        return {}

    def _post_force(self, values: Values) -> Any:
        """Put an instance into a status and let it stay there, as an operator of the cloud could."""
        instance = self._instance(values)
        instance.pending = []
        step = Step(
            str(values["status"]),
            self.cloud.now(),
            str(values.get("reason_code", "")),
            str(values.get("reason_message", "")),
        )
        lifecycle.enter(self.cloud.state, instance, step, self.cloud.now())
        return {}

    def _post_default_workspace(self, values: Values) -> Any:
        """Give a region a default workspace, which PAI makes when it is activated."""
        region = str(values["region"])
        if region not in REGIONS:
            raise ValueError(f"unknown region {region!r}")
        made = workspaces.make_default(self.cloud, region)
        return {"workspace_id": made.id}

    def _post_other(self, values: Values) -> Any:
        """Put a thing of another product there: an EAS service or resource group, a DLC job."""
        if str(values["region"]) not in OTHER_REGIONS:
            raise ValueError(f"unknown region {values['region']!r}")
        return others.put(self.cloud.state, values, self.cloud.now())

    def _post_reset(self, _: Values) -> Status:
        frozen = self.cloud.state.clock.frozen
        self.cloud.reset(frozen=frozen, settings=self.cloud.state.settings)
        return self.status()

    def _post_stop(self, values: Values) -> Any:
        if values.get("nonce") != self.nonce:
            raise ValueError("the nonce is not this emulator's")
        self.stop()
        return {}

    def _instance(self, values: Values) -> Instance:
        wanted = str(values["instance_id"])
        found = self.cloud.state.instances.get(wanted)
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
