"""EAS, DLC and billing, through the official SDKs."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_bssopenapi20171214 import models as bss
from alibabacloud_bssopenapi20171214.client import Client as BssClient
from alibabacloud_eas20210701 import models as eas
from alibabacloud_eas20210701.client import Client as EasClient
from alibabacloud_pai_dlc20201203 import models as dlc
from alibabacloud_pai_dlc20201203.client import Client as DlcClient
from darabonba.exceptions import DaraException

from paidsw.emulator.errors import ApiError
from paidsw.emulator.testing import Emulator, running_emulator
from tests.support.cloud import HOME, OFF_TIER, Cloud, config

EAS = "cn-zhangjiakou"


def eas_client(emulator: Emulator, region: str = HOME) -> Any:
    return EasClient(config(emulator, region, endpoint=f"pai-eas.{region}.aliyuncs.com"))


def dlc_client(emulator: Emulator, region: str = HOME) -> Any:
    return DlcClient(config(emulator, region, endpoint=f"pai-dlc.{region}.aliyuncs.com"))


@pytest.fixture
def billing(emulator: Emulator) -> Any:
    return BssClient(config(emulator, "cn-hangzhou"))


def test_an_account_without_any(emulator: Emulator, billing: Any) -> None:
    assert eas_client(emulator).list_services(eas.ListServicesRequest()).body.services == []
    assert eas_client(emulator).list_resources(eas.ListResourcesRequest()).body.total_count == 0
    assert dlc_client(emulator).list_jobs(dlc.ListJobsRequest()).body.jobs == []
    assert (
        billing.query_bill_overview(bss.QueryBillOverviewRequest(billing_cycle="2026-01")).body.success
        is True
    )


def test_services_and_groups_are_those_of_the_region(emulator: Emulator) -> None:
    emulator.other("eas-service", "eas-m-1", EAS, name="chat", status="Running", Gpu=1)
    emulator.other("eas-resource", "eas-r-1", EAS, name="group", PrePaidInstanceCount=2)
    here, there = eas_client(emulator, EAS), eas_client(emulator)
    [service] = here.list_services(eas.ListServicesRequest()).body.services
    assert (service.service_id, service.service_name, service.gpu) == ("eas-m-1", "chat", 1)
    assert service.create_time == service.create_time.strip() != ""
    [group] = here.list_resources(eas.ListResourcesRequest()).body.resources
    assert (group.resource_name, group.pre_paid_instance_count) == ("group", 2)
    assert there.list_services(eas.ListServicesRequest()).body.total_count == 0
    assert there.list_resources(eas.ListResourcesRequest()).body.total_count == 0


def test_services_are_filtered_and_paged(emulator: Emulator) -> None:
    for number in range(7):
        emulator.other("eas-service", f"eas-m-{number}", HOME, status="Running" if number else "Stopped")
        emulator.clock.advance(1)
    client = eas_client(emulator)
    body = client.list_services(eas.ListServicesRequest(page_number=2, page_size=3)).body
    assert [item.service_id for item in body.services] == ["eas-m-3", "eas-m-2", "eas-m-1"]
    assert (body.page_number, body.total_count) == (2, 7)
    stopped = client.list_services(eas.ListServicesRequest(service_status="Stopped")).body
    assert [item.service_id for item in stopped.services] == ["eas-m-0"]
    assert stopped.services[0].running_instance == 0


def test_a_service_is_deleted_by_cluster_and_name(emulator: Emulator) -> None:
    emulator.other("eas-service", "eas-m-1", HOME, name="chat")
    client = eas_client(emulator)
    for cluster, name in (("cn-beijing", "chat"), (HOME, "other")):
        with pytest.raises(DaraException) as error:
            client.delete_service(cluster, name)
        assert error.value.status_code == 404
    assert [thing.kind for thing in emulator.billed()] == ["eas-service"]
    client.delete_service(HOME, "chat")
    assert emulator.live() == []


def test_jobs_of_all_workspaces_only_when_asked(emulator: Emulator) -> None:
    emulator.other("dlc-job", "dlc-1", HOME, WorkspaceId="77")
    emulator.clock.advance(90)
    client = dlc_client(emulator)
    assert client.list_jobs(dlc.ListJobsRequest()).body.total_count == 0
    assert client.list_jobs(dlc.ListJobsRequest(workspace_id="77")).body.total_count == 1
    [job] = client.list_jobs(dlc.ListJobsRequest(from_all_workspaces=True)).body.jobs
    assert (job.job_id, job.status, job.duration) == ("dlc-1", "Running", 90)
    assert job.job_specs[0].ecs_spec == "ecs.gn7i-c8g1.2xlarge"


def test_a_job_is_stopped_once(emulator: Emulator) -> None:
    emulator.other("dlc-job", "dlc-1", HOME)
    emulator.other("dlc-job", "dlc-2", HOME, status="Succeeded")
    client = dlc_client(emulator)
    for job in ("dlc-1", "dlc-2"):
        assert client.stop_job(job).body.job_id == job
    assert {thing.id: thing.status for thing in emulator.live()} == {"dlc-1": "Stopped", "dlc-2": "Succeeded"}
    assert emulator.billed() == []
    with pytest.raises(DaraException) as error:
        dlc_client(emulator, "cn-beijing").stop_job("dlc-1")
    assert error.value.status_code == 404


def test_the_trial_is_a_pack(cloud: Cloud, billing: Any) -> None:
    cloud.emulator.trial(remaining_cu="12.5")
    body = billing.query_resource_package_instances(bss.QueryResourcePackageInstancesRequest()).body
    [pack] = body.data.instances.instance
    assert (pack.total_amount, pack.remaining_amount, pack.status) == ("250", "12.500000", "Available")
    assert pack.applicable_products.product == ["learn"]
    cloud.emulator.clock.advance(days=100)
    body = billing.query_resource_package_instances(bss.QueryResourcePackageInstancesRequest()).body
    assert body.data.instances.instance[0].status == "Expired"
    cloud.emulator.trial(claimed=False)
    body = billing.query_resource_package_instances(bss.QueryResourcePackageInstancesRequest()).body
    assert (body.data.instances.instance, body.total) == ([], 0)


def test_packs_are_paged(emulator: Emulator, billing: Any) -> None:
    emulator.settings(billing={"Packs": [{"InstanceId": f"pack-{number}"} for number in range(4)]})
    request = bss.QueryResourcePackageInstancesRequest(page_num=2, page_size=3)
    body = billing.query_resource_package_instances(request).body
    assert [pack.instance_id for pack in body.data.instances.instance] == ["pack-2", "pack-3"]
    assert body.data.total_count == "5"


def test_the_bill_is_what_the_ledger_says(cloud: Cloud, billing: Any) -> None:
    cloud.running(ecs_spec=OFF_TIER)
    cloud.emulator.clock.advance(hours=1)
    now = cloud.emulator.do(lambda account: account.bill().month)
    [item] = billing.query_bill_overview(bss.QueryBillOverviewRequest(billing_cycle=now)).body.data.items.item
    assert item.product_code == "learn"
    assert item.pretax_amount == pytest.approx(float(cloud.emulator.bill().total))
    assert item.pretax_amount > 12
    other = billing.query_bill_overview(bss.QueryBillOverviewRequest(billing_cycle="2020-01")).body
    assert other.data.items.item == []
    with pytest.raises(DaraException) as error:
        billing.query_bill_overview(bss.QueryBillOverviewRequest(billing_cycle="January"))
    assert error.value.code == "InvalidBillingCycle"


def test_the_balance_is_a_setting(emulator: Emulator, billing: Any) -> None:
    assert billing.query_account_balance().body.data.available_amount == "1,000.00"
    emulator.settings(billing={"Balance": {"AvailableAmount": "-3.20"}})
    assert billing.query_account_balance().body.data.available_amount == "-3.20"


@pytest.mark.parametrize("denied", ["ListJobs", "paidlc:ListJobs", "PaiDLC:*", "*:listjobs"])
def test_permissions_have_names_and_ram_names(emulator: Emulator, denied: str) -> None:
    emulator.settings(denied=[denied])
    with pytest.raises(DaraException) as error:
        dlc_client(emulator).list_jobs(dlc.ListJobsRequest())
    assert (error.value.status_code, error.value.code) == (403, "NoPermissionError")
    assert "acs:paidlc:cn-wulanchabu:" in error.value.message
    assert eas_client(emulator).list_services(eas.ListServicesRequest()).body.total_count == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "ecs"}, "kind must be one of"),
        ({"region": "cn-nowhere"}, "unknown region"),
        ({"wire": []}, "wire: Input should be an object"),
    ],
)
def test_a_thing_that_cannot_be(emulator: Emulator, change: dict[str, Any], words: str) -> None:
    values = {"kind": "dlc-job", "id": "x", "region": HOME, "name": "x", "status": "Running"} | change
    with pytest.raises(ApiError, match=words):
        emulator.control("POST", "other", **values)
    assert emulator.live() == []


def test_they_are_kept_and_deleted_whole(tmp_path: Any) -> None:
    with running_emulator(tmp_path) as emulator:
        emulator.other("eas-service", "eas-m-1", HOME, name="chat", Gpu=2)
    with running_emulator(tmp_path) as emulator:
        [service] = eas_client(emulator).list_services(eas.ListServicesRequest()).body.services
        assert service.gpu == 2
        emulator.faults.add("cut-after", "DeleteService")
        with pytest.raises(Exception, match=r"(?i)disconnect|aborted|reset|closed|remote"):
            eas_client(emulator).delete_service(HOME, "chat")
    with running_emulator(tmp_path) as emulator:
        assert emulator.live() == []
