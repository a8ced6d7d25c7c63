"""The labels by which an instance of ours is recognised exactly, even when its creation was never recorded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from paidsw.cloud.models import OWN_LABEL
from paidsw.core import forms
from paidsw.core.messages import Message
from paidsw.provider.messages import Text

PREFIX = OWN_LABEL
# Whom an instance belongs to: the id of an owner. The other labels only describe it.
OWNER = PREFIX + "owner"
# How far its creation got. One without it may hold work, like a finished one.
CREATE = PREFIX + "create"
UNFINISHED, FINISHED = "unfinished", "finished"
PROJECT = PREFIX + "project"
STACK = PREFIX + "stack"
# URNs are longer than the 128 characters of a label's value, and hold characters it may refuse.
URN = PREFIX + "urn"
# The declared session length, so that an import knows it: the timer tells only what is left of it.
SESSION_HOURS = PREFIX + "session-hours"
# Which of the settings that the cloud may fill in by itself were declared, so that one left out later is cleared.
DECLARED = PREFIX + "declared"
_NOTHING = "none"
# Instead of a session's length while its timer is moved, so that the next run sees if this one was killed.
MOVING = {SESSION_HOURS: "moving"}


def ours(
    urn: str, session_hours: float | None, declared: Iterable[str] = (), owner_id: str | None = None
) -> dict[str, str]:
    """The labels that the instance declared at a URN carries once its create has finished."""
    labels = {**place(urn), URN: fingerprint(urn), DECLARED: listed(declared), CREATE: FINISHED}
    if owner_id:
        labels[OWNER] = owner_id
    if session_hours is not None:
        short = f"{session_hours:g}"
        labels[SESSION_HOURS] = short if float(short) == session_hours else repr(float(session_hours))
    return labels


def place(urn: str) -> dict[str, str]:
    """The labels that name the project and the stack of a URN."""
    # urn:pulumi:STACK::PROJECT::TYPE::NAME
    stack, project, *_ = urn.removeprefix("urn:pulumi:").split("::")
    return {PROJECT: project[:128], STACK: stack[:128]}


def is_of_stack(urn: str, labels: Mapping[str, str]) -> bool:
    """Whether these labels name the project and the stack of a URN."""
    return place(urn).items() <= labels.items()


def listed(names: Iterable[str]) -> str:
    """Names as a label's value."""
    return ".".join(sorted(names)) or _NOTHING


def declared(labels: Mapping[str, str]) -> frozenset[str]:
    """The names that `listed` was given."""
    return frozenset(labels.get(DECLARED, _NOTHING).split(".")) - {_NOTHING}


def fingerprint(urn: str) -> str:
    """A URN as a label's value."""
    return hashlib.sha256(urn.encode()).hexdigest()[:32]


def is_declared_at(urn: str, labels: Mapping[str, str]) -> bool:
    """Whether an instance with these labels is the one that this URN declares."""
    return labels.get(URN) == fingerprint(urn)


def owner_id(labels: Mapping[str, str]) -> str:
    """The id of the owner that an instance with these labels belongs to; empty where it has none."""
    return labels.get(OWNER, "")


def only_claimed(labels: Mapping[str, str]) -> bool:
    """Whether an import gave an instance its owner's id, and never got as far as the labels of what is declared."""
    return OWNER in labels and URN not in labels


def unfinished(labels: Mapping[str, str]) -> bool:
    """Whether the create of an instance with these labels has not ended well so far."""
    return labels.get(CREATE) == UNFINISHED


def resource(labels: Mapping[str, str]) -> Message:
    """The resource that an instance with our labels was made by, in words."""
    return Text.OWNER(project=labels.get(PROJECT, "?"), stack=labels.get(STACK, "?"))


def owner(labels: Mapping[str, str], urn: str = "") -> Message:
    """Whom an instance with our labels belongs to, in words; `urn` is of the resource that asks."""
    if not owner_id(labels):
        return resource(labels)
    if URN not in labels:
        return Text.OWNER_ID(owner=owner_id(labels))
    alike = bool(urn) and is_of_stack(urn, labels)
    named = Text.OWNER_ALIKE if alike else Text.OWNER_NAMED
    return named(resource=resource(labels), owner=owner_id(labels))


def of_user(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that the user declared, or put on in the console."""
    return {key: value for key, value in labels.items() if re.match(forms.LABEL_KEY, key)}


def session_hours(labels: Mapping[str, str]) -> float | None:
    """The session length an instance was declared with; None when its label is missing or damaged."""
    try:
        hours = float(labels[SESSION_HOURS])
    except (KeyError, ValueError):
        return None
    return hours if hours > 0 else None
