"""Language hosts that end with their test."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.language_host import Host


@pytest.fixture
def start() -> Iterator[Callable[..., Host]]:
    hosts: list[Host] = []

    def begin(*arguments: str) -> Host:
        hosts.append(Host(*arguments))
        return hosts[-1]

    yield begin
    for host in hosts:
        host.close()


@pytest.fixture
def host(start: Callable[..., Host]) -> Host:
    return start("127.0.0.1:1")
