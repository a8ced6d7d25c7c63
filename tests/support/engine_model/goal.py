"""What a program declares, as it arrives at the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paidsw.provider.values import Properties, decode
from tests.support.engine_model.state import name_of, type_of, urn_of


@dataclass(frozen=True)
class Goal:
    """One registration. An alias is a former URN, or the parts of one."""

    token: str
    name: str
    custom: bool
    parent: str
    inputs: Properties
    provider: str
    dependencies: list[str]
    property_dependencies: dict[str, list[str]]
    ignore_changes: list[str]
    delete_before_replace: bool | None
    import_id: str
    retain_on_delete: bool | None
    aliases: list[Any]
    additional_secrets: frozenset[str]

    @classmethod
    def of(cls, request: Any) -> Goal:
        """The goal in a RegisterResourceRequest."""
        return cls(
            token=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            inputs=decode(request.object),
            provider=request.provider,
            dependencies=list(request.dependencies),
            property_dependencies={
                key: list(found.urns) for key, found in request.propertyDependencies.items()
            },
            ignore_changes=list(request.ignoreChanges),
            delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            import_id=request.importId,
            retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
            aliases=list(request.aliases),
            additional_secrets=frozenset(request.additionalSecretOutputs),
        )


class Aliases:
    """Which resource of the state each registration means: its own URN, or one that it had before."""

    def __init__(self, stack: str, project: str) -> None:
        self._stack = stack
        self._project = project
        # New URN → the former one that was found in the state.
        self.used: dict[str, str] = {}

    def candidates(self, urn: str, goal: Goal) -> list[str]:
        """The URNs under which the resource may be in the state, the likeliest first."""
        found = [urn, *(self._former(goal, alias) for alias in goal.aliases)]
        former = self.used.get(goal.parent)
        if former is not None:
            for one in list(found):
                found.append(self._inherited(goal, former, name_of(one), type_of(one)))
        return list(dict.fromkeys(found))

    def _former(self, goal: Goal, alias: Any) -> str:
        if alias.WhichOneof("alias") == "urn":
            return str(alias.urn)
        spec = alias.spec
        parent = spec.parentUrn or goal.parent
        parent = self.used.get(parent, parent)
        if spec.noParent:
            parent = ""
        return urn_of(
            spec.stack or self._stack,
            spec.project or self._project,
            spec.type or goal.token,
            spec.name or goal.name,
            parent,
        )

    def _inherited(self, goal: Goal, former: str, name: str, token: str) -> str:
        """As a child of the parent's former URN; a name that begins with the parent's follows it."""
        parent = name_of(goal.parent)
        if name.startswith(parent):
            name = name_of(former) + name.removeprefix(parent)
        return urn_of(self._stack, self._project, token, name, former)
