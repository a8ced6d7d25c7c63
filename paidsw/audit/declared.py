"""What a Pulumi stack's state declares, and so who owns an instance."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paidsw.audit.model import Owner
from paidsw.core.properties import SIGNATURE
from paidsw.core.redaction import hide
from paidsw.core.text import snake_case
from paidsw.core.times import parsed
from paidsw.provider.instance import labels
from paidsw.rules.rule import CLEANUP_TYPE, INSTANCE_TYPE, OWNER_TYPE, WORKSPACE_TYPE

_PROVIDER = "pulumi:providers:"
# What names the owner that it belongs to, or that it is.
_OWNED = (OWNER_TYPE, CLEANUP_TYPE, INSTANCE_TYPE)

# What is asked for, whatever the settings hide.
_ASKED_FOR = frozenset({"status"})


class StateError(ValueError):
    """The state can't be used; the text is one sentence."""


@dataclass(frozen=True)
class Declared:
    """What one stack declares: ids of instances with their regions, ids of workspaces, and ids of its owner.

    `hides_owner`: the owner's id is encrypted. `hidden` are the secret properties of instances and workspaces.
    `written` is when the engine wrote the state, by this machine's clock. `clouds` are the emulators that its providers
    name, "" for Alibaba Cloud. `pending` are the resources whose create was under way. `empty`: it holds nothing but
    providers. `current`: it is the stack's state at this moment; `outdated`: it isn't. Elsewhere its time tells.
    """

    project: str
    stack: str
    instances: Mapping[str, str] = field(default_factory=dict)
    workspaces: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    hides_owner: bool = False
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    written: datetime | None = None
    clouds: frozenset[str] = frozenset()
    pending: tuple[str, ...] = ()
    empty: bool = True
    current: bool = False
    outdated: bool = False

    def hide(self) -> None:
        """Let no sentence from now on show what the state keeps as a secret."""
        for instance_id, names in self.hidden.items():
            hide(instance_id, names)

    @property
    def name(self) -> str:
        """Project and stack."""
        return f"{self.project}/{self.stack}"


def parse(text: str, *, project: str, stack: str) -> Declared:
    """The state that `pulumi stack export` wrote; raises StateError.

    The state of an empty stack doesn't say whose it is: then `project` and `stack` do.
    """
    try:
        deployment = json.loads(text)["deployment"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _not_an_export() from None
    return read(deployment, project=project, stack=stack)


def read(deployment: Any, *, project: str, stack: str) -> Declared:
    """A deployment, as an export and a checkpoint hold it; raises StateError."""
    try:
        resources = deployment.get("resources") or []
        urns = [str(resource["urn"]) for resource in resources]
        custom = [resource for resource in resources if resource.get("id")]
        pending = tuple(_pending(deployment))
        written = _written(deployment)
        clouds = frozenset(_clouds(custom))
    except (KeyError, TypeError, AttributeError):
        raise _not_an_export() from None
    owners = {_stack(urn) for urn in urns}
    if len(owners) > 1 or None in owners:
        raise StateError("the state holds URNs that are not of one stack; export one stack again")
    found = owners.pop() if owners else None
    project, stack = found or (project, stack)
    return Declared(
        project,
        stack,
        dict(map(_instance, (r for r in custom if r.get("type") == INSTANCE_TYPE))),
        frozenset(str(r["id"]) for r in custom if r.get("type") == WORKSPACE_TYPE),
        frozenset(_owner_ids(custom)),
        any(map(_hides_owner, custom)),
        {
            _instance(r)[0]: frozenset(_secrets(r))
            for r in custom
            if r.get("type") in (INSTANCE_TYPE, WORKSPACE_TYPE)
        },
        written,
        clouds,
        pending,
        all(str(r.get("type")).startswith(_PROVIDER) for r in custom),
    )


def _not_an_export() -> StateError:
    return StateError("the state is not what `pulumi stack export` writes; export it again")


def _stack(urn: str) -> tuple[str, str] | None:
    parts = urn.removeprefix("urn:pulumi:").split("::")
    return (parts[1], parts[0]) if urn.startswith("urn:pulumi:") and len(parts) >= 4 else None


def _written(deployment: Mapping[str, Any]) -> datetime | None:
    try:
        return parsed((deployment.get("manifest") or {}).get("time"))
    except ValueError:
        return None


def _pending(deployment: Mapping[str, Any]) -> Iterator[str]:
    """The URNs of what was being made."""
    for operation in deployment.get("pending_operations") or []:
        if operation.get("type") == "creating":
            yield str(operation["resource"]["urn"])


def _clouds(resources: list[Mapping[str, Any]]) -> Iterator[str]:
    for resource in resources:
        if resource.get("type") == f"{_PROVIDER}paidsw":
            yield str((resource.get("inputs") or {}).get("emulator") or "")


def _owner_ids(resources: list[Mapping[str, Any]]) -> Iterator[str]:
    """The ids by which this stack's instances are known: of its owner, and those that its resources name."""
    for resource in resources:
        if resource.get("type") == OWNER_TYPE:
            yield str(resource["id"])
        if resource.get("type") in _OWNED and (given := _plain(_inputs(resource).get("ownerId"))):
            yield given


def _hides_owner(resource: Mapping[str, Any]) -> bool:
    given = _inputs(resource).get("ownerId")
    return resource.get("type") in _OWNED and bool(given) and not _plain(given)


def _plain(value: object) -> str:
    """A text, also one that is secret, if the state was exported with --show-secrets; empty for anything else."""
    if isinstance(value, Mapping) and isinstance(value.get("plaintext"), str):
        with suppress(ValueError):
            value = json.loads(value["plaintext"])
    return value if isinstance(value, str) else ""


def _instance(resource: Mapping[str, Any]) -> tuple[str, str]:
    """Id and region of an instance; a resource's id is REGION/INSTANCE_ID, of earlier versions INSTANCE_ID."""
    region, _, instance_id = str(resource["id"]).rpartition("/")
    return instance_id, region or str(_inputs(resource).get("region") or "")


def _secrets(resource: Mapping[str, Any]) -> Iterator[str]:
    """The properties that are secrets, by the names of the cloud's models."""
    for name, value in [*_inputs(resource).items(), *_outputs(resource).items()]:
        if isinstance(value, Mapping) and SIGNATURE in value and name not in _ASKED_FOR:
            yield snake_case(name)


def _inputs(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(resource.get("inputs"))


def _outputs(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(resource.get("outputs"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def owner(instance_id: str, marks: Mapping[str, str], declared: Declared | None) -> Owner:
    """Who owns an instance with these labels. The owner's id decides; names are the same in every clone."""
    ours = labels.URN in marks and labels.PROJECT in marks and labels.STACK in marks
    holder = marks.get(labels.OWNER)
    if declared is None:
        return Owner.OURS if ours or holder else Owner.NOT_OURS
    is_unnamed = not holder or (declared.hides_owner and holder not in declared.owners)
    if holder in declared.owners or (is_unnamed and instance_id in declared.instances):
        return Owner.DECLARED if instance_id in declared.instances else Owner.UNDECLARED
    if not ours:
        return Owner.OTHER_OWNER if holder else Owner.NOT_OURS
    # Labels hold at most 128 characters of a name.
    if (marks[labels.PROJECT], marks[labels.STACK]) != (declared.project[:128], declared.stack[:128]):
        return Owner.OTHER_STACK
    if holder:
        return Owner.OTHER_OWNER
    # An earlier version made it, and so did it this state: names are all that there is.
    return Owner.UNPROVEN if declared.owners else Owner.UNDECLARED


def stack_of(marks: Mapping[str, str]) -> str:
    """Project and stack that an instance's labels name; empty when they name none."""
    project, stack = marks.get(labels.PROJECT, ""), marks.get(labels.STACK, "")
    return f"{project}/{stack}" if project and stack else ""
