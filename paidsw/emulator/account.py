"""The emulated account: its state, clock, store, faults and the record of calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .aiworkspace.models import Workspace, default_workspace, new_id
from .clock import FROZEN_START, Clock, Millis
from .codec import decode, encode
from .dsw import lifecycle
from .dsw.models import Instance
from .errors import no_instance, no_workspace
from .faults import Faults
from .ledger import bill, live
from .ledger.tariff import Tariff, load
from .state import Settings, State, Trial
from .store import Store

OWNER = "1000000000000001"  # the account that every access key belongs to
KEPT_CALLS = 20_000
T = TypeVar("T", Instance, Workspace)


@dataclass(frozen=True)
class CallRecord:
    """A received call: ``outcome`` is ``ok``, an error code or the fault that struck; ``target`` the id."""

    at: Millis
    operation: str
    region: str
    target: str
    status: int
    outcome: str
    fault: str = ""


@dataclass
class Stale:
    """What reads still show: the thing before the last write, None if there was none.

    Up to the instant ``until``, or ``reads`` times where that is 0; of all reads or of lists only.
    """

    reads: int
    until: Millis = 0
    lists_only: bool = False
    instance: Instance | None = None
    workspace: Workspace | None = None


@dataclass
class Account:
    """One account in all regions."""

    store: Store
    tariff: Tariff = field(default_factory=load)
    state: State = field(default_factory=State)
    faults: Faults = field(default_factory=Faults)
    calls: deque[CallRecord] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    stale: dict[str, Stale] = field(default_factory=dict)
    _before: str = "{}"
    _quiet_until: Millis = 0

    @property
    def clock(self) -> Clock:
        """The clock, which is part of the state."""
        return Clock(self.state.clock)

    def now(self) -> Millis:
        """The emulator's time."""
        return self.clock.now()

    # --- state ---

    def reset(self, *, frozen: bool = False, settings: Settings | None = None) -> None:
        """An empty account that has claimed the trial, at the clock's start."""
        self.state = State(settings=settings or Settings())
        if frozen:
            self.clock.freeze()
            self.state.clock.at = FROZEN_START
        self.state.settled = self.now()
        self.state.trial = Trial(claimed_at=self.now())
        self.faults.clear()
        self.calls.clear()
        self.stale.clear()
        self.commit()

    def open(self, *, frozen: bool = False, settings: Settings | None = None) -> None:
        """Continue with the stored state and its clock, or begin with an empty account."""
        saved = self.store.load()
        if saved is None:
            self.reset(frozen=frozen, settings=settings)
            return
        self.state = saved
        if frozen and not saved.clock.frozen:
            self.clock.freeze()
        self.commit()

    def checkpoint(self) -> None:
        """Remember the present state for a rollback."""
        self._before = encode(self.state)

    def commit(self) -> None:
        """Save the present state; OSError, and the state as before, when the disk refuses."""
        text = encode(self.state)
        try:
            self.store.save(text)
        except OSError:
            self.rollback()
            raise
        self._before = text
        self.touch()

    def rollback(self) -> None:
        """Go back to the last checkpoint or commit."""
        if encode(self.state) != self._before:
            self.state = self.before()
        self.touch()

    def before(self) -> State:
        """A copy of the state at the last checkpoint or commit."""
        return decode(State, self._before)

    def touch(self) -> None:
        """Look for due things again at the next settle."""
        self._quiet_until = 0

    # --- time ---

    def settle(self) -> bool:
        """Do everything that is due; returns whether anything was."""
        now = max(self.now(), self.state.settled)
        # Most calls come while nothing is due, and looking costs a pass over all instances.
        if now < self._quiet_until:
            return False
        happened = sum(1 for _ in lifecycle.run_until(self.state, now, self.tariff))
        self._quiet_until = lifecycle.first_due(self.state, self.tariff)
        return happened > 0

    def advance(self, seconds: float) -> None:
        """Move the clock forward; everything due on the way happens, in order."""
        self.clock.move(round(seconds * 1000))
        self.touch()
        self.settle()

    # --- reading ---

    def instance(self, instance_id: str, region: str) -> Instance:
        """The instance of a region; ApiError when there is none."""
        found = self.state.instances.get(instance_id)
        if found is None or found.region != region:
            raise no_instance(instance_id)
        return found

    def workspace(self, workspace_id: str, region: str) -> Workspace:
        """The workspace of a region; ApiError when there is none."""
        found = self.state.workspaces.get(workspace_id)
        if found is None or found.region != region:
            raise no_workspace(workspace_id)
        found.settle(self.now())
        return found

    def see_instance(self, instance_id: str, region: str) -> Instance:
        """Like instance, as a read sees it: perhaps still as before the last write."""
        if (old := self._outdated(instance_id)) is None:
            return self.instance(instance_id, region)
        if old.instance is None or old.instance.region != region:
            raise no_instance(instance_id)
        return old.instance

    def see_workspace(self, workspace_id: str, region: str) -> Workspace:
        """Like workspace, as a read sees it."""
        if (old := self._outdated(workspace_id)) is None:
            return self.workspace(workspace_id, region)
        if old.workspace is None or old.workspace.region != region:
            raise no_workspace(workspace_id)
        return old.workspace

    def see_instances(self, region: str) -> list[Instance]:
        """All instances of a region as a list shows them."""
        found = {key: one for key, one in self.state.instances.items() if one.region == region}
        return self._listed(found, region, lambda old: old.instance)

    def see_workspaces(self, region: str) -> list[Workspace]:
        """All workspaces of a region as a list shows them."""
        found = {key: one for key, one in self.state.workspaces.items() if one.region == region}
        for one in found.values():
            one.settle(self.now())
        return self._listed(found, region, lambda old: old.workspace)

    def _listed(self, seen: dict[str, T], region: str, before: Callable[[Stale], T | None]) -> list[T]:
        for key in list(self.stale):
            old = before(self.stale[key])
            here = old is not None and old.region == region
            if (key not in seen and not here) or self._outdated(key, listed=True) is None:
                continue
            seen.pop(key, None)
            if old is not None and here:
                seen[key] = old
        return list(seen.values())

    def _outdated(self, key: str, *, listed: bool = False) -> Stale | None:
        """What a read still shows; each read counts."""
        old = self.stale.get(key)
        if old is None or (old.lists_only and not listed):
            return None
        if old.until:
            if self.now() < old.until:
                return old
            del self.stale[key]
            return None
        old.reads -= 1
        if old.reads <= 0:
            del self.stale[key]
        return old

    def remember(self, key: str, before: State, *, reads: int, seconds: float, lists_only: bool) -> None:
        """Let reads of a thing show it as it was before, for so many seconds or, where these are 0, so many times."""
        until = self.now() + round(seconds * 1000) if seconds else 0
        self.stale[key] = Stale(
            reads, until, lists_only, before.instances.get(key), before.workspaces.get(key)
        )

    def default_workspace(self, region: str) -> Workspace:
        """The region's default workspace, made when there is none yet."""
        if found := default_workspace(self.state.workspaces.values(), region):
            return found
        made = Workspace(
            id=new_id(),
            region=region,
            name=f"default_{region.replace('-', '_')}"[:23],
            description="default workspace",
            env_types=["prod"],
            display_name="default",
            resource_group_id="",
            creator=OWNER,
            created=self.now(),
            modified=self.now(),
            status="ENABLED",
            is_default=True,
        )
        self.state.workspaces[made.id] = made
        return made

    # --- money ---

    def bill(self) -> bill.Bill:
        """What the account owes and has used."""
        return bill.bill(self.state, self.tariff, self.now())

    def live(self) -> list[live.Live]:
        """What lives in the account."""
        return live.live(self.state, self.tariff, self.now())


def open_account(folder: Path | None, *, frozen: bool = False, settings: Settings | None = None) -> Account:
    """The account whose state is kept in a folder; in memory only when that is None."""
    account = Account(Store(folder))
    account.open(frozen=frozen, settings=settings)
    return account
