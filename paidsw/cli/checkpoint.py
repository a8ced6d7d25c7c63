"""The file in which Pulumi keeps the rehearsal's stack: what it holds, and which emulator its providers ask."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paidsw.audit.declared import Declared, StateError, read
from paidsw.cli import locks
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cli.stack import PROJECT, STACK
from paidsw.core.provider_settings import endpoints


@dataclass(frozen=True)
class Checkpoint:
    """The stack of a rehearsal in Pulumi's file backend at `state`."""

    state: Path

    @property
    def path(self) -> Path:
        """Where the backend keeps it."""
        return self.state / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"

    def exists(self) -> bool:
        """Whether there is a stack."""
        return self.path.exists()

    def holds_something(self) -> bool:
        """Whether a destroy has something to do; a file that can't be read may hold anything."""
        if not self.exists():
            return False
        latest = self._latest(self._load())
        return latest is None or bool(latest.get("resources") or latest.get("pending_operations"))

    def declared(self) -> Declared | None:
        """What the stack declares; None where there is no stack, or none that can be read.

        What it keeps as a secret is shown nowhere from then on.
        """
        latest = self._latest(self._load()) if self.exists() else None
        try:
            found = None if latest is None else read(latest, project=PROJECT, stack=STACK)
        except StateError:
            return None
        if found is not None:
            found.hide()
        return found

    def name_emulator(self, emulator: str) -> None:
        """Let the default providers ask this emulator.

        A destroy and a refresh configure the providers as the state has them. Earlier versions wrote the URL, where
        somebody else's emulator may listen by now. Under a `pulumi` at work nothing is changed.
        """
        document = self._load() if self.exists() and not locks.found(self.state) else None
        changed = [_renamed(one, emulator) for one in _default_providers(self._latest(document) or {})]
        if any(changed):
            self._replace(json.dumps(document, indent=4, ensure_ascii=False))

    def clear_pending_creates(self) -> list[str]:
        """Forget the creates that were under way when a run was killed, and return the names of the resources.

        `pulumi refresh --clear-pending-creates` does the same, after a refresh of everything. What they made is looked
        for in the cloud by its owner, whatever the state says. Under a `pulumi` at work nothing is changed.
        """
        document = self._load() if self.exists() and not locks.found(self.state) else None
        latest = self._latest(document) or {}
        pending = latest.get("pending_operations") or []
        creates = [one for one in pending if one.get("type") == "creating"]
        if creates:
            latest["pending_operations"] = [one for one in pending if one not in creates]
            self._replace(json.dumps(document, indent=4, ensure_ascii=False))
        return [str((one.get("resource") or {}).get("urn")).rpartition("::")[2] for one in creates]

    def _load(self) -> Any:
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    @staticmethod
    def _latest(document: Any) -> dict[str, Any] | None:
        """The newest deployment, empty for a stack that has had none; None for what isn't a checkpoint."""
        checkpoint = document.get("checkpoint") if isinstance(document, dict) else None
        if not isinstance(checkpoint, dict):
            return None
        latest = checkpoint.get("latest") or {}
        return latest if isinstance(latest, dict) else None

    def _replace(self, text: str) -> None:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise CliError(Text.NOT_WRITTEN(file=self.path, why=error.strerror), Text.FREE_SPACE()) from None


def _default_providers(latest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The package and resource of each provider that the program didn't make itself."""
    for resource in latest.get("resources") or []:
        kind, _, package = str(resource.get("type")).rpartition(":")
        name = str(resource.get("urn")).rpartition("::")[2]
        if kind == "pulumi:providers" and name.startswith("default"):
            yield package, resource


def _renamed(provider: tuple[str, dict[str, Any]], emulator: str) -> bool:
    package, resource = provider
    key, value = {
        "paidsw": ("emulator", emulator),
        "alicloud": ("endpoints", json.dumps(endpoints(emulator), separators=(",", ":"))),
    }.get(package, ("", ""))
    stored = (resource.get("inputs"), resource.get("outputs"))
    stale = [values for values in stored if values and values.get(key, value) != value]
    for values in stale:
        values[key] = value
    return bool(stale)
