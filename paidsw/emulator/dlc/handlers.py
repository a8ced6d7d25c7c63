"""Training jobs of DLC."""

from __future__ import annotations

from dataclasses import replace

from ..clock import iso
from ..errors import ApiError
from ..request import Call, Json, page
from ..state import Other

JOB = "dlc-job"


def list_jobs(call: Call) -> Json:
    """The jobs of the region, the newest first; those of one workspace unless FromAllWorkspaces is set."""
    status, workspace = call.query.text("Status"), call.query.text("WorkspaceId")
    everywhere = call.query.flag("FromAllWorkspaces")
    found = [
        item
        for item in call.others(JOB)
        if status in ("", item.status) and (everywhere or workspace == item.wire.get("WorkspaceId", ""))
    ]
    return {
        "Jobs": [_job(item, call) for item in page(call.query, found, default=20)],
        "TotalCount": len(found),
    }


def stop_job(call: Call) -> Json:
    """Stop one job; a job that has ended stays as it is."""
    job = call.account.state.others.get(call.params["JobId"])
    if job is None or job.kind != JOB or job.region != call.region:
        raise ApiError(404, "InvalidJob.NotFound", f"job {call.params['JobId']} does not exist")
    if job.status not in ("Succeeded", "Failed", "Stopped"):
        call.account.state.others[job.id] = replace(job, status="Stopped")
    return {"JobId": job.id}


def _job(item: Other, call: Call) -> Json:
    return {
        "JobId": item.id,
        "DisplayName": item.name,
        "Status": item.status,
        "JobType": "PyTorchJob",
        "JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge"}],
        "ResourceId": "",
        "WorkspaceId": "",
        "GmtCreateTime": iso(item.created),
        "Duration": (call.now - item.created) // 1000,
        "UserId": call.user_id,
    } | item.wire
