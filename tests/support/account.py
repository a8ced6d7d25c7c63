"""Calls to the emulated services with nothing in between: no port, no thread, no SDK.

For tests that make thousands of calls, or requests that no SDK would send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from email.utils import formatdate
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from paidsw.emulator import account as emulated
from paidsw.emulator.aiworkspace.models import Workspace
from paidsw.emulator.codec import encode
from paidsw.emulator.control_api import ControlApi
from paidsw.emulator.dsw.models import Instance
from paidsw.emulator.faults import Fault
from paidsw.emulator.gateway import Gateway
from paidsw.emulator.routing import Operation
from paidsw.emulator.services import OPERATIONS
from paidsw.emulator.signature import REHEARSAL_SECRET, Request
from paidsw.emulator.state import Settings
from tests.support.cloud import A10, HOME, image

OPS: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
_NONCES = count()


class Account:
    """An account with one workspace, its clock frozen, asked in this thread."""

    def __init__(self, folder: Path | None = None, **settings: Any) -> None:
        self.folder = folder
        self._open(Settings(**settings))
        if not self.account.state.workspaces:
            made = Workspace("1", HOME, "space", "d", ["prod"], "space", "", "1", 0, 0, status="ENABLED")
            self.account.state.workspaces["1"] = made
            self.account.commit()

    def _open(self, settings: Settings | None = None) -> None:
        self.account = emulated.open_account(self.folder, frozen=True, settings=settings)
        self.gateway = Gateway(self.account)
        self.control = ControlApi(self.account, nonce="nonce", folder="", stop=lambda: None)

    def restart(self) -> None:
        """As after a kill: what isn't on the disk is gone."""
        self._open()

    def strike(self, kind: str, operation: str = "*", **more: Any) -> None:
        """Let a fault meet an operation; what gets stuck does so on the way to Stopped, if nothing else is said."""
        status = {"status": "Stopping"} if kind == "stuck" else {}
        self.account.faults.add(Fault(kind, operation, **status | more))

    def call(
        self, name: str, body: Any = None, *, region: str = HOME, query: str = "", **ids: str
    ) -> tuple[int, dict[str, Any]]:
        """An operation's status and body; ids in the path's own names."""
        operation = OPS[name]
        host = f"{operation.service.host}.{region}.aliyuncs.com"
        octets = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.gateway.perform(operation, region, ids, query=encoded(query), body=octets, host=host)
        return answer.status, json.loads(answer.body)

    def on(self, name: str, instance_id: str, body: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
        return self.call(name, body, InstanceId=instance_id, **more)

    def create(self, name: str = "notebook", region: str = HOME, **more: Any) -> str:
        body = {"InstanceName": name, "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": image(region)} | more
        status, answer = self.call("CreateInstance", body, region=region)
        assert status == 200, answer
        return str(answer["InstanceId"])

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        self.account.advance(seconds + 60 * minutes + 3600 * hours + 86_400 * days)
        self.account.commit()

    def running(self, name: str = "notebook", **more: Any) -> str:
        made = self.create(name, **more)
        self.advance(minutes=3)
        assert self.the(made).status == "Running"
        return made

    def the(self, instance_id: str) -> Instance:
        return self.account.state.instances[instance_id]

    def force(self, instance_id: str, status: str) -> None:
        self.control.handle("POST", "force", {}, {"instance_id": instance_id, "status": status})

    def text(self) -> str:
        """The whole state."""
        return encode(self.account.state)


def encoded(query: str) -> str:
    """A query that is easy to read, as clients send it."""
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in pairs)


def signed(method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Request:
    """A request with the services' older signature, which is quick to make."""
    sent = {
        "date": formatdate(usegmt=True),
        "x-acs-version": "2022-01-01",
        "x-acs-signature-nonce": f"inside-{next(_NONCES)}",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    shown = "&".join(f"{key}={value}" if value else key for key, value in pairs)
    lines = [method, *(sent.get(name, "") for name in ("accept", "content-md5", "content-type", "date"))]
    lines += [f"{key}:{sent[key]}" for key in sorted(sent) if key.startswith("x-acs-")]
    lines.append(path + (f"?{shown}" if shown else ""))
    mac = hmac.new(REHEARSAL_SECRET.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()
    sent["authorization"] = f"acs any:{base64.b64encode(mac).decode()}"
    return Request(method, path, encoded(query), sent, body)
