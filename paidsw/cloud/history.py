"""An instance's history: answers that come in any order, perhaps in parts, merged and sorted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from paidsw.cloud.models import Event, Phase

# Most calls for one lifecycle.
MOST_ANSWERS = 50
_NEVER = datetime.max.replace(tzinfo=UTC)

# From a start to a stop, oldest first.
Session = tuple[Phase, ...]


@dataclass(frozen=True)
class Lifecycle:
    """Sessions, oldest first. `cut`: earlier ones may be missing, since the limit of calls was reached."""

    sessions: tuple[Session, ...]
    cut: bool = False

    @property
    def phases(self) -> Session:
        """All statuses, oldest first."""
        return tuple(phase for session in self.sessions for phase in session)


async def whole(ask: Callable[[datetime | None], Awaitable[Sequence[Session]]]) -> Lifecycle:
    """The lifecycle from its beginning; `ask` returns the newest sessions, or the newest ones until an instant.

    How many sessions one answer holds isn't documented, so earlier ones are asked for until nothing new comes.
    """
    known: list[Session] = []
    until, before = None, False
    for _ in range(MOST_ANSWERS):
        merged = joined([*known, *await ask(until)])
        new, known = _count(merged) > _count(known), merged
        if not new and (before or not known):
            return Lifecycle(ordered(known))
        # The next answer first includes the oldest status again, which shows its session wherever the answer was
        # cut; if that status alone fills the answer, it is left out.
        before = not new
        oldest = min(phase.gmt_create_time for session in known for phase in session)
        until = oldest.replace(microsecond=0) + timedelta(seconds=-1 if before else 1)
    return Lifecycle(ordered(known), cut=True)


def joined(sessions: Iterable[Session]) -> list[Session]:
    """Merge parts that share a status into one session, with each status once."""
    found: list[dict[tuple[str, str, datetime], Phase]] = []
    for session in sessions:
        one = {(p.lifecycle_id, p.status, p.gmt_create_time): p for p in session}
        for other in [other for other in found if other.keys() & one.keys()]:
            found.remove(other)
            one = one | other
        if one:
            found.append(one)
    return [tuple(one.values()) for one in found]


def _count(sessions: Iterable[Session]) -> int:
    return sum(len(session) for session in sessions)


def ordered(sessions: Iterable[Iterable[Phase]]) -> tuple[Session, ...]:
    """Sorted, oldest first. A status without an end ends where the next one begins."""
    found = sorted((sorted(session, key=_age) for session in sessions if session), key=lambda s: _age(s[0]))
    begins = [phase.gmt_create_time for session in found for phase in session][1:]
    ends = iter([*begins, None])
    return tuple(tuple(_ended(phase, next(ends)) for phase in session) for session in found)


def _age(phase: Phase) -> tuple[datetime, datetime]:
    # Of two statuses that begin in the same second, the one that ends first came first.
    return phase.gmt_create_time, phase.gmt_end_time or _NEVER


def _ended(phase: Phase, following: datetime | None) -> Phase:
    return phase if phase.gmt_end_time else phase.model_copy(update={"gmt_end_time": following})


def newest_last(events: Sequence[Event]) -> list[Event]:
    """Events by time; one without a time stays behind the one before it."""
    blocks: list[list[Event]] = []
    for event in events:
        if event.at is None and blocks:
            blocks[-1].append(event)
        else:
            blocks.append([event])
    times = [block[0].at for block in blocks if block[0].at is not None]
    if len(times) > 1 and times[0] > times[-1]:
        blocks.reverse()
    blocks.sort(key=lambda block: block[0].at or datetime.min.replace(tzinfo=UTC))
    return [event for block in blocks for event in block]
