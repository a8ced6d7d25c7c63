"""Which notebook a command means, without a cloud."""

from __future__ import annotations

import pytest

from paidsw.cli.errors import CliError
from paidsw.cli.target import called, choose
from paidsw.cloud import Instance
from paidsw.provider.instance import labels
from tests.support.plugin import URN


def one(name: str, status: str = "Running", *, ours: bool = False) -> Instance:
    marks = labels.ours(URN, 4) if ours else {"team": "x"}
    return Instance(instance_id=f"dsw-{name}", instance_name=name, status=status, labels=marks)


def test_the_only_one() -> None:
    assert choose([one("a", "Stopped")], "r", None).instance_name == "a"
    found = choose([one("a", "Stopped"), one("b")], "r", None, running=True)
    assert found.instance_name == "b"


def test_the_only_one_of_ours() -> None:
    listed = [one("a"), one("b", ours=True), one("c")]
    assert choose(listed, "r", None).instance_name == "b"
    assert choose(listed, "r", None, running=True).instance_name == "b"


def test_a_stopped_one_of_ours_does_not_count_among_those_that_run() -> None:
    listed = [one("a"), one("b", "Stopped", ours=True), one("c")]
    with pytest.raises(CliError, match=r"several that run; give the id of one: a \(dsw-a\), c \(dsw-c\)$"):
        choose(listed, "r", None, running=True)


def test_some_of_our_labels_are_not_ours() -> None:
    marks = {labels.STACK: "dev", labels.PROJECT: "x"}
    copied = Instance(instance_id="dsw-b", status="Running", labels=marks)
    with pytest.raises(CliError, match="several notebooks"):
        choose([one("a"), copied], "r", None)


def test_a_named_one_is_taken_whosever_it_is() -> None:
    listed = [one("a"), one("b", ours=True)]
    assert choose(listed, "r", "dsw-a", running=True).instance_name == "a"
    with pytest.raises(CliError, match="there is no 'a' in r; see dsw status"):
        choose(listed, "r", "a")
    with pytest.raises(CliError, match="there is no '' in r"):
        choose(listed, "r", "")


@pytest.mark.parametrize("ours", [False, True])
def test_not_too_many_are_named(ours: bool) -> None:
    with pytest.raises(CliError) as caught:
        choose([one(f"n{number}", ours=ours) for number in range(14)], "r", None)
    assert str(caught.value).count("(dsw-n") == 10
    assert str(caught.value).endswith(" and 4 more")


def test_one_without_a_name() -> None:
    assert called(Instance(instance_id="dsw-1\x1b")) == "dsw-1\ufffd"
