"""What the engine keeps of a stack, and what `pulumi stack` and `pulumi state` do to it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from paidsw.provider.values import Properties

ROOT = "pulumi:pulumi:Stack"
PROVIDERS = "pulumi:providers:"


@dataclass(eq=False)
class Resource:
    """A resource of a state. `provider` is a reference, URN::ID, and empty for components and providers."""

    urn: str
    custom: bool
    parent: str = ""
    id: str = ""
    inputs: Properties = field(default_factory=lambda: Properties({}))
    outputs: Properties = field(default_factory=lambda: Properties({}))
    provider: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    init_errors: list[str] = field(default_factory=list)
    # Replaced, and its delete is still to come; and deleted, with its replacement still to come.
    delete: bool = False
    pending_replacement: bool = False
    import_id: str = ""
    retain_on_delete: bool = False
    refresh_before_update: bool = False
    additional_secrets: frozenset[str] = frozenset()

    def hide(self) -> None:
        """Outputs are secret as their inputs are, and where the program asks for it."""
        hidden = (self.inputs.secrets | self.additional_secrets) & self.outputs.values.keys()
        self.outputs = Properties(self.outputs.values, self.outputs.secrets | hidden)

    @property
    def type(self) -> str:
        return type_of(self.urn)

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(PROVIDERS)

    def depends_on(self) -> set[str]:
        """The URNs of what must exist before it, its parent and provider included."""
        found = {*self.dependencies, *(urn for urns in self.property_dependencies.values() for urn in urns)}
        return (found | {self.parent, self.provider.rpartition("::")[0]}) - {""}

    def renamed(self, renames: dict[str, str]) -> Resource:
        """The same resource where URNs have changed."""

        def new(urn: str) -> str:
            return renames.get(urn, urn)

        provider, _, provider_id = self.provider.rpartition("::")
        return replace(
            self,
            urn=new(self.urn),
            parent=new(self.parent),
            provider=f"{new(provider)}::{provider_id}" if provider else "",
            dependencies=[new(urn) for urn in self.dependencies],
            property_dependencies={
                key: [new(urn) for urn in urns] for key, urns in self.property_dependencies.items()
            },
        )


@dataclass
class Snapshot:
    """A state as it is on the disk. `creating` are the URNs of creates of which nothing is known."""

    resources: list[Resource] = field(default_factory=list)
    creating: list[str] = field(default_factory=list)

    def copy(self) -> Snapshot:
        """Another state with the same content: `stack export` and `import`, or a copied folder."""
        return copy.deepcopy(self)

    def of_type(self, token: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == token]

    def renamed(self, stack: str) -> Snapshot:
        """`pulumi stack rename`: other URNs, and nothing else."""
        renames = {resource.urn: in_stack(resource.urn, stack) for resource in self.resources}
        return Snapshot(
            [resource.renamed(renames) for resource in self.resources],
            [in_stack(urn, stack) for urn in self.creating],
        )

    def without(self, urn: str) -> Snapshot:
        """`pulumi state delete --target-dependents`: forget a resource and what depends on it."""
        gone = {urn}
        for resource in self.resources:
            if resource.depends_on() & gone:
                gone.add(resource.urn)
        kept = [resource for resource in self.resources if resource.urn not in gone]
        return Snapshot(copy.deepcopy(kept), list(self.creating))


def moved(source: Snapshot, target: Snapshot, urn: str, stack: str) -> tuple[Snapshot, Snapshot] | None:
    """`pulumi state move` of a resource with its children to the state of a stack of that name; None if refused.

    Providers are copied along, and dependencies on what stays behind are cut.
    """
    moving = _with_children(source.resources, urn)
    going = [resource for resource in source.resources if resource.urn in moving]
    providers = {resource.provider for resource in going}
    copied = [one for one in source.resources if f"{one.urn}::{one.id}" in providers]
    renames = {one.urn: in_stack(one.urn, stack) for one in source.resources}
    there = {resource.urn: resource for resource in target.resources}
    if not going or any(renames[resource.urn] in there for resource in going):
        return None
    # They come before what is moved, and the engine takes no child before its parent.
    if any(one.parent in moving for one in copied):
        return None
    kept = [copy.deepcopy(resource) for resource in source.resources if resource.urn not in moving]
    for resource in kept:
        _cut(resource, moving)
    result = target.copy()
    root = next((one for one in result.resources if one.type == ROOT), None)
    if root is None:
        root = Resource(renames[next(one.urn for one in source.resources if one.type == ROOT)], custom=False)
        result.resources.insert(0, root)
    staying = {resource.urn for resource in kept}
    for resource in [*copied, *going]:
        twin = there.get(renames[resource.urn])
        if twin is not None:
            if twin.id != resource.id and twin.inputs != resource.inputs:
                return None
            continue
        one = copy.deepcopy(resource)
        _cut(one, staying)
        if one.parent not in moving:
            one.parent = root.urn
        result.resources.append(_at(one.renamed(renames), there))
    return Snapshot(kept, list(source.creating)), result


def _at(resource: Resource, there: dict[str, Resource]) -> Resource:
    """With the provider that the target has under the same URN."""
    provider = there.get(resource.provider.rpartition("::")[0])
    return resource if provider is None else replace(resource, provider=f"{provider.urn}::{provider.id}")


def _with_children(resources: Iterable[Resource], urn: str) -> set[str]:
    found = {urn}
    for resource in resources:
        if resource.parent in found and not resource.is_provider:
            found.add(resource.urn)
    return found


def _cut(resource: Resource, urns: set[str]) -> None:
    resource.dependencies = [urn for urn in resource.dependencies if urn not in urns]
    resource.property_dependencies = {
        key: [urn for urn in found if urn not in urns]
        for key, found in resource.property_dependencies.items()
    }


def type_of(urn: str) -> str:
    """The type in urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def in_stack(urn: str, stack: str) -> str:
    """The URN in a stack of another name; the root's own name is PROJECT-STACK."""
    _, project, types, name = urn.split("::", 3)
    return f"urn:pulumi:{stack}::{project}::{types}::{f'{project}-{stack}' if types == ROOT else name}"


def urn_of(stack: str, project: str, token: str, name: str, parent: str = "") -> str:
    """The URN of a resource; the root is nobody's parent in it."""
    parents = parent.split("::")[2] if parent else ""
    types = token if parents in ("", ROOT) else f"{parents}${token}"
    return f"urn:pulumi:{stack}::{project}::{types}::{name}"
