"""The search for instances, through the SDK on the emulator: what is in which workspace, and what may be listed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from paidsw.cloud import CloudError, Connection, DswClient, Refused
from paidsw.cloud.client import Listing
from paidsw.emulator.testing import Emulator
from tests.support.cloud import HOME, Cloud
from tests.support.waiting import until

LIST_ALL = "paidsw:ListAllInstances"


@pytest.fixture
def account(cloud: Emulator) -> Cloud:
    return Cloud(cloud)


@pytest.fixture
def three(account: Cloud) -> dict[str, str]:
    """A notebook each in the default workspace, in one of the user's own, and one that is paid in advance."""
    own = account.workspace("own")
    default = account.emulator.default_workspace(HOME)
    account.create("in_default", workspace=default)
    account.create("in_own", workspace=own)
    account.create("paid", workspace=own, ecs_spec=None, resource_id="quota-1")
    return {"own": own, "default": default}


def listing(emulator: Emulator, workspace_id: str = "") -> Listing:
    async def body() -> Listing:
        return await DswClient(Connection(emulator.url), HOME).listing(workspace_id)

    return asyncio.run(body())


def names(found: Listing) -> list[str]:
    return sorted(one.instance_name for one in found.instances)


def lists(emulator: Emulator) -> int:
    return [call.operation for call in emulator.calls].count("ListInstances")


def test_all_workspaces_and_payments_are_searched(account: Cloud, three: dict[str, str]) -> None:
    found = listing(account.emulator)
    assert names(found) == ["in_default", "in_own", "paid"]
    assert found.refused is None
    assert lists(account.emulator) == 1


def test_a_known_workspace_is_listed_by_itself_too(account: Cloud, three: dict[str, str]) -> None:
    assert names(listing(account.emulator, three["own"])) == ["in_default", "in_own", "paid"]
    assert lists(account.emulator) == 2


def test_a_list_of_all_that_lags_is_made_up_for_by_the_known_workspace(account: Cloud) -> None:
    own = account.workspace("own")
    account.emulator.faults.add("stale", "CreateInstance", reads=1)
    account.create("new", workspace=own)
    assert names(listing(account.emulator, own)) == ["new"]


@pytest.mark.parametrize("error", ["http-500", "throttling", "credentials-expired"])
def test_an_error_of_either_list_is_an_error_of_the_search(
    account: Cloud, three: dict[str, str], error: str
) -> None:
    for nth in (1, 2):
        account.emulator.faults.add(error, "ListInstances", nth=nth)
        with pytest.raises(CloudError, match="ListInstances"):
            listing(account.emulator, three["own"])
        account.emulator.faults.clear()


@pytest.mark.parametrize("known", [True, False])
def test_without_the_permission_for_all_each_workspace_is_listed(
    account: Cloud, three: dict[str, str], known: bool
) -> None:
    account.emulator.settings(denied=[LIST_ALL])
    found = listing(account.emulator, three["own"] if known else "")
    assert names(found) == ["in_default", "in_own", "paid"]
    assert isinstance(found.refused, Refused)
    assert "ListAllInstances" in str(found.refused)


@pytest.mark.parametrize(
    ("known", "seen"), [(True, ["in_default", "in_own", "paid"]), (False, ["in_default"])]
)
def test_workspaces_that_may_not_be_listed_either(
    account: Cloud, three: dict[str, str], known: bool, seen: list[str]
) -> None:
    account.emulator.settings(denied=[LIST_ALL, "ListWorkspaces"])
    found = listing(account.emulator, three["own"] if known else "")
    assert names(found) == seen
    assert found.refused is not None


def test_without_any_permission_the_search_is_refused(account: Cloud, three: dict[str, str]) -> None:
    account.emulator.settings(denied=["ListInstances"])
    with pytest.raises(Refused, match="ListInstances"):
        listing(account.emulator, three["own"])


def test_a_workspace_list_that_fails_fails_the_search(account: Cloud, three: dict[str, str]) -> None:
    account.emulator.settings(denied=[LIST_ALL])
    account.emulator.faults.add("http-500", "ListWorkspaces")
    with pytest.raises(CloudError, match="ListWorkspaces"):
        listing(account.emulator)


def test_a_search_without_permission_is_cut_short_by_a_cancel(
    account: Cloud, three: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workspaces are asked for by the operation's own client, whose calls a cancel cuts short."""
    monkeypatch.setattr("paidsw.cloud.sdk.GRACE_SECONDS", 0.01)
    account.emulator.settings(denied=[LIST_ALL])
    account.emulator.faults.add("slow", "ListWorkspaces", hold_ms=60_000)

    def asked() -> bool:
        return "ListWorkspaces" in [call.operation for call in account.emulator.calls]

    async def body() -> Any:
        cancelled = asyncio.Event()
        client = DswClient(Connection(account.emulator.url), HOME).until(cancelled)
        searching = asyncio.ensure_future(client.listing())
        await asyncio.to_thread(until, asked)
        cancelled.set()
        return await searching

    with pytest.raises(CloudError, match="cancelled"):
        asyncio.run(body())
