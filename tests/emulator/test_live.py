"""What lives and what it costs at this moment; and the console page that shows it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from paidsw.emulator import console
from paidsw.emulator.ledger.live import Live
from tests.support.account import Account
from tests.support.cloud import A10, CPU, OFF_TIER, V100


@pytest.fixture
def world() -> Account:
    return Account()


def the(world: Account, kind: str = "instance") -> Live:
    (found,) = [thing for thing in world.account.live() if thing.kind == kind]
    return found


@pytest.mark.parametrize(
    ("members", "trial", "cu", "yuan"),
    [
        ({}, {}, "6.991", "0"),
        ({"EcsSpec": V100}, {}, "13.9", "0"),
        ({"EcsSpec": OFF_TIER}, {}, "0", "12.60"),
        ({"EcsSpec": CPU}, {}, "0", "1.20"),
        ({"SpotSpec": {"SpotStrategy": "SpotAsPriceGo"}}, {}, "0", "3.480"),
        ({"SpotSpec": {"SpotStrategy": "NoSpot"}}, {}, "6.991", "0"),
        ({"EcsSpec": None, "ResourceId": "quota-1"}, {}, "0", "0"),
        ({}, {"claimed": False}, "0", "11.60"),
        ({}, {"remaining_cu": 0}, "0", "11.60"),
        ({}, {"expires_at": "2026-01-05T02:00:00Z"}, "0", "11.60"),
    ],
)
def test_what_a_running_machine_costs(
    world: Account, members: dict[str, Any], trial: dict[str, Any], cu: str, yuan: str
) -> None:
    world.control.handle("POST", "trial", {}, trial)
    world.running(**members)
    found = the(world)
    assert (found.billed, found.yuan_per_hour) == (Decimal(yuan) > 0, Decimal(yuan))
    if cu == "13.9":
        assert found.cu_per_hour == world.account.tariff.cu_per_hour[V100] >= Decimal(13)
    else:
        assert found.cu_per_hour == Decimal(cu)


def test_a_machine_begins_to_cost_when_the_quota_ends(world: Account) -> None:
    world.control.handle("POST", "trial", {}, {"remaining_cu": "6.991"})
    world.create()
    # On from 65 s after the create, which is within the second minute; an hour is paid for.
    for minutes, billed in ((60, False), (1, True)):
        world.advance(minutes=minutes)
        assert the(world).billed is billed
    assert world.account.bill().total == 0
    world.advance(minutes=1)
    assert world.account.bill().total == Decimal("0.193333")


@pytest.mark.parametrize(
    "status", ["Creating", "Queuing", "ResourceAllocating", "Stopped", "Failed", "Arrearge"]
)
def test_without_a_machine_nothing_is_billed(world: Account, status: str) -> None:
    world.force(world.create(EcsSpec=OFF_TIER), status)
    assert (the(world).billed, the(world).yuan_per_hour) == (False, Decimal(0))


def test_a_grown_disk_is_a_thing_of_its_own(world: Account) -> None:
    made = world.create(CloudDisks=[{"Capacity": "120Gi"}])
    world.force(made, "Stopped")
    found = the(world, "disk")
    assert (found.billed, found.yuan_per_hour, found.detail) == (
        True,
        Decimal("0.0300"),
        "20 GiB above the free size",
    )
    assert not the(world).billed


def test_a_workspace_is_shown_ready_when_it_is(world: Account) -> None:
    body = {"WorkspaceName": "abc", "Description": "d", "EnvTypes": ["prod"]}
    world.call("CreateWorkspace", body)
    shown = [(thing.name, thing.status) for thing in world.account.live()]
    assert shown == [("space", "ENABLED"), ("abc", "INITIALIZING")]
    world.advance(3)
    assert [thing.status for thing in world.account.live()] == ["ENABLED", "ENABLED"]


@pytest.mark.parametrize(
    ("kind", "status", "billed"),
    [
        ("eas-service", "Running", True),
        ("eas-service", "Stopped", False),
        ("eas-service", "Failed", False),
        ("eas-service", "Waiting", True),
        ("dlc-job", "Succeeded", False),
        ("dlc-job", "Running", True),
        ("eas-resource", "Ready", True),
    ],
)
def test_a_neighbour_costs_until_it_has_ended(world: Account, kind: str, status: str, billed: bool) -> None:
    values = {"kind": kind, "id": "x", "region": "cn-beijing", "name": "n", "status": status}
    world.control.handle("POST", "other", {}, values)
    assert (the(world, kind).billed, the(world, kind).region) == (billed, "cn-beijing")


@pytest.mark.parametrize(
    ("guards", "milliseconds"),
    [
        ([], 5 * 60_000 + 115_000),
        ([("CreateInstanceShutdownTimer", {"RemainingTimeInMs": 36_000_000})], 115_000),
        ([("CreateIdleInstanceCuller", {"MaxIdleTimeInMinutes": 60, "CpuPercentThreshold": 5})], 115_000),
    ],
)
def test_time_without_a_guard_lasts_until_there_is_one(
    world: Account, guards: list[tuple[str, dict[str, int]]], milliseconds: int
) -> None:
    made = world.running()
    for name, body in guards:
        world.on(name, made, body)
    world.advance(minutes=5)
    assert the(world).unguarded_ms == milliseconds
    world.on("StopInstance", made)
    world.advance(hours=1)
    assert the(world).unguarded_ms == milliseconds + (0 if guards else 30_000)


# --- the page ---


def page(world: Account) -> str:
    return console.page(world.account, world.control.status())


def cells(text: str, title: str) -> list[list[str]]:
    """The rows of one table of the page."""
    table = text.partition(f"<h2>{title}</h2>")[2].partition("</table>")[0]
    return [re.findall(r"<td>([^<]*)", row) for row in table.split("<tr>")[2:]]


@pytest.mark.parametrize(
    ("minutes", "spec", "row"),
    [
        (60, A10, ["60", "6.991", "0", "covered by the trial"]),
        (600, A10, ["600", "69.91", "0", "covered by the trial"]),
        (60, OFF_TIER, ["60", "0", "12.6", "type not covered"]),
        (3000, CPU, ["3000", "0", "60", "type not covered"]),
        (30_000, CPU, ["30000", "0", "600", "type not covered"]),
    ],
)
def test_numbers_are_written_out(world: Account, minutes: int, spec: str, row: list[str]) -> None:
    world.create(EcsSpec=spec)
    # On 65 s after the create: its first minute has begun five seconds before.
    world.advance(minutes=minutes + 1)
    assert cells(page(world), "Bill")[0][3:] == row


def test_the_sums_above(world: Account) -> None:
    world.create(EcsSpec=OFF_TIER)
    world.advance(hours=1, minutes=1)
    text = page(world)
    assert '<b class="bad">¥12.60</b>bill' in text
    assert "<b>250.00</b>CU·h left in 2026-01" in text
    assert "<b>2</b>alive" in text
    assert '<b class="bad">1</b>costing money now' in text


def test_the_last_calls_newest_first_and_no_more_than_fit(world: Account) -> None:
    for _ in range(console.LAST_CALLS + 5):
        world.call("GetUserConfig")
    world.call("GetInstance", InstanceId="dsw-none")
    rows = cells(page(world), "Last calls")
    assert len(rows) == console.LAST_CALLS
    assert rows[0][1:] == ["GetInstance", "cn-wulanchabu", "dsw-none", "404", "ValidationError", ""]


def test_an_order_that_was_tried_is_on_it(world: Account) -> None:
    assert "Orders tried" not in page(world)
    body = {"AutoPay": True, "Products": [{"ProductCode": "PAI_share"}, {"ProductCode": "OSS_share"}]}
    assert world.call("CreateProductOrders", body)[0] == 403
    assert cells(page(world), "Orders tried") == [
        ["2026-01-05T02:00:00Z", "CreateProductOrders", "cn-wulanchabu", "PAI_share, OSS_share"]
    ]


def test_a_page_leaves_the_account_as_it_is(world: Account) -> None:
    world.running()
    before = world.text()
    page(world)
    assert world.text() == before
