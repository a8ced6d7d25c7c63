"""Accounts to audit, made through the official SDKs where that is possible and put there where it isn't."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from paidsw.audit.declared import Declared
from paidsw.audit.model import Finding, Kind, Report, Thing
from paidsw.audit.run import Options, audit
from paidsw.cloud import Connection
from paidsw.emulator.dsw.models import Instance, Spec
from paidsw.emulator.testing import Emulator
from paidsw.provider.instance import labels
from paidsw.rules.rule import OWNER_TYPE
from tests.support.cloud import A10, HOME, Cloud

PROJECT, STACK = "dsw-free-tier", "dev"
URN = f"urn:pulumi:{STACK}::{PROJECT}::paidsw:index:Instance::notebook"
INSTANCE, WORKSPACE = "paidsw:index:Instance", "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"


class AuditedAccount:
    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.cloud = Cloud(emulator)

    def audit(self, *regions: str, declared: Declared | None = None, **more: Any) -> Report:
        connection = Connection(self.emulator.url)
        return asyncio.run(audit(Options(connection, tuple(regions), declared, **more)))

    def guarded(self, name: str = "notebook", region: str = HOME, hours: float = 4, **more: Any) -> str:
        """A running instance as this project makes them."""
        made = self.cloud.running(name, region, **more)
        self.cloud.set_timer(made, hours, region)
        self.cloud.set_culler(made, 30, region)
        self.change(made, lambda instance: instance.labels.update(labels.ours(URN, hours)))
        return made

    def change(self, instance_id: str, change: Callable[[Instance], Any]) -> None:
        self.emulator.do(lambda cloud: change(cloud.state.instances[instance_id]))

    def put(self, number: int, region: str = HOME, **more: Any) -> str:
        """A stopped instance that nobody had to start."""
        made = f"dsw-{number:016x}"

        def add(cloud: Any) -> None:
            now = cloud.now()
            values: dict[str, Any] = {
                "spec": Spec(A10),
                "disk_gib": 100,
                "status": "Stopped",
                "timer": None,
            } | more
            values["labels"] = dict(values.get("labels") or {})
            cloud.state.instances[made] = Instance(
                made,
                region,
                "1",
                values.pop("name", f"put_{number}"),
                "1",
                created=now,
                modified=now,
                **values,
            )

        self.emulator.do(add)
        return made


OWNER_ID = "0123456789ab"


def state(
    *resources: dict[str, Any],
    stack: str = STACK,
    emulator: str = "",
    time: datetime | None = None,
    pending: tuple[str, ...] = (),
) -> str:
    """What `pulumi stack export` writes of a stack that has a workspace.

    By default it is younger than all that a test makes.
    """
    of = f"urn:pulumi:{stack}::{PROJECT}::"
    ground = [
        {"urn": f"{of}pulumi:pulumi:Stack::{PROJECT}-{stack}", "type": "pulumi:pulumi:Stack"},
        {
            "urn": f"{of}pulumi:providers:paidsw::default",
            "type": "pulumi:providers:paidsw",
            "id": "p",
            "inputs": {"emulator": emulator} if emulator else {},
        },
        {"urn": f"{of}{WORKSPACE}::notebook", "type": WORKSPACE, "id": "77"},
    ]
    written = time or datetime.now(UTC) + timedelta(days=1)
    deployment: dict[str, Any] = {
        "manifest": {"time": written.isoformat(), "version": "v3.274.1"},
        "resources": [*ground, *resources],
    }
    if pending:
        deployment["pending_operations"] = [
            {"type": "creating", "resource": {"urn": urn, "type": INSTANCE}} for urn in pending
        ]
    return json.dumps({"version": 3, "deployment": deployment})


def instance_resource(instance_id: str, region: str = HOME) -> dict[str, Any]:
    return {"urn": URN, "type": INSTANCE, "id": instance_id, "custom": True, "inputs": {"region": region}}


def owner_resource(owner_id: str = OWNER_ID) -> dict[str, Any]:
    urn = URN.replace("Instance::", "Owner::")
    return {"urn": urn, "type": OWNER_TYPE, "id": owner_id, "custom": True, "inputs": {"region": HOME}}


def declared(*ids: str, region: str = HOME, owners: tuple[str, ...] = ()) -> Declared:
    """A stack's state that is younger than everything."""
    latest = datetime(2150, 1, 1, tzinfo=UTC)
    instances = dict.fromkeys(ids, region)
    return Declared(PROJECT, STACK, instances, owners=frozenset(owners), written=latest, empty=False)


def details(thing: Thing) -> str:
    return ", ".join(map(str, thing.details))


def kinds(report: Report) -> set[Kind]:
    return {finding.kind for finding in report.findings}


def only(report: Report, kind: Kind) -> Finding:
    [found] = [finding for finding in report.findings if finding.kind is kind]
    return found
