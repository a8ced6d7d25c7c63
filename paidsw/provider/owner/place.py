"""Where an owner's instances are, and what keeps that from changing: files are never deleted by a side effect."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from paidsw.cloud import CloudError, Instance
from paidsw.cloud.models import DELETING
from paidsw.cloud.polling import Cancelled
from paidsw.core.messages import Message
from paidsw.core.settings import REGION_KEY
from paidsw.core.values import UNKNOWN
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.ownership import shown
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.provider.owner.claim import already_has
from paidsw.provider.owner.look import PATIENCE, look
from paidsw.provider.owner.messages import OwnerText
from paidsw.provider.owner.unasked import next_step, reason
from paidsw.provider.resource_type import Values
from paidsw.rules.rule import INSTANCE_TYPE, OWNER_TYPE

# The inputs that say where. Somewhere else the instances belong to a new owner, whose workspace's name is free.
PLACE = ("region", "workspaceId", "workspaceName")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the program wants of an owner that exists: `changed` are the inputs that would move its instances.

    `secrets` are those that are secret, now or before.
    """

    owner_id: str
    workspace_name: str
    old: Values
    new: Values
    changed: Collection[str]
    secrets: Collection[str] = ()

    @property
    def replace_id(self) -> str:
        """The instance that may be replaced."""
        return _known(self.new.get("replaceId"))

    @property
    def import_id(self) -> str:
        """The instance that is to be taken over."""
        return _known(self.new.get("importId"))


def of(inputs: Values) -> tuple[str, ...]:
    """The place that the inputs of an owner give."""
    return tuple(str(inputs.get(name) or "") for name in PLACE)


async def living(op: Operation, wish: Wish) -> list[Instance]:
    """What lives where the owner was so far. Raises ProviderError where that can't be asked."""
    try:
        return (await look(op, wish.owner_id, str(wish.old.get("workspaceId") or ""))).living
    except (CloudError, Cancelled) as error:
        names = " and ".join(map(_setting, wish.changed or ["importId"]))
        unseen = OwnerText.NOT_MOVED_UNSEEN(names=names, error=reason(error))
        raise ProviderError(unseen, next_step(error, Text.RUN_UP_AGAIN())) from None


def refuse_loss(wish: Wish, instances: Iterable[Instance]) -> list[Message]:
    """Raise ProviderError for what would be lost, unless it is given up in words; what is given up, in words."""
    given_up: list[Message] = []
    for one in instances:
        if not wish.changed and wish.import_id in ("", one.instance_id):
            continue
        if one.instance_id != wish.replace_id:
            other = wish.import_id not in ("", one.instance_id)
            raise already_has(wish.import_id, one) if other else _held(wish, one)
        given_up.append(InstanceText.REPLACED_AS_ASKED(instance=one.instance_id))
    return given_up


def refuse_loss_by_upgrade(op: Operation, new: Values) -> None:
    """Raise ProviderError where the instance of a state without an owner is in another place than its new owner's.

    Such a state is of an earlier version. Refused by the instance alone, its workspace would be gone from the state.
    """
    sibling = op.urn.replace(OWNER_TYPE, INSTANCE_TYPE)
    if op.urn in op.ledger.compared:
        return
    for instance_id, one in op.ledger.recorded.items():
        if one.urn != sibling or one.status == DELETING or new.get("replaceId") == instance_id:
            continue
        found = {"region": one.region, "workspaceId": one.workspace_id, "workspaceName": one.workspace_name}
        names = ["region", "workspaceId" if new.get("workspaceId") else "workspaceName"]
        changed = [name for name in names if new.get(name) not in (None, UNKNOWN, found[name])]
        if changed:
            old = {"region": one.region}
            shown = Instance(instance_id=instance_id, instance_name=one.name, status=one.status)
            raise _held(Wish("", "", old, new, changed), shown)


async def refuse_own_workspace(op: Operation, wish: Wish, instances: Iterable[Instance]) -> None:
    """Raise ProviderError where workspaceId names the workspace that the stack makes itself: it would be deleted."""
    workspace_id = wish.new.get("workspaceId")
    moved = wish.old.get("region") != wish.new.get("region")
    if wish.old.get("workspaceId") or not isinstance(workspace_id, str) or moved:
        return
    is_own = any(one.workspace_id == workspace_id for one in instances)
    if is_own or await is_own_workspace(op, workspace_id, wish.owner_id):
        # In the place of an owner whose state is lost the stack may have made another one before.
        took_place = wish.new.get("ownerId") == wish.owner_id
        advice = OwnerText.REMOVE_ID_AND_FORGET_OTHER() if took_place else OwnerText.REMOVE_WORKSPACE_ID()
        raise ProviderError(OwnerText.OWN_WORKSPACE(workspace=workspace_id), advice)


async def is_own_workspace(op: Operation, workspace_id: str, owner_id: str) -> bool:
    """Whether a workspace's name or description has the owner's id; not if there is none, or it can't be asked."""
    try:
        found = await op.within(PATIENCE).retry(lambda: op.api.get_workspace(workspace_id))
    except (CloudError, Cancelled):
        return False
    return any(owner_id in str(found.get(member) or "") for member in ("WorkspaceName", "Description"))


def _held(wish: Wish, one: Instance) -> ProviderError:
    name = next(iter(wish.changed))
    old, setting = wish.old.get(name), _setting(name)
    change = InstanceText.CHANGED_FROM(name=setting, old=_shown(old), new=_shown(wish.new.get(name)))
    if not old:
        back = f"pulumi config rm {setting}"
    elif name in wish.secrets:
        # It asks for the value.
        back = f"pulumi config set --secret {setting}"
    else:
        back = f"pulumi config set {setting} {old}"
    held = OwnerText.OWNER_HELD if name == "ownerId" else OwnerText.PLACE_HELD
    return ProviderError(
        held(change=change, **shown(one)),
        OwnerText.SET_BACK_OR_GIVE_UP(back=back, instance=one.instance_id),
    )


def _known(value: object) -> str:
    return value if isinstance(value, str) else ""


def _setting(name: str) -> str:
    return REGION_KEY if name == "region" else name


def _shown(value: object) -> object:
    return OwnerText.NOT_KNOWN_YET() if value is UNKNOWN else value or OwnerText.NOTHING_THERE()
