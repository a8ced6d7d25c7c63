"""What a Pulumi stack's state declares, and so who owns an instance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from paidsw.audit.model import Owner
from paidsw.provider.instance import labels
from paidsw.rules.rule import INSTANCE_TYPE, WORKSPACE_TYPE


class StateError(ValueError):
    """The state can't be used; the text is one sentence."""


@dataclass(frozen=True)
class Declared:
    """What one stack declares: ids of instances with their regions, and ids of workspaces."""

    project: str
    stack: str
    instances: Mapping[str, str] = field(default_factory=dict)
    workspaces: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Project and stack."""
        return f"{self.project}/{self.stack}"


def parse(text: str, *, project: str, stack: str) -> Declared:
    """The state that `pulumi stack export` wrote; raises StateError.

    The state of an empty stack doesn't say whose it is: then `project` and `stack` do.
    """
    try:
        document = json.loads(text)
        resources = document["deployment"].get("resources") or []
        urns = [str(resource["urn"]) for resource in resources]
        custom = [resource for resource in resources if resource.get("id")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StateError("the state is not what `pulumi stack export` writes; export it again") from None
    owners = {_owner(urn) for urn in urns}
    if len(owners) > 1 or None in owners:
        raise StateError("the state holds URNs that are not of one stack; export one stack again")
    found = owners.pop() if owners else None
    project, stack = found or (project, stack)
    return Declared(
        project,
        stack,
        dict(map(_instance, (r for r in custom if r.get("type") == INSTANCE_TYPE))),
        frozenset(str(r["id"]) for r in custom if r.get("type") == WORKSPACE_TYPE),
    )


def _owner(urn: str) -> tuple[str, str] | None:
    parts = urn.removeprefix("urn:pulumi:").split("::")
    return (parts[1], parts[0]) if urn.startswith("urn:pulumi:") and len(parts) >= 4 else None


def _instance(resource: Mapping[str, Any]) -> tuple[str, str]:
    """Id and region of an instance; a resource's id is REGION/INSTANCE_ID, of earlier versions INSTANCE_ID."""
    region, _, instance_id = str(resource["id"]).rpartition("/")
    inputs = resource.get("inputs")
    known = str(inputs.get("region") or "") if isinstance(inputs, Mapping) else ""
    return instance_id, region or known


def owner(instance_id: str, marks: Mapping[str, str], declared: Declared | None) -> Owner:
    """Who owns an instance with these labels."""
    ours = labels.URN in marks and labels.PROJECT in marks and labels.STACK in marks
    if declared is None:
        return Owner.OURS if ours else Owner.NOT_OURS
    if instance_id in declared.instances:
        return Owner.DECLARED
    if not ours:
        return Owner.NOT_OURS
    # Labels hold at most 128 characters of a name.
    same = (marks[labels.PROJECT], marks[labels.STACK]) == (declared.project[:128], declared.stack[:128])
    return Owner.UNDECLARED if same else Owner.OTHER_STACK


def stack_of(marks: Mapping[str, str]) -> str:
    """Project and stack that an instance's labels name; empty when they name none."""
    project, stack = marks.get(labels.PROJECT, ""), marks.get(labels.STACK, "")
    return f"{project}/{stack}" if project and stack else ""
