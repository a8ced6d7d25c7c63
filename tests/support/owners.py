"""The resources beside the instance, as the engine keeps and calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.proto import provider_pb2

from paidsw.provider.values import decode, encode
from paidsw.rules.rule import CLEANUP_TYPE, OWNER_TYPE
from tests.support.plugin import Failure, Plugin

_PARENT = "urn:pulumi:dev::dsw-free-tier::paidsw:index:FreeTierNotebook$"
OWNER_URN = f"{_PARENT}{OWNER_TYPE}::notebook"
CLEANUP_URN = f"{_PARENT}{CLEANUP_TYPE}::notebook"
_SOME = provider_pb2.DiffResponse.DIFF_SOME


@dataclass
class Held:
    """One resource in a state: what the engine keeps of it between runs."""

    plugin: Plugin
    urn: str
    identifier: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def preview(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """pulumi preview of it: the properties that it will have."""
        checked = self._checked(declared)
        if not self.identifier or self._replaces(checked):
            return self._created(checked, preview=True)[1]
        return self._updated(checked, preview=True) if self._changes(checked) else self.outputs

    def up(self, declared: Mapping[str, Any]) -> None:
        """pulumi up of it, by the engine's rules; a replacement creates before it deletes. Raises Failure."""
        checked = self._checked(declared)
        if not self.identifier:
            self.identifier, self.outputs = self._created(checked)
        elif self._replaces(checked):
            old = Held(self.plugin, self.urn, self.identifier, self.inputs, self.outputs)
            self.identifier, self.outputs = self._created(checked)
            self.inputs = checked
            old.destroy()
        elif self._changes(checked):
            self.outputs = self._updated(checked)
        self.inputs = checked

    def fails_to_be(self, declared: Mapping[str, Any]) -> Failure | None:
        """Like `up`, and what went wrong; a failure with an id keeps it."""
        try:
            self.up(declared)
        except Failure as failure:
            if failure.resource_id:
                self.identifier, self.inputs, self.outputs = failure.resource_id, {**declared}, failure.state
            return failure
        return None

    def destroy(self) -> None:
        """pulumi destroy of it. Raises Failure."""
        request = provider_pb2.DeleteRequest(
            id=self.identifier, urn=self.urn, properties=encode(self.outputs), old_inputs=encode(self.inputs)
        )
        self.plugin.call("Delete", request)
        self.identifier, self.inputs, self.outputs = "", {}, {}

    def refresh(self) -> None:
        """pulumi refresh of it; an id alone is an import. Raises Failure."""
        request = provider_pb2.ReadRequest(
            id=self.identifier, urn=self.urn, inputs=encode(self.inputs), properties=encode(self.outputs)
        )
        answer = self.plugin.call("Read", request)
        self.identifier = answer.id
        self.inputs, self.outputs = decode(answer.inputs).values, decode(answer.properties).values

    def diff(self, declared: Mapping[str, Any]) -> Any:
        """The answer to Diff."""
        return self.plugin.diff(self.inputs, declared, self.outputs, urn=self.urn, identifier=self.identifier)

    def _checked(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        checked, failures = self.plugin.check(declared, self.urn, self.inputs)
        assert failures == []
        return checked

    def _changes(self, declared: Mapping[str, Any]) -> bool:
        return bool(self.diff(declared).changes == _SOME)

    def _replaces(self, declared: Mapping[str, Any]) -> bool:
        return bool(self.diff(declared).replaces)

    def _created(self, declared: Mapping[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(urn=self.urn, properties=encode(declared), preview=preview)
        answer = self.plugin.call("Create", request)
        return answer.id, decode(answer.properties).values

    def _updated(self, declared: Mapping[str, Any], *, preview: bool = False) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            id=self.identifier,
            urn=self.urn,
            olds=encode(self.outputs),
            old_inputs=encode(self.inputs),
            news=encode(declared),
            preview=preview,
        )
        return decode(self.plugin.call("Update", request).properties).values
