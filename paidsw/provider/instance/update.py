"""Update: brings a living instance to what is declared, whatever state it was left in.

It compares the declaration with the instance and not with the old declaration, so that it also fixes what an
interrupted create or update, the console or a guard has done. Whether a change needs a stopped instance is documented
nowhere; all that might are made together in one stop.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from paidsw.cloud import CloudError, Instance, NotFound, Refused
from paidsw.cloud.models import DELETING, DOWN, RUNNING, STILL, STOPPED
from paidsw.cloud.polling import Cancelled, is_transient
from paidsw.core.settings import settings_of
from paidsw.provider.errors import ProviderError
from paidsw.provider.instance import (
    api,
    diff,
    disk,
    entitlement,
    guards,
    labelling,
    labels,
    ownership,
    power,
    references,
    waiters,
)
from paidsw.provider.instance.failures import Unfinished
from paidsw.provider.instance.inputs import FILLED_BY_CLOUD, InstanceInputs
from paidsw.provider.instance.startup import Startup
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation

DEFAULT_TIMEOUT = 20 * 60.0
# What the API changes on a running instance.
ON_THE_FLY = frozenset({"instanceName", "accessibility"})
# UpdateInstance is repeated that often where it was refused and the difference remains.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Steps:
    """What it takes to let an instance run as declared; `stops_for` are the properties whose change needs a stop."""

    untimed: bool
    longer: bool
    is_down: bool
    stops_for: frozenset[str]

    @property
    def starts(self) -> bool:
        """Whether it is started, from the stop that it is in or that a change needs."""
        return self.is_down or bool(self.stops_for)

    @property
    def new_timer(self) -> bool:
        """Whether it gets a new timer; otherwise at most the one that it has is moved."""
        return self.untimed or self.starts

    @property
    def asks(self) -> bool:
        """Whether the trial is asked: it is to run on, or longer than it was granted."""
        return self.new_timer or self.longer


def steps(instance: Instance, old: InstanceInputs, new: InstanceInputs, region: str) -> Steps:
    """What it takes to bring an instance from `old` to `new`, as far as a look at it tells."""
    is_down = instance.status in DOWN
    return Steps(
        untimed=not is_down and guards.timer(instance) is None,
        longer=(new.session_hours or 0) > (labels.session_hours(instance.labels) or 0),
        is_down=is_down,
        stops_for=frozenset(_needing_a_stop(instance, old, new, region)),
    )


async def find(op: Operation, instance_id: str) -> Instance:
    """The instance that is to be updated."""
    try:
        found = await op.retry(lambda: op.api.get_instance(instance_id))
    except NotFound:
        raise ProviderError(Text.GONE(instance=instance_id), Text.RUN_REFRESH_THEN_UP()) from None
    except Cancelled:
        raise ProviderError(Text.CANCELLED_BEFORE_CHANGE(instance=instance_id)) from None
    if found.status == DELETING:
        raise ProviderError(Text.GOING(instance=instance_id), Text.RUN_UP_AGAIN())
    return found


async def update(op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs) -> Instance:
    """Make an instance what `new` declares; the instance. Raises Unfinished and nothing else: it exists.

    What can't be undone doesn't keep the rest from being done, but it is a failure in the end.
    """
    bring = _to_running if new.running else _to_stopped
    instance = await labelling.finish(op, await bring(op, instance, old, new))
    actual = api.inputs_of(instance, op.api.region).plain()
    permanent = diff.permanent_differences(instance.instance_id, op.urn, actual, new.plain())
    if permanent:
        raise Unfinished(instance, permanent)
    return instance


async def _to_running(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs
) -> Instance:
    try:
        await disk.refuse_cleared(op, instance, new)
    except ProviderError as error:
        raise Unfinished(instance, [error.cause], error.advice) from None
    way = steps(instance, old, new, op.api.region)
    # Without a timer it gets a little time; whether the trial pays for more is asked under the timer.
    first = entitlement.FOR_NOW if way.untimed else entitlement.AS_DECLARED
    startup = Startup(op, new, instance, first)
    await startup.secure()
    try:
        # What makes it cheaper comes before what may be refused.
        if startup.instance.status not in DOWN:
            startup.instance, _ = await guards.put(op, startup.instance, new, first)
        if not way.longer and not way.untimed and new.session_hours:
            startup.instance = await guards.move_session(op, startup.instance, new.session_hours, first)
        if not way.untimed:
            await refuse_unusable(op, instance, old, new)
        if way.asks:
            # Before the stop that a change needs: a machine that can't be got back is not given away.
            startup.admission = await entitlement.admit_existing(
                op, instance.instance_id, new, starts=way.starts, new_timer=way.new_timer
            )
        if way.untimed:
            if new.session_hours and guards.timer(startup.instance) is not None:
                seconds = startup.admission.timer(new.session_hours)
                await guards.set_timer(op, startup.instance, seconds)
            await refuse_unusable(op, instance, old, new)
        startup.instance = await _change(op, startup, old, timed=way.untimed)
        if startup.instance.status != RUNNING and not way.asks:
            startup.admission = await entitlement.admit_existing(op, instance.instance_id, new, starts=True)
    except Exception as error:
        startup.instance = await waiters.latest(op, startup.instance)
        raise await startup.failed(error) from error
    if startup.instance.status != RUNNING:
        await startup.start()
    return await startup.finish()


async def _to_stopped(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs
) -> Instance:
    """Stop it, which ends its cost, before anything but what is sure to be refused while its timer runs."""
    startup = Startup(op, new, instance, entitlement.AS_DECLARED)
    try:
        if guards.timer(instance) is not None:
            with contextlib.suppress(CloudError, references.NotAsked):
                await refuse_unusable(op, instance, old, new)
        if instance.status not in DOWN:
            await op.report(Text.STOPPING_AS_DECLARED())
        startup.instance = await power.stop_and_wait(op, instance)
        await refuse_unusable(op, startup.instance, old, new)
        startup.instance = await _change(op, startup, old)
        return await _cull(op, startup.instance, new)
    except Exception as error:
        startup.instance = await waiters.latest(op, startup.instance)
        raise await startup.failed(error, wanted=STOPPED) from error


async def _cull(op: Operation, instance: Instance, new: InstanceInputs) -> Instance:
    """Set the idle shutdown of a stopped instance, if the cloud takes it; otherwise the next start does."""

    async def attempt() -> Instance:
        return await guards.put_culler(op, await op.api.get_instance(instance.instance_id), new)

    try:
        return await op.retry(attempt)
    except Refused:
        return instance


async def refuse_unusable(
    op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs
) -> None:
    """Refuse, before a stop, what the cloud would refuse after it or only at the next start."""
    disk.refuse_shrink(instance, new)
    changed = api.properties(_request(instance, old, new, op.api.region))
    if changed & {"imageUrl", "imageId"}:
        await references.refuse_unknown_image(op, new)
    if "instanceName" in changed:
        wanted = ownership.wanted(op, new.owner_id or "", new)
        listed = await op.within(references.PATIENCE).retry(op.all_instances)
        taken = ownership.name_taken(wanted, instance.instance_id, listed)
        if taken is not None:
            raise taken


async def _change(op: Operation, startup: Startup, old: InstanceInputs, *, timed: bool = False) -> Instance:
    """Change what differs; the instance, stopped or running: its guards and its start are left.

    `timed`: its timer was set just now.
    """
    new = startup.inputs
    instance = await guards.renew_culler(op, startup.instance, old, new)
    instance = await _rewritten(op, instance, old, new)
    if new.session_hours and not timed:
        instance = await guards.move_session(op, instance, new.session_hours, startup.admission)
    # After the session: its label says for which length the timer stands.
    return await labelling.relabel(op, instance, new)


async def _rewritten(op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs) -> Instance:
    """UpdateInstance, until nothing differs. Repeated blindly it may be refused for what the first one did."""
    refusal: CloudError | None = None
    answered = False
    for _ in range(_ATTEMPTS):
        instance = await _ready(op, instance, old, new)
        request = _request(instance, old, new, op.api.region, answered=answered)
        if not request:
            return instance
        await _note_ahead(op, instance, new)
        refusal = None
        try:
            await op.api.update_instance(instance.instance_id, request)
            answered = True
        except CloudError as error:
            answered = False
            if isinstance(error, Refused) and not is_transient(error):
                refusal = error
            elif not is_transient(error):
                raise
            await op.report(Text.CHECKING_UPDATE(code=error.code))
        for _ in range(waiters.READS_THAT_MAY_LAG + 1 if answered else 1):
            await op.pause()
            instance = await waiters.until_settled(op, instance.instance_id)
            if refusal is None and not _request(instance, old, new, op.api.region, answered=answered):
                return instance
    if refusal is not None:
        raise refusal
    left = _request(instance, old, new, op.api.region, answered=answered)
    raise ProviderError(Text.CHANGE_NOT_SHOWN(what=settings_of(api.properties(left))))


async def _note_ahead(op: Operation, instance: Instance, new: InstanceInputs) -> None:
    """Note on the instance what it is about to be given, in case this run is killed."""
    noted = labels.declared(instance.labels)
    wanted = noted | (FILLED_BY_CLOUD & new.plain().keys())
    if wanted != noted:
        label = {labels.DECLARED: labels.listed(wanted)}
        await op.retry(lambda: op.api.put_labels(instance.instance_id, label))


async def _ready(op: Operation, instance: Instance, old: InstanceInputs, new: InstanceInputs) -> Instance:
    """The instance as it can be changed: stopped, if what is to be changed may need that."""
    needs_stop = _needing_a_stop(instance, old, new, op.api.region)
    if not needs_stop and instance.status not in waiters.SETTLED:
        instance = await waiters.until_settled(op, instance.instance_id)
    if instance.status in STILL or (instance.status == RUNNING and not needs_stop):
        return instance
    await op.report(Text.STOPPING_FOR_CHANGE())
    return await power.stop_and_wait(op, instance)


def _needing_a_stop(instance: Instance, old: InstanceInputs, new: InstanceInputs, region: str) -> set[str]:
    """What is to be changed that may need a stopped instance."""
    return api.properties(_request(instance, old, new, region)) - ON_THE_FLY


def _request(
    instance: Instance, old: InstanceInputs, new: InstanceInputs, region: str, *, answered: bool = False
) -> dict[str, Any]:
    """The body of UpdateInstance: what differs, and what is to be cleared. Empty when nothing does.

    Once one was `answered`, what the cloud shows beyond it is what it fills in itself.
    """
    declared, wanted = old.plain(), new.plain()
    actual = api.inputs_of(instance, region).plain()
    permanent = diff.permanent(actual, wanted)
    before = wanted if answered else declared
    mine = frozenset() if answered else declared.keys() | labels.declared(instance.labels)
    request: dict[str, Any] = {}
    for key in api.UPDATABLE:
        if key in diff.UNSEEN | permanent:
            continue
        if key in wanted:
            if _differs(key, before.get(key), wanted[key], actual.get(key)):
                request |= api.to_api({key: wanted[key]})
        elif key in actual and key in api.DISASSOCIATE and (key in mine or key not in FILLED_BY_CLOUD):
            request[api.DISASSOCIATE[key]] = True
    changed = before and before.get("imageAuth") != wanted.get("imageAuth")
    if "imageAuth" in wanted and (changed or {"ImageUrl", "ImageId"} & set(request)):
        # Credentials are of an image; a read shows neither.
        request |= api.to_api({k: wanted[k] for k in ("imageUrl", "imageId", "imageAuth") if k in wanted})
    return request


def _differs(key: str, old: Any, new: Any, actual: Any) -> bool:
    """Whether the cloud has something else, or doesn't show what the declaration gained or lost."""
    gained = old is not None and diff.equivalent("", old, new) and diff.added(old, new)
    return gained or not diff.equivalent(key, new, actual) or diff.dropped(old, new, actual)
