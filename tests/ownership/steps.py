"""The steps of a history, as data: what users, clouds and accidents do to a few states and one account.

A history is a list of steps. It is played on the model of the engine (played.py), and some of them on the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.engine_model.plugins import Blow

# The same name in two clones, and another stack beside the first one.
HERE, CLONE, BESIDE = "here", "clone", "beside"
STATES = (HERE, CLONE, BESIDE)
WORKSPACE = "alicloud:pai/workspaceWorkspace:WorkspaceWorkspace"
INSTANCE = "paidsw:index:Instance"
OWNER = "paidsw:index:Owner"
CLEANUP = "paidsw:index:Cleanup"
COMPONENT = "paidsw:index:FreeTierNotebook"
TYPES = (OWNER, WORKSPACE, CLEANUP, INSTANCE)

# Values of settings that are known only when the step is played.
SENTINELS = (
    "own instance",
    "other's instance",
    "stranger",
    "own workspace",
    "other workspace",
    "other's owner",
    "first owner",
)


@dataclass(frozen=True)
class Accident:
    """A blow at a call of a run: the `nth` to an operation, or with "" the nth of all."""

    kind: Blow
    operation: str = ""
    nth: int = 1
    after: bool = True


@dataclass(frozen=True)
class Up:
    state: str = HERE
    # Types of the resources that `--replace` names.
    replace: tuple[str, ...] = ()
    refresh: bool = False
    accident: Accident | None = None


@dataclass(frozen=True)
class Preview:
    state: str = HERE


@dataclass(frozen=True)
class Destroy:
    state: str = HERE
    accident: Accident | None = None


@dataclass(frozen=True)
class Refresh:
    state: str = HERE


@dataclass(frozen=True)
class Edit:
    """A setting of the stack file; None removes it, and a sentinel is looked up."""

    state: str
    key: str
    value: Any


@dataclass(frozen=True)
class Rewrite:
    """Another program: the notebook's name, names it had before, whether it is there, what is retained."""

    state: str
    name: str = "notebook"
    former: tuple[str, ...] = ()
    removed: bool = False
    retained: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenameStack:
    state: str
    name: str


@dataclass(frozen=True)
class Move:
    """`pulumi state move` of a resource with its children."""

    source: str
    target: str
    type: str = COMPONENT


@dataclass(frozen=True)
class CopyState:
    """`pulumi stack export` and `import` into a stack that has nothing."""

    source: str
    target: str


@dataclass(frozen=True)
class Forget:
    """`pulumi state delete --target-dependents` of a resource."""

    state: str
    type: str


@dataclass(frozen=True)
class LoseState:
    """The state's folder is gone."""

    state: str


@dataclass(frozen=True)
class Console:
    """Somebody in the PAI console, on the instance in that place of the list."""

    operation: str
    index: int = 0


@dataclass(frozen=True)
class Stranger:
    """Somebody makes a notebook of the default name in the console."""

    guarded: bool = True


@dataclass(frozen=True)
class Strike:
    """A fault of the cloud."""

    kind: str
    operation: str
    nth: int = 1
    times: int = 1
    details: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Recover:
    """The cloud is well again."""


@dataclass(frozen=True)
class Wait:
    minutes: int


Run = Up | Preview | Destroy | Refresh
Step = (
    Run
    | Edit
    | Rewrite
    | RenameStack
    | Move
    | CopyState
    | Forget
    | LoseState
    | Console
    | Stranger
    | Strike
    | Recover
    | Wait
)
