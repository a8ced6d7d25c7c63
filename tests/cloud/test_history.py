"""A lifecycle from servers that answer in any order and in parts; events with and without times."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from paidsw.cloud import history
from paidsw.cloud.history import Session, newest_last, ordered, whole
from paidsw.cloud.models import Event, Phase

BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
Ask = Callable[[datetime | None], Awaitable[Sequence[Session]]]
STATUSES = ("Starting", "Running", "Stopping", "Stopped")


def phase(at: int, status: str = "Running", end: int | None = None, own_id: str = "") -> Phase:
    return Phase(
        status=status,
        gmt_create_time=BEGIN + timedelta(seconds=at),
        gmt_end_time=None if end is None else BEGIN + timedelta(seconds=end),
        lifecycle_id=own_id,
    )


def life(sessions: int, spacing: int = 60) -> tuple[Session, ...]:
    """Sessions of four statuses each, every one ending where the next begins."""
    return ordered(
        [phase((4 * session + place) * spacing, status) for place, status in enumerate(STATUSES)]
        for session in range(sessions)
    )


class Server:
    """GetLifecycle with what its documentation leaves open."""

    def __init__(
        self,
        sessions: Sequence[Session],
        most_sessions: int = 99,
        most_phases: int = 99,
        *,
        exclusive: bool = False,
    ) -> None:
        self.sessions, self.most_sessions, self.most_phases = sessions, most_sessions, most_phases
        self.exclusive = exclusive
        self.asked: list[datetime | None] = []

    async def __call__(self, until: datetime | None) -> Sequence[Session]:
        self.asked.append(until)
        numbered = [(number, p) for number, session in enumerate(self.sessions) for p in session]
        kept = [
            (number, p)
            for number, p in numbered
            if until is None
            or p.gmt_create_time < until
            or (p.gmt_create_time == until and not self.exclusive)
        ][::-1][: self.most_phases]
        groups = [tuple(p for _, p in group) for _, group in groupby(kept, key=lambda pair: pair[0])]
        return groups[: self.most_sessions]


def read(server: Ask) -> history.Lifecycle:
    return asyncio.run(as_coroutine(server))


async def as_coroutine(server: Ask) -> history.Lifecycle:
    return await whole(server)


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("most_sessions", [1, 2, 99])
@pytest.mark.parametrize("most_phases", [2, 3, 4, 5, 99])
@pytest.mark.parametrize("spacing", [2, 60])
def test_it_is_whole_whatever_an_answer_holds(
    most_sessions: int, most_phases: int, exclusive: bool, spacing: int
) -> None:
    there = life(5, spacing)
    server = Server(there, most_sessions, most_phases, exclusive=exclusive)
    found = read(server)
    assert found.sessions == there
    assert not found.cut
    assert [one for session in there for one in session] == list(found.phases)


def test_a_whole_answer_is_confirmed_and_no_more_is_asked() -> None:
    server = Server(life(3))
    read(server)
    assert server.asked == [None, BEGIN + timedelta(seconds=1), BEGIN - timedelta(seconds=1)]


def test_nothing_is_asked_once() -> None:
    server = Server([])
    assert read(server).sessions == ()
    assert server.asked == [None]


def test_a_server_that_ignores_the_end_ends() -> None:
    asked = []

    async def answer(until: datetime | None) -> Sequence[Session]:
        asked.append(until)
        return life(2)

    assert read(answer).sessions == life(2)
    assert len(asked) == 3


def test_a_server_that_never_ends_is_cut() -> None:
    oldest: Iterator[int] = iter(range(10**6, 0, -600))

    async def answer(until: datetime | None) -> Sequence[Session]:
        return [(phase(next(oldest)),)]

    found = read(answer)
    assert found.cut
    assert len(found.sessions) == history.MOST_ANSWERS


def test_one_id_for_a_whole_session_is_no_one_status() -> None:
    async def answer(until: datetime | None) -> Sequence[Session]:
        return [(phase(5, "Running", own_id="x"), phase(0, "Starting", own_id="x"))]

    assert [one.status for one in read(answer).phases] == ["Starting", "Running"]


@given(st.randoms(use_true_random=False))
def test_any_order_is_put_right(random: Random) -> None:
    there = life(3)
    mixed = [list(session) for session in there]
    for session in mixed:
        random.shuffle(session)
    random.shuffle(mixed)
    assert ordered(mixed) == there


def test_in_the_same_second_the_one_that_ended_was_first() -> None:
    (session,) = ordered([[phase(0, "Running"), phase(0, "Creating", end=0)]])
    assert [one.status for one in session] == ["Creating", "Running"]


def test_an_end_that_is_told_stays() -> None:
    (session,) = ordered([[phase(0, "Starting", end=5), phase(9, "Running")]])
    assert session[0].gmt_end_time == BEGIN + timedelta(seconds=5)
    assert session[1].gmt_end_time is None


@pytest.mark.parametrize(
    "body",
    [
        {"Status": "Running"},
        {"GmtCreateTime": "2026-01-05T02:00:00Z"},
        {"Status": "Running", "GmtCreateTime": ""},
        {"Status": "Running", "GmtCreateTime": "2026-01-05T02:00:00"},
        {"Status": "Running", "GmtCreateTime": "1999-12-31T00:00:00Z"},
        {"Status": "Running", "GmtCreateTime": "9999-12-31T23:59:59Z"},
        {"Status": "Running", "GmtCreateTime": "2026-01-05T02:00:00Z", "GmtEndTime": "never"},
        {"Status": {}, "GmtCreateTime": "2026-01-05T02:00:00Z"},
    ],
)
def test_an_entry_that_cannot_be_read(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Phase.from_wire(body)


def test_an_entry_as_the_documentation_shows_it() -> None:
    body = {"Status": "Creating", "GmtCreateTime": "2022-09-19T22:38:00Z", "Reason": "", "ReasonCode": None}
    found = Phase.from_wire(body)
    assert (found.status, found.gmt_end_time, found.reason_code) == ("Creating", None, "")


@pytest.mark.parametrize(
    ("line", "at", "text"),
    [
        ("2026-01-05T02:00:00Z INFO up", BEGIN, "INFO up"),
        ("[2026-01-05 02:00:00.250+00:00]  up", BEGIN + timedelta(milliseconds=250), "up"),
        ("2026-01-05T10:00:00+0800 up\nmore", BEGIN, "up\nmore"),
        ("2026-01-05 02:00:00 up", None, "2026-01-05 02:00:00 up"),
        ("2026-13-05T02:00:00Z up", None, "2026-13-05T02:00:00Z up"),
        ("0001-01-01T00:00:00Z up", None, "0001-01-01T00:00:00Z up"),
        ("You are using pip version 9.0.1", None, "You are using pip version 9.0.1"),
        ("", None, ""),
    ],
)
def test_the_time_of_an_event(line: str, at: datetime | None, text: str) -> None:
    found = Event.read(line)
    assert (found.at, found.text) == (at, text)


def event(text: str, at: int | None = None) -> Event:
    return Event(at=None if at is None else BEGIN + timedelta(seconds=at), text=text)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], ""),
        ([event("a", 1), event("b", 2)], "ab"),
        ([event("b", 2), event("a", 1)], "ab"),
        ([event("d", 2), event("c", 1), event("b", 1), event("a", 0)], "abcd"),
        ([event("a", 1), event("b", 1), event("c", 2)], "abc"),
        ([event("a"), event("b"), event("c")], "abc"),
        ([event("b", 2), event("c"), event("a", 1)], "abc"),
        ([event("a"), event("c", 5), event("b", 1), event("d", 9)], "abcd"),
    ],
)
def test_events_newest_last(events: list[Event], said: str) -> None:
    assert "".join(one.text for one in newest_last(events)) == said
