"""What an audit can't see it says, and is not clean."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from paidsw.audit.inventory import READS, InventoryReader, is_worth_retrying
from paidsw.audit.model import FINDINGS, INCOMPLETE, Kind
from paidsw.audit.not_seen import not_seen
from paidsw.audit.regions import PLACES, Service
from paidsw.audit.run import Options, audit
from paidsw.cloud import CloudError, Connection, CredentialsMissing, NotSent, Reason, Throttled
from paidsw.cloud.clock import SystemClock
from paidsw.cloud.sdk import SdkClient
from tests.support.audited import AuditedAccount, declared, kinds
from tests.support.cloud import HOME

# The operation, where it is asked, and what isn't seen without it.
PERMISSIONS = {
    "ListInstances": "notebook instances",
    "ListWorkspaces": "workspaces",
    "ListImages": "saved images",
    "ListServices": "EAS services",
    "ListResources": "EAS resource groups",
    "ListJobs": "DLC jobs",
    "GetUserConfig": "the trial",
    "QueryAccountBalance": "the account's balance",
    "QueryBillOverview": "this month's bill",
    "QueryResourcePackageInstances": "resource packs",
}


@pytest.mark.parametrize("operation", sorted(PERMISSIONS))
def test_a_missing_permission_is_not_clean(world: AuditedAccount, operation: str) -> None:
    world.emulator.settings(denied=[operation])
    report = world.audit(HOME, "cn-beijing")
    missed = [item for item in report.not_seen if item.blocking]
    assert {str(item.what) for item in missed} == {PERMISSIONS[operation]}
    assert {"no permission" in str(item.why) for item in missed} == {True}
    assert {str(item.fix) for item in missed} == {
        "attach the policy docs/ram/audit.json to this user, for the whole account"
    }
    assert (report.exit_code, str(report.verdict).startswith("INCOMPLETE")) == (INCOMPLETE, True)


def test_a_notebook_of_another_workspace_is_found(world: AuditedAccount) -> None:
    made = world.guarded()
    world.emulator.default_workspace(HOME)
    assert [thing.where.id for thing in world.audit(HOME).things if thing.kind == "instance"] == [made]


def test_without_the_permission_for_all_workspaces_the_rest_is_not_seen(world: AuditedAccount) -> None:
    made = world.guarded()
    world.emulator.settings(denied=["paidsw:ListAllInstances"])
    report = world.audit(HOME)
    assert [thing.where.id for thing in report.things if thing.kind == "instance"] == [made]
    [missed] = [item for item in report.not_seen if item.blocking]
    assert str(missed.what) == "notebook instances of workspaces that this user is not a member of"
    assert str(missed.fix) == "attach the policy docs/ram/audit.json to this user, for the whole account"
    assert report.exit_code == INCOMPLETE
    # The advice: with the policy's actions it is complete.
    world.emulator.settings(denied=[])
    assert [item for item in world.audit(HOME).not_seen if item.blocking] == []


def test_what_is_not_seen_is_not_called_gone(world: AuditedAccount) -> None:
    stack = declared("dsw-0000")
    assert Kind.GONE in kinds(world.audit(HOME, declared=stack))
    world.emulator.settings(denied=["paidsw:ListAllInstances"])
    assert Kind.GONE not in kinds(world.audit(HOME, declared=stack))


def test_no_permission_at_all(world: AuditedAccount) -> None:
    world.guarded()
    world.emulator.settings(denied=["*"])
    report = world.audit()
    assert report.findings == ()
    assert {str(item.what) for item in report.not_seen if item.blocking} == set(PERMISSIONS.values())
    assert report.exit_code == INCOMPLETE


def test_prices_that_are_missing_hide_no_finding(world: AuditedAccount) -> None:
    world.guarded(region="cn-hongkong")
    world.emulator.settings(denied=["ListEcsSpecs"])
    report = world.audit()
    assert (report.exit_code, kinds(report)) == (FINDINGS, {Kind.OUT_OF_TIER, Kind.BILLED})
    assert report.findings[0].cost is None
    assert "prices of instance types" in {str(item.what) for item in report.not_seen}


def test_a_region_that_is_down_hides_only_itself(world: AuditedAccount) -> None:
    world.guarded(region="cn-hongkong")
    world.guarded()
    world.emulator.faults.add("http-503", region=HOME, times=0)
    report = world.audit(declared=declared("dsw-gone"))
    assert {item.region for item in report.not_seen if item.blocking} == {HOME}
    assert {str(item.what) for item in report.not_seen if item.region == HOME} == {
        str(read.what) for read in READS
    }
    assert Kind.OUT_OF_TIER in kinds(report)
    assert Kind.GONE not in kinds(report)  # nobody looked where it should be
    assert report.account.left_cu is not None  # another region told
    assert report.exit_code == INCOMPLETE


def test_a_hanging_region_costs_its_own_time_once(world: AuditedAccount) -> None:
    regions = ("cn-beijing", "cn-shanghai")
    world.guarded(region="cn-beijing")
    world.audit(*regions)  # so that the time below is not the SDKs' import
    world.emulator.faults.add("slow", "List*", region="cn-shanghai", times=0, hold_ms=60_000)
    begun = time.monotonic()
    report = world.audit(*regions, limit=4)
    took = time.monotonic() - begun
    assert took < 6 * 4  # one limit for all six lists of the region, and not one each
    blocked = [item for item in report.not_seen if item.blocking]
    assert {item.region for item in blocked} == {"cn-shanghai"}
    assert {str(item.why) for item in blocked} == {"no answer within 4 s"}
    assert "cn-beijing" in {thing.where.region for thing in report.things}


def test_all_that_hangs_is_given_up_together() -> None:
    async def run() -> tuple[dict[str, Any], int]:
        reader = InventoryReader(Connection("http://127.0.0.1:1"), SystemClock(), limit=0.05)
        never = asyncio.Event()

        async def quick() -> str:
            return "seen"

        work = {str(number): never.wait() for number in range(100)} | {"quick": quick()}
        return await reader.within(work), len(asyncio.all_tasks())

    results, left = asyncio.run(run())
    assert results.pop("quick") == "seen"
    assert {type(result) for result in results.values()} == {TimeoutError}
    assert left == 1


def test_throttling_is_waited_out(world: AuditedAccount) -> None:
    world.cloud.running()
    world.emulator.faults.add("throttling", "List*", times=12)
    world.emulator.faults.add("throttling", "GetUserConfig", times=1, retry_after=3000)
    report = world.audit(HOME)
    assert not report.incomplete
    assert Kind.UNGUARDED in kinds(report)


def test_throttling_without_end_is_reported(world: AuditedAccount) -> None:
    world.emulator.faults.add("throttling", "ListJobs", times=0)
    report = world.audit(HOME)
    [missed] = [item for item in report.not_seen if item.blocking]
    assert (str(missed.what), missed.service) == ("DLC jobs", Service.DLC)
    assert "asked too often" in str(missed.why)


def test_a_hiccup_is_tried_again(world: AuditedAccount) -> None:
    world.emulator.faults.add("http-500", "ListServices")
    assert not world.audit(HOME).incomplete


@pytest.mark.parametrize("kind", ["cut-before", "bad-body", "success-false"])
def test_an_answer_that_is_none(world: AuditedAccount, kind: str) -> None:
    world.emulator.faults.add(kind, "ListInstances", times=0)
    report = world.audit(HOME)
    assert {str(item.what) for item in report.not_seen if item.blocking} == {"notebook instances"}


def test_an_answer_of_another_form(world: AuditedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(self: Any, operation: str, request: Any, *path: str) -> dict[str, Any]:
        return {"TotalCount": "many", "Instances": [{"InstanceId": 7}], "Data": {"Items": {"Item": [{}]}}}

    monkeypatch.setattr("paidsw.cloud.sdk.SdkClient.call", answer)
    report = world.audit(HOME)
    assert report.exit_code == INCOMPLETE
    assert {"ListInstances: unreadable answer" in str(item.why) for item in report.not_seen} >= {True}


def test_a_thousand_instances_are_all_seen(world: AuditedAccount) -> None:
    for number in range(1000):
        world.put(number, disk_gib=200 if number % 100 == 0 else 100)
    report = world.audit(HOME)
    assert len({thing.where.id for thing in report.things if thing.kind == "instance"}) == 1000
    assert sum(finding.kind is Kind.DISK for finding in report.findings) == 10
    pages = [call for call in world.emulator.calls if call.operation == "ListInstances"]
    assert len(pages) == 10


def test_many_jobs_are_paged(world: AuditedAccount) -> None:
    for number in range(250):
        status = "Running" if number == 0 else "Succeeded"
        world.emulator.other("dlc-job", f"dlc-{number}", HOME, name="j", status=status)
    report = world.audit(HOME)
    assert [finding.where.id for finding in report.findings] == ["dlc-0"]


def test_one_region_is_one_region(world: AuditedAccount) -> None:
    world.audit("cn-beijing")
    asked = {call.region for call in world.emulator.calls if call.operation in {r.operation for r in READS}}
    assert asked == {"cn-beijing"}


def test_without_billing_nothing_of_it_is_asked(world: AuditedAccount) -> None:
    report = world.audit(HOME, billing=False)
    assert not any(call.operation.startswith("Query") for call in world.emulator.calls)
    assert report.exit_code == 0
    [left_out] = [item for item in report.not_seen if item.service == Service.BILLING]
    assert (left_out.blocking, str(left_out.why)) == (False, "--without-billing leaves them out")


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(self: Connection) -> str:
        raise CredentialsMissing("none", "set one")

    async def call(self: SdkClient, *_: Any) -> Any:
        raise AssertionError("asked without credentials")

    monkeypatch.setattr(Connection, "credentials_source", none)
    monkeypatch.setattr(SdkClient, "call", call)
    with pytest.raises(CredentialsMissing, match=r"^none; set one$"):
        asyncio.run(audit(Options(Connection())))


def test_without_credentials_nothing_was_seen() -> None:
    error = CredentialsMissing("none", "set one")
    missed = not_seen(PLACES[HOME], Service.DLC, "ListJobs", "DLC jobs", error, 1)
    assert (str(missed.why), missed.blocking) == ("no credentials", True)


@pytest.mark.parametrize(
    ("region", "service", "blocking"),
    [
        (HOME, Service.DSW, True),
        (HOME, Service.EAS, True),
        ("us-west-1", Service.DSW, False),
        ("cn-guangzhou", Service.EAS, False),
    ],
)
def test_a_service_without_an_address(region: str, service: Service, blocking: bool) -> None:
    error = NotSent("ListX", "no", code=Reason.NO_ADDRESS)
    missed = not_seen(PLACES[region], service, "ListX", "things", error, 1)
    assert missed.blocking is blocking
    assert ("no address" in str(missed.why)) is not blocking


def test_a_service_without_an_address_anywhere_is_not_seen(
    world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = {"cn-beijing", HOME}
    real = SdkClient.call

    async def call(self: SdkClient, operation: str, request: Any, *path: str) -> Any:
        if operation == "ListJobs" and self.region in nowhere:
            raise NotSent(operation, "no", code=Reason.NO_ADDRESS)
        return await real(self, operation, request, *path)

    monkeypatch.setattr(SdkClient, "call", call)
    report = world.audit(HOME, "cn-beijing")
    assert {(str(item.what), str(item.fix)) for item in report.not_seen if item.blocking} == {
        ("DLC jobs", "check the network, then run the audit again")
    }
    nowhere.remove("cn-beijing")
    report = world.audit(HOME, "cn-beijing")
    assert (report.exit_code, [item.region for item in report.not_seen if str(item.what) == "DLC jobs"]) == (
        0,
        [HOME],
    )


def test_what_no_document_names_is_probably_not_there(
    world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SdkClient.call

    async def call(self: SdkClient, operation: str, request: Any, *path: str) -> Any:
        if self.region == "us-west-1" and self.product != "pai-eas":
            raise NotSent(operation, "no", code=Reason.NO_ADDRESS)
        return await real(self, operation, request, *path)

    monkeypatch.setattr(SdkClient, "call", call)
    assert world.audit().exit_code == 0
    assert world.audit("us-west-1").exit_code == INCOMPLETE  # alone, nothing tells it from a broken network


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (Throttled("x", "slowly", code="ServiceUnavailable"), True),
        (Throttled("x", "slowly", code="Throttling.Api"), True),
        (Throttled("x", "slowly", code="Rejected.Throttling"), True),
        (CloudError("x", "no", status=500), True),
        (CloudError("x", "no", status=503), True),
        (CloudError("x", "no", status=403), False),
        (CloudError("x", "no", status=404), False),
        (NotSent("x", "no"), False),
    ],
)
def test_only_what_may_pass_is_asked_again(error: CloudError, *, again: bool) -> None:
    assert is_worth_retrying(error) is again


def test_a_retry_waits_as_long_as_the_cloud_says(world: AuditedAccount) -> None:
    before = world.emulator.clock.now_ms()
    world.emulator.faults.add("throttling", "ListJobs", times=1, retry_after=9000)
    assert not world.audit(HOME).incomplete
    assert 9000 <= world.emulator.clock.now_ms() - before < 15_000


@pytest.mark.parametrize("operation", sorted(PERMISSIONS))
def test_one_list_that_hangs_hides_only_itself(
    operation: str, world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def call(self: SdkClient, asked: str, request: Any, *path: str) -> Any:
        if asked == operation:
            await asyncio.Event().wait()
        return {"TotalCount": 0, "Data": {"AvailableAmount": "1.00"}}

    monkeypatch.setattr(SdkClient, "call", call)
    report = world.audit(HOME, limit=0.2)
    assert {str(item.what) for item in report.not_seen if item.blocking} == {PERMISSIONS[operation]}
    assert {str(item.why) for item in report.not_seen if item.blocking} == {"no answer within 0.2 s"}


def test_the_clouds_words_are_not_repeated() -> None:
    error = CloudError("ListJobs", "token=SECRET", code="Bad<b>SECRET</b>" + "x" * 99, status=400)
    missed = not_seen(PLACES[HOME], Service.DLC, "ListJobs", "DLC jobs", error, 1)
    assert "token" not in str(missed.why)
    assert "<" not in str(missed.why)
    assert len(str(missed.why)) < 120


@pytest.mark.parametrize(
    ("code", "status", "permission"),
    [
        ("NoPermissionError", 403, True),
        ("NotAuthorized", 200, True),
        ("Forbidden.RAM", 400, True),
        ("Whatever", 403, True),
        ("InvalidSecurityToken.Expired", 403, False),
        ("SignatureDoesNotMatch", 403, False),
        ("InvalidAccessKeyId.NotFound", 404, False),
        ("InternalError", 500, False),
    ],
)
def test_what_a_policy_fixes(code: str, status: int, permission: bool) -> None:
    assert CloudError("ListJobs", "no", code=code, status=status).lacks_permission is permission


def test_what_is_given_up_is_not_left_running(world: AuditedAccount) -> None:
    world.emulator.faults.add("slow", "ListJobs", times=0, hold_ms=60_000)

    async def run() -> int:
        from paidsw.audit.run import Options, audit
        from paidsw.cloud import Connection

        await audit(Options(Connection(world.emulator.url), (HOME,), limit=1.5))
        return len(asyncio.all_tasks())

    assert asyncio.run(run()) == 1
