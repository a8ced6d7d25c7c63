"""Calls to the emulated services with nothing in between: no port, no thread, no SDK.

For tests that make thousands of calls, or requests that no SDK would send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from email.utils import formatdate
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from paidsw.emulator.cloud import Cloud, open_cloud
from paidsw.emulator.codec import encode
from paidsw.emulator.control_api import ControlApi
from paidsw.emulator.dispatch import Answer, Dispatcher
from paidsw.emulator.models import Instance, Settings, Workspace
from paidsw.emulator.regions import VERSIONS
from paidsw.emulator.routing import OPERATIONS, Operation
from paidsw.emulator.signature import REHEARSAL_SECRET
from paidsw.emulator.wire import Request
from tests.support.cloud import A10, HOME, image

HOSTS = {"dsw": "pai-dsw", "aiworkspace": "aiworkspace", "eas": "pai-eas", "dlc": "pai-dlc"}
OPS: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
_NONCES = count()


class Account:
    """A cloud with one workspace, its clock frozen, asked in this thread."""

    def __init__(self, folder: Path | None = None, **settings: Any) -> None:
        self.folder = folder
        self.cloud: Cloud = open_cloud(folder, frozen=True, settings=Settings(**settings))
        self._wire()
        if not self.cloud.state.workspaces:
            made = Workspace("1", HOME, "space", "d", ["prod"], "space", "", "1", 0, 0, status="ENABLED")
            self.cloud.state.workspaces["1"] = made
            self.cloud.commit()

    def _wire(self) -> None:
        self.dispatcher = Dispatcher(self.cloud)
        self.control = ControlApi(self.cloud, nonce="nonce", folder="", stop=lambda: None)

    def restart(self) -> None:
        """As after a kill: what isn't on the disk is gone."""
        self.cloud = open_cloud(self.folder, frozen=True)
        self._wire()

    def send(self, request: Request) -> Answer:
        return self.dispatcher.answer(request)

    def call(
        self, name: str, body: Any = None, *, region: str = HOME, query: str = "", **ids: str
    ) -> tuple[int, dict[str, Any]]:
        """An operation's status and body; ids in the path's own names, an instance's by default."""
        operation = OPS[name]
        target = re.sub(
            r"\(\?P<(\w+)>\[\^/\]\+\)",
            lambda found: quote(ids[found[1]], safe=""),
            operation.pattern.pattern.removesuffix("/?"),
        )
        host = f"{HOSTS[operation.product]}.{region}.aliyuncs.com"
        octets = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.send(signed(operation.method, host, target, query, octets, operation.product))
        return answer.status, json.loads(answer.body)

    def on(self, name: str, instance_id: str, body: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
        return self.call(name, body, InstanceId=instance_id, **more)

    def create(self, name: str = "notebook", region: str = HOME, **more: Any) -> str:
        body = {"InstanceName": name, "WorkspaceId": "1", "EcsSpec": A10, "ImageUrl": image(region)} | more
        status, answer = self.call("CreateInstance", body, region=region)
        assert status == 200, answer
        return str(answer["InstanceId"])

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        self.cloud.advance(seconds + 60 * minutes + 3600 * hours + 86_400 * days)
        self.cloud.commit()

    def running(self, name: str = "notebook", **more: Any) -> str:
        made = self.create(name, **more)
        self.advance(minutes=3)
        assert self.the(made).status == "Running"
        return made

    def the(self, instance_id: str) -> Instance:
        return self.cloud.state.instances[instance_id]

    def force(self, instance_id: str, status: str) -> None:
        self.control.handle("POST", "force", {}, {"instance_id": instance_id, "status": status})

    def text(self) -> str:
        """The whole state."""
        return encode(self.cloud.state)


def signed(
    method: str, host: str, path: str, query: str, body: bytes, product: str, **headers: str
) -> Request:
    """A request with the services' older signature, which is quick to make."""
    sent = {
        "date": formatdate(usegmt=True),
        "x-acs-version": VERSIONS[product],
        "x-acs-signature-nonce": f"inside-{next(_NONCES)}",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    shown = "&".join(f"{key}={value}" if value else key for key, value in pairs)
    lines = [method, *(sent.get(name, "") for name in ("accept", "content-md5", "content-type", "date"))]
    lines += [f"{key}:{sent[key]}" for key in sorted(sent) if key.startswith("x-acs-")]
    lines.append(path + (f"?{shown}" if shown else ""))
    mac = hmac.new(REHEARSAL_SECRET.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()
    encoded = "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in pairs)
    sent["authorization"] = f"acs any:{base64.b64encode(mac).decode()}"
    return Request(method, host, path, encoded, sent, body)
