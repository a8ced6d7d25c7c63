"""Everything that lives in the account, and what each thing costs while it does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..clock import Millis, iso, iso_or_empty
from ..dsw.models import Instance
from ..state import Other, State, Usage
from .bill import ZERO, Bill, bill, is_covered, price
from .tariff import Tariff


@dataclass(frozen=True)
class Live:
    """A live thing. ``billed``: it costs money at this moment, ``yuan_per_hour``; ``cu_per_hour`` from the pack."""

    kind: str
    id: str
    region: str
    name: str
    status: str
    billed: bool
    yuan_per_hour: Decimal = ZERO
    cu_per_hour: Decimal = ZERO
    detail: str = ""
    timer_due: str = ""
    culler_minutes: int = 0
    unguarded_ms: int = 0
    since: str = ""


def live(state: State, tariff: Tariff, now: Millis) -> list[Live]:
    """Instances, paid disks, workspaces and private images, in order of creation."""
    left = bill(state, tariff, now)
    result: list[Live] = []
    for instance in state.instances.values():
        result.extend(_instance(state, instance, left, tariff, now))
    for workspace in state.workspaces.values():
        workspace.settle(now)
    result.extend(
        Live("workspace", w.id, w.region, w.name, w.status, billed=False, since=iso(w.created))
        for w in state.workspaces.values()
    )
    result.extend(
        Live("image", i.id, i.region, i.name, "Saved", billed=False, detail=i.uri, since=iso(i.created))
        for i in state.images.values()
    )
    result.extend(_other(item) for item in state.others.values())
    return result


def _other(item: Other) -> Live:
    ended = item.status in ("Stopped", "Succeeded", "Failed")
    return Live(
        item.kind, item.id, item.region, item.name, item.status, billed=not ended, since=iso(item.created)
    )


def _instance(state: State, instance: Instance, left: Bill, tariff: Tariff, now: Millis) -> list[Live]:
    running = [usage for usage in state.usage if usage.instance_id == instance.id and usage.end is None]
    result = [_machine(instance, running, left, tariff, now)]
    result.extend(
        Live(
            "disk",
            instance.id,
            instance.region,
            instance.name,
            instance.status,
            billed=True,
            yuan_per_hour=price(usage),
            detail=f"{usage.gib} GiB above the free size",
            since=iso(usage.start),
        )
        for usage in running
        if usage.kind == "disk" and usage.payment_type == "PayAsYouGo"
    )
    return result


def _machine(instance: Instance, running: list[Usage], left: Bill, tariff: Tariff, now: Millis) -> Live:
    compute = next((u for u in running if u.kind == "compute" and u.payment_type == "PayAsYouGo"), None)
    covered = compute is not None and is_covered(compute, tariff) and left.cu_left > ZERO
    yuan = price(compute) if compute and not covered else ZERO
    cu = tariff.cu_per_hour[instance.ecs_spec] if covered else ZERO
    since = instance.unguarded_since
    return Live(
        "instance",
        instance.id,
        instance.region,
        instance.name,
        instance.status,
        billed=compute is not None and not covered,
        yuan_per_hour=yuan,
        cu_per_hour=cu,
        detail=instance.ecs_spec,
        timer_due=iso_or_empty(instance.timer.due if instance.timer else None),
        culler_minutes=instance.culler.max_idle_minutes if instance.culler else 0,
        unguarded_ms=instance.unguarded_ms + (now - since if since is not None else 0),
        since=iso(instance.created),
    )
