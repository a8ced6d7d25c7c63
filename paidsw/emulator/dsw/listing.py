"""ListInstances: filters, order and pages."""

from __future__ import annotations

from collections.abc import Callable

from ..catalogue import SPECS
from ..errors import invalid
from ..models import Instance, Json
from ..paging import ordered, page
from ..routing import Call, operation
from ..wire import Fields
from .instances import PATH
from .views import item

MAX_LABELS = 4
_SORT: dict[str, Callable[[Instance], int]] = {
    "Priority": lambda instance: int(instance.spec.get("Priority", 1)),
    "GmtCreateTime": lambda instance: instance.created,
    "GmtModifiedTime": lambda instance: instance.modified,
}


@operation("dsw", "GET", PATH, "ListInstances")
def list_instances(call: Call) -> Json:
    """Instances of the region; without ResourceId pay-as-you-go ones only."""
    tests = _tests(call.query)
    found = [x for x in call.cloud.see_instances(call.region) if all(test(x) for test in tests)]
    found.sort(key=lambda instance: instance.created, reverse=True)
    found = ordered(call.query, found, _SORT)
    return {
        "Instances": [item(call.cloud, x, call.now) for x in page(call.query, found, default=10)],
        "MigrationOptions": {},
        "TotalCount": len(found),
    }


Test = Callable[[Instance], bool]


def _tests(query: Fields) -> list[Test]:
    tests = [_by_resource(query.text("ResourceId")), _by_labels(query), _by_tags(query), *_by_time(query)]
    for name, read in _EQUAL.items():
        if wanted := query.text(name):
            tests.append(lambda x, wanted=wanted, read=read: wanted in ("ALL", read(x)))  # type: ignore[misc]  # a lambda's defaults have no types
    if part := query.text("InstanceName"):
        # A part of the name is enough, and letters' case counts.
        tests.append(lambda x: part in x.name)
    if image := query.text("ImageName"):
        tests.append(lambda x: image in str(x.spec.get("ImageName", "")))
    return tests


_EQUAL: dict[str, Callable[[Instance], str]] = {
    "WorkspaceId": lambda x: x.workspace_id,
    "InstanceId": lambda x: x.id,
    "Status": lambda x: x.status,
    "PaymentType": lambda x: x.payment_type,
    "Accessibility": lambda x: x.accessibility,
    "CreateUserId": lambda x: x.user_id,
    "AcceleratorType": lambda x: SPECS[x.ecs_spec].accelerator if x.ecs_spec in SPECS else "CPU",
    "GpuType": lambda x: SPECS[x.ecs_spec].gpu_type if x.ecs_spec in SPECS else "",
}


def _by_resource(resource_id: str) -> Test:
    if resource_id == "ALL":
        return lambda _: True
    if resource_id:
        return lambda x: x.spec.get("ResourceId") == resource_id
    return lambda x: x.payment_type == "PayAsYouGo"


def _by_labels(query: Fields) -> Test:
    labels = query.text_map("Labels")
    if len(labels) > MAX_LABELS:
        raise invalid(f"Labels takes at most {MAX_LABELS} labels")
    return lambda x: labels.items() <= x.labels.items()


def _by_tags(query: Fields) -> Test:
    if not query.text("Tag"):
        return lambda _: True
    tags = query.json_pairs("Tag")
    return lambda x: tags.items() <= x.tags.items()


def _by_time(query: Fields) -> list[Test]:
    tests: list[Test] = []
    if (after := query.moment("CreateTimeAfter")) is not None:
        tests.append(lambda x: x.created >= after)
    if (before := query.moment("CreateTimeBefore")) is not None:
        tests.append(lambda x: x.created <= before)
    return tests
