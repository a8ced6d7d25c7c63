"""CreateInstance, GetInstance, StartInstance, StopInstance, DeleteInstance."""

from __future__ import annotations

import secrets

from .. import lifecycle, meters
from ..errors import ApiError, invalid
from ..models import Instance, Json
from ..routing import Call, operation
from . import settings
from .views import full

PATH = "/api/v2/instances"
ONE = PATH + "/{InstanceId}"


@operation("dsw", "POST", PATH, "CreateInstance")
def create_instance(call: Call) -> Json:
    """Create, and start at once: there is no way to create without starting."""
    instance = _build(call)
    state = call.cloud.state
    state.instances[instance.id] = instance
    meters.open_disk(state, instance, call.now, call.cloud.tariff.free_disk_gib)
    lifecycle.begin(state, instance, call.now)
    return {"InstanceId": instance.id}


def _build(call: Call) -> Instance:
    body, cloud = call.body, call.cloud
    _check_account(call)
    name = settings.name(call)
    workspace = _workspace(call)
    resource_id = body.text("ResourceId")
    spec = settings.image(call) | settings.rest(body, create=True)
    if resource_id:
        spec["ResourceId"] = resource_id
    else:
        spec["EcsSpec"] = settings.ecs_spec(call)
        _check_stock(call, spec["EcsSpec"])
    return Instance(
        id=f"dsw-{secrets.token_hex(8)}",
        region=call.region,
        workspace_id=workspace,
        name=name,
        user_id=body.text("UserId") or call.user_id,
        spec=spec,
        disk_gib=settings.disk_gib(body, cloud.tariff.free_disk_gib),
        created=call.now,
        modified=call.now,
        accessibility=body.choice("Accessibility", settings.ACCESSIBILITY, "PRIVATE"),
        payment_type="Subscription" if resource_id else "PayAsYouGo",
        labels=settings.labels(body),
        tags=body.pairs("Tag"),
        token=secrets.token_urlsafe(24),
    )


def _check_account(call: Call) -> None:
    switches = call.cloud.state.settings
    if not switches.activated:
        raise ApiError(403, "ServiceNotOpened", f"PAI is not activated in {call.region}")
    if not switches.account_sufficient:
        raise ApiError(400, "InsufficientBalance", "The balance of the account is not sufficient")


def _workspace(call: Call) -> str:
    found = call.cloud.state.workspaces.get(call.body.required("WorkspaceId"))
    if found is None or found.region != call.region:
        raise invalid(f"workspace {call.body.text('WorkspaceId')} does not exist in {call.region}")
    if call.cloud.workspace(found.id, call.region).status != "ENABLED":
        raise invalid(f"workspace {found.id} is {found.status}, not ENABLED")
    return found.id


def _check_stock(call: Call, ecs_spec: str) -> None:
    state = call.cloud.state
    if state.settings.when_sold_out == "refuse" and lifecycle.is_sold_out(state, call.region, ecs_spec):
        raise ApiError(400, "InternalError", f"{ecs_spec} is out of stock in {call.region}")


@operation("dsw", "GET", ONE, "GetInstance")
def get_instance(call: Call) -> Json:
    """One instance, whole."""
    return full(call.cloud, call.cloud.see_instance(call.params["InstanceId"], call.region), call.now)


@operation("dsw", "PUT", ONE + "/start", "StartInstance")
def start_instance(call: Call) -> Json:
    """Start a stopped or failed instance."""
    instance = target(call)
    if instance.status not in lifecycle.STARTABLE:
        raise invalid(
            f"instance {instance.id} is {instance.status}: it can be started from Stopped or Failed only"
        )
    _check_account(call)
    _check_stock(call, instance.ecs_spec)
    lifecycle.start(call.cloud.state, instance, call.now)
    return {"InstanceId": instance.id}


@operation("dsw", "PUT", ONE + "/stop", "StopInstance")
def stop_instance(call: Call) -> Json:
    """Stop, saving the environment first when asked to."""
    instance = target(call)
    if instance.status not in lifecycle.STOPPABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: it cannot be stopped")
    lifecycle.stop(call.cloud.state, instance, call.now, save=call.query.flag("SaveImage"))
    return {"InstanceId": instance.id}


@operation("dsw", "DELETE", ONE, "DeleteInstance")
def delete_instance(call: Call) -> Json:
    """Delete from any status; with strict_delete from Stopped and Failed only."""
    instance = target(call)
    if instance.status == "Deleting":
        return {"InstanceId": instance.id}
    if call.cloud.state.settings.strict_delete and instance.status not in lifecycle.STARTABLE:
        raise invalid(f"instance {instance.id} is {instance.status}: stop it before deleting it")
    lifecycle.delete(call.cloud.state, instance, call.now)
    return {"InstanceId": instance.id}


def target(call: Call) -> Instance:
    """The instance that a write is about."""
    return call.cloud.instance(call.params["InstanceId"], call.region)


def check_guardable(call: Call, instance: Instance) -> None:
    """No source says from which status on an instance takes a timer or a culler."""
    if call.cloud.state.settings.guards_need_running and instance.status != "Running":
        raise invalid(f"instance {instance.id} is {instance.status}: guards are set on a running instance")
