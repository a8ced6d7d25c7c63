"""Which notebook a command means, without a cloud."""

from __future__ import annotations

import pytest

from paidsw.audit.declared import Declared
from paidsw.cli.errors import CliError
from paidsw.cli.target import announced, called, choose, whose_it_is
from paidsw.cloud import Instance
from paidsw.provider.instance import labels
from tests.support.audited import OWNER_ID, URN, declared


def one(name: str, status: str = "Running", *, ours: bool = False) -> Instance:
    marks = labels.ours(URN, 4) if ours else {"team": "x"}
    return Instance(instance_id=f"dsw-{name}", instance_name=name, status=status, labels=marks)


MINE = declared("dsw-mine", owners=(OWNER_ID,))


def of(name: str, owner_id: str = "", status: str = "Running", stack: str = "dev") -> Instance:
    """One of an owner."""
    marks = labels.ours(URN.replace(":dev::", f":{stack}::"), 4)
    marks |= {labels.OWNER: owner_id} if owner_id else {}
    return Instance(instance_id=f"dsw-{name}", instance_name=name, status=status, labels=marks)


def test_what_the_state_declares_comes_first() -> None:
    clones, lost, mine = of("clone", "f" * 12), of("lost", OWNER_ID), of("mine", OWNER_ID)
    for listed in ([clones, lost, mine], [mine, lost, clones]):
        assert choose(listed, "r", None, state=MINE).instance_name == "mine"
    assert choose([clones, lost], "r", None, state=MINE).instance_name == "lost"
    assert choose([clones], "r", None, state=MINE).instance_name == "clone"
    assert choose([clones, mine], "r", "dsw-clone", state=MINE).instance_name == "clone"


def test_somebody_elses_that_runs_does_not_stand_in_for_ours_that_does_not() -> None:
    listed = [of("clone", "f" * 12), of("mine", OWNER_ID, "Stopped")]
    with pytest.raises(CliError, match=r"mine \(dsw-mine\) is not running but Stopped; pulumi up starts it"):
        choose(listed, "r", None, running=True, state=MINE)


@pytest.mark.parametrize(
    ("instance", "state", "words"),
    [
        (of("mine", OWNER_ID), MINE, "this stack's"),
        (of("lost", OWNER_ID), MINE, "this stack's, which isn't in its state"),
        (of("early"), MINE, "perhaps this stack's, made by an earlier version and not in its state"),
        (of("clone", "f" * 12), MINE, "another state's, of stack dsw-free-tier/dev"),
        (of("prod", "f" * 12, stack="prod"), MINE, "of stack dsw-free-tier/prod"),
        (of("mine", OWNER_ID), None, "of stack dsw-free-tier/dev"),
        (one("a"), MINE, "not made by this project"),
        (one("a"), None, "not made by this project"),
    ],
)
def test_whose_it_is(
    instance: Instance, state: Declared | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert str(whose_it_is(instance, state)) == words
    announced([instance, one("b")], "r", instance.instance_id, state=state)
    name, own_id = instance.instance_name, instance.instance_id
    assert capsys.readouterr().err == f"{name} ({own_id}): {words}\n"


@pytest.mark.parametrize(("instance", "state"), [(of("mine", OWNER_ID), MINE), (one("a"), None)])
def test_the_only_one_of_this_stack_needs_no_word(
    instance: Instance, state: Declared | None, capsys: pytest.CaptureFixture[str]
) -> None:
    announced([instance], "r", None, state=state)
    assert capsys.readouterr().err == ""


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
