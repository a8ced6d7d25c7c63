"""One server for all tests of a file; each test tells it what to answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.answering import Answers, answering


@pytest.fixture(scope="module")
def server() -> Iterator[Answers]:
    with answering() as running:
        yield running


@pytest.fixture
def answers(server: Answers) -> Answers:
    server.always({})
    return server
