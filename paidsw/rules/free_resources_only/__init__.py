"""The stack holds only resources that are known to be free."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from paidsw.core.messages import message
from paidsw.rules.rule import (
    CLEANUP_TYPE,
    INSTANCE_TYPE,
    OWNER_TYPE,
    WORKSPACE_TYPE,
    Finding,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    Wording,
)
from paidsw.trial.terms import Terms

FREE = (INSTANCE_TYPE, OWNER_TYPE, CLEANUP_TYPE, WORKSPACE_TYPE)
# What bills in its own name; the first pattern that fits a type token names it.
_PRODUCTS = {
    "PAI-EAS, which has a trial of its own": r"alicloud:pai/service:|[:/]eas|Eas",
    "PAI-DLC, which has a trial of its own": r"[:/]dlc|Dlc",
    "OSS": r"alicloud:oss/",
    "NAS": r"alicloud:nas/",
    "an elastic IP address": r"[:/]eip|Eip",
    "a NAT gateway": r"[:/]nat(?!ion)|Nat",
    "a load balancer": r"alicloud:(slb|alb|nlb)/",
    "an ECS machine or disk": r"alicloud:ecs/",
}

_BILLS = Wording(
    what="{type} is {product}, which bills",
    allowed="{free}",
    fix="remove the resource from this stack",
)
_NOT_KNOWN = replace(_BILLS, what="{type} is not known to be free")


class Settings(NamedTuple):
    """`also_free`: type tokens that you know to cost nothing, such as `random:index/randomId:RandomId`."""

    also_free: tuple[str, ...] = ()


def check(resource: Resource, settings: Settings, _terms: Terms) -> Iterator[Finding]:
    """Finds a resource that a provider manages and whose type is not known to be free."""
    kind = resource.type
    if not resource.custom or kind.startswith("pulumi:") or kind in FREE or kind in settings.also_free:
        return
    product = next((name for name, words in _PRODUCTS.items() if re.search(words, kind)), None)
    free = ", ".join((*FREE, *settings.also_free))
    if product:
        yield _BILLS.at("type", type=kind, product=message(product), free=free)
    else:
        yield _NOT_KNOWN.at("type", type=kind, free=free)


RULE = Rule(
    id="free-resources-only",
    title="Nothing that bills",
    description="The stack holds only resources that are known to be free.",
    why="The trial pays for the notebook alone; anything else in the stack is billed, often while nobody uses it.",
    steps="Remove the resource, or name its type in the setting `alsoFree` if you know that it costs nothing.",
    severity=Severity.CRITICAL,
    reference=Reference.TRIAL,
    scope=Scope.ANY,
    settings=Settings,
    check=check,
)
