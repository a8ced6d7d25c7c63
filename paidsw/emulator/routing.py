"""Operations and their routes. Method and path decide: older clients send no action header."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .models import Json, Millis
from .wire import Fields

if TYPE_CHECKING:
    from .cloud import Cloud


@dataclass
class Call:
    """One call under way: what was asked, where, and when on the emulator's clock."""

    cloud: Cloud
    operation: str
    region: str
    user_id: str
    now: Millis
    params: dict[str, str] = field(default_factory=dict)
    query: Fields = field(default_factory=lambda: Fields({}))
    body: Fields = field(default_factory=lambda: Fields({}))


OWNER = "1000000000000001"  # the account that every access key belongs to
Handler = Callable[[Call], Json]

# What a service adds to an operation's own members.
FULL = ("Code", "HttpStatusCode", "Message", "Success")
NO_HTTP = ("Code", "Message", "Success")
BARE = ()


@dataclass(frozen=True)
class Operation:
    """An operation of a product's API."""

    product: str
    name: str
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    envelope: tuple[str, ...]
    rpc: bool = False

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing."""
        return self.method == "GET" or (self.rpc and self.name.startswith("Query"))

    @property
    def actions(self) -> tuple[str, ...]:
        """The RAM actions that the operation needs; several where the documents disagree on the name."""
        return ACTIONS.get(self.name) or (f"{RAM_CODES[self.product]}:{self.name}",)


RAM_CODES = {"dsw": "paidsw", "aiworkspace": "paiworkspace", "eas": "eas", "dlc": "paidlc", "bss": "bssapi"}
ACTIONS = {
    "CreateInstance": ("paidsw:CreateInstance", "paidsw:CreatePostPaidInstance"),
    "UpdateInstance": ("paidsw:UpdatePostPaidInstance",),
    "DeleteInstance": ("paidsw:DeleteInstance", "paidsw:DeletePostPaidInstance"),
    "ListImages": ("paiimage:ListImages",),
    "GetImage": ("paiimage:GetImage",),
    "ListProducts": ("pai:ListProducts",),
    "CreateProductOrders": ("pai:CreateOrder",),
}


OPERATIONS: list[Operation] = []


def operation(
    product: str, method: str, template: str, name: str, envelope: tuple[str, ...] = FULL
) -> Callable[[Handler], Handler]:
    """Register a handler for a method and a path such as ``/api/v2/instances/{InstanceId}``."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "/?")

    def register(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(product, name, method, pattern, handler, envelope))
        return handler

    return register


def rpc(product: str, name: str, envelope: tuple[str, ...] = FULL) -> Callable[[Handler], Handler]:
    """Register a handler for an action of the RPC style: all have one path, and a header names the action."""

    def register(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(product, name, "POST", re.compile("/"), handler, envelope, rpc=True))
        return handler

    return register


def match(
    product: str | None, method: str, raw_path: str, action: str = ""
) -> tuple[Operation, dict[str, str]] | None:
    """The operation of a request and its path's parameters; product None looks in all products."""
    for candidate in OPERATIONS:
        if candidate.method != method or product not in (None, candidate.product):
            continue
        if candidate.rpc and candidate.name != action:
            continue
        if found := candidate.pattern.fullmatch(raw_path):
            return candidate, {key: unquote(value) for key, value in found.groupdict().items()}
    return None
