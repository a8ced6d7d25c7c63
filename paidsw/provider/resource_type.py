"""What a type of resource is to the servicer: the engine's calls over plain values, whatever the type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from paidsw.core.messages import Message
from paidsw.core.problems import Problem
from paidsw.provider.errors import ProviderError
from paidsw.provider.messages import Text
from paidsw.provider.operation import Ledger, Operation
from paidsw.provider.property_model import PropertyModel
from paidsw.provider.values import contains_unknown

Values = Mapping[str, Any]
# (region, timeout in seconds) → an operation.
Start = Callable[[str, float], Operation]
Kind = Literal["add", "delete", "update"]


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs with defaults, what forbids them and what only advises."""

    inputs: dict[str, Any]
    failures: list[Problem]
    advice: list[Message]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two sets of inputs, by property; `replaces` are those that need a new resource."""

    changes: dict[str, Kind] = field(default_factory=dict)
    replaces: list[str] = field(default_factory=list)
    advice: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource as the engine keeps it: its id, its properties, and after a read its inputs."""

    identifier: str
    properties: Values
    inputs: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the engine about a resource, as far as it says: values that it leaves out are empty.

    `old` are the inputs in the state, `state` are the properties there, `new` are the program's inputs. `start` starts
    an operation in a region, `seconds` is the user's own timeout (0: the default), `ledger` is the process's memory.
    `secrets` names the properties that are secret in any of them.
    """

    start: Start
    identifier: str = ""
    old: Values = field(default_factory=dict)
    new: Values = field(default_factory=dict)
    state: Values = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    seconds: float = 0
    ledger: Ledger = field(default_factory=Ledger)


class ResourceType(ABC):
    """One type of resource. Check, diff and previews see values of which some may not be known yet.

    What goes wrong is a ProviderError, a CloudError, or a PartialFailure where the resource exists all the same.
    """

    token: ClassVar[str]
    inputs: ClassVar[type[PropertyModel]]
    outputs: ClassVar[type[PropertyModel]]
    # Inputs that no update can change.
    replacing: ClassVar[frozenset[str]]
    secret_inputs: ClassVar[frozenset[str]] = frozenset()
    secret_outputs: ClassVar[frozenset[str]] = frozenset()
    # Outputs by which one can tell an input of another name, and those inputs.
    derived: ClassVar[Mapping[str, frozenset[str]]] = {}
    # Inputs that are part of the resource's id, which Pulumi keeps in plain.
    in_the_id: ClassVar[frozenset[str]] = frozenset()
    # Whether a replacement deletes the old one first.
    deletes_first: ClassVar[bool] = False
    # Whether the engine reads it before it compares it with the program.
    read_before_update: ClassVar[bool] = False

    @abstractmethod
    def check(self, call: Call) -> Checked:
        """Shape and rules of `new`; no call to the cloud. The values of `secrets` appear in no sentence."""

    @abstractmethod
    async def diff(self, call: Call) -> Difference:
        """What an update would change."""

    @abstractmethod
    async def preview(self, call: Call) -> Values:
        """The properties that a create or an update (with a `state`) will give, as far as they are known before."""

    @abstractmethod
    async def create(self, call: Call) -> Kept:
        """Create it."""

    @abstractmethod
    async def read(self, call: Call) -> Kept | None:
        """The resource as it is; None when it is gone. Without inputs it is an import."""

    @abstractmethod
    async def update(self, call: Call) -> Values:
        """Update it; its properties."""

    @abstractmethod
    async def delete(self, call: Call) -> None:
        """Delete it, and wait until it is gone."""


def changes(old: Values, new: Values, names: Iterable[str]) -> dict[str, Kind]:
    """Which of these properties differ, and how."""
    found: dict[str, Kind] = {}
    for name in names:
        if old.get(name) != new.get(name):
            found[name] = "add" if name not in old else "delete" if name not in new else "update"
    return found


def refuse_unknown(values: Values) -> None:
    """Inputs of a create or update: what isn't known can't be checked, so it isn't created."""
    unknown = sorted(key for key, value in values.items() if contains_unknown(value))
    if unknown:
        raise ProviderError(Text.NOT_KNOWN(names=", ".join(unknown)))
