"""What a witness of the account sees: who made what, who deleted it, and what it held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from paidsw.emulator.dsw.models import Instance
from paidsw.provider.instance import labels
from tests.support.direct import Reply, World
from tests.support.samples import REGION

_GONE = frozenset({"Deleting"})


@dataclass(frozen=True)
class Seen:
    """An instance at one moment. `has_files` is whether its create was finished and it was Running once."""

    id: str
    region: str
    workspace_id: str
    owner: str
    status: str
    has_files: bool

    @classmethod
    def of(cls, instance: Instance) -> Seen:
        found = instance.labels
        finished = found.get(labels.CREATE, labels.FINISHED) == labels.FINISHED
        ran = any(phase.status == "Running" for phase in instance.phases)
        return cls(
            id=instance.id,
            region=instance.region,
            workspace_id=instance.workspace_id,
            owner=found.get(labels.OWNER, ""),
            status=instance.status,
            has_files=finished and ran,
        )


@dataclass
class Record:
    """What happened in the account during one step."""

    deleted: list[Seen] = field(default_factory=list)
    # Each CreateInstance that was carried out, with what else lived then.
    created: list[tuple[Seen, list[Seen]]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


class WatchedWorld(World):
    """An account that keeps a record of what the plugins do to it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.record = Record()

    async def send(
        self, operation: str, request: dict[str, Any], path: tuple[str, ...], region: str = REGION
    ) -> Reply:
        before = {seen.id: seen for seen in self.seen()}
        try:
            return await super().send(operation, request, path, region)
        finally:
            self._note(operation, path, before)

    def _note(self, operation: str, path: tuple[str, ...], before: dict[str, Seen]) -> None:
        if not operation.startswith(("Get", "List")):
            self.record.writes.append(operation)
        after = {seen.id: seen for seen in self.seen()}
        for instance_id in after.keys() - before.keys():
            made = after[instance_id]
            self.record.created.append((made, [one for one in before.values() if one.status not in _GONE]))
        if operation == "DeleteInstance" and path[0] in before:
            going = after.get(path[0])
            if (going is None or going.status in _GONE) and before[path[0]].status not in _GONE:
                self.record.deleted.append(before[path[0]])

    def seen(self) -> list[Seen]:
        """The instances as they are, without moving time."""
        return [Seen.of(instance) for instance in self.cloud.state.instances.values()]

    def fresh_record(self) -> Record:
        """The record of the step that begins."""
        self.record = Record()
        return self.record
