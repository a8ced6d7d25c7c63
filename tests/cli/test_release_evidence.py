"""`dsw release --undeclared`: what a state must be to decide a delete, and what no state decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paidsw.audit.inventory import InventoryReader
from paidsw.cli.errors import ExitCode
from paidsw.emulator.testing import running_emulator
from paidsw.provider.instance import labels
from tests.cli.test_release import left, marked, release, writes
from tests.support.audited import (
    OWNER_ID,
    URN,
    AuditedAccount,
    owner_resource,
    state,
)

OWNED = marked() | {labels.OWNER: OWNER_ID}
FOREIGN = marked() | {labels.OWNER: "ba9876543210"}


@pytest.fixture
def world() -> Iterator[AuditedAccount]:
    with running_emulator() as emulator:
        yield AuditedAccount(emulator)


@pytest.fixture
def undeclared(world: AuditedAccount, tmp_path: Path) -> Callable[..., int]:
    """Release by the text of a state; by default without a question."""

    def run(text: str, *more: str, ask: bool = False) -> int:
        file = tmp_path / "stack.json"
        file.write_text(text, encoding="utf-8")
        answer = () if ask else ("--yes",)
        return release(world, "--undeclared", "--state", str(file), *answer, *more)

    return run


def owned(world: AuditedAccount, *resources: dict[str, object], owner_id: str = OWNER_ID) -> str:
    """A state with an owner."""
    return state(owner_resource(owner_id), *resources, emulator=world.emulator.url)


def deployment(**parts: object) -> str:
    return json.dumps({"version": 3, "deployment": parts})


def without_manifest(text: str) -> str:
    document = json.loads(text)
    del document["deployment"]["manifest"]
    return json.dumps(document)


MANIFEST = {"time": "2150-01-01T00:00:00Z"}
EMPTY = "is empty, so it can't tell what is left over; name what is to be deleted"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda _: deployment(), EMPTY),
        (lambda _: deployment(manifest=MANIFEST), EMPTY),
        (lambda _: deployment(manifest=MANIFEST, resources=[]), EMPTY),
        (lambda url: deployment(**{**json.loads(state(emulator=url))["deployment"], "resources": []}), EMPTY),
        (lambda url: without_manifest(state(emulator=url)), "doesn't say when it was written; export it"),
        (
            lambda url: state(emulator=url).replace("v3.274.1", "v3").replace('"time"', '"tim"'),
            "doesn't say when it was written",
        ),
        (
            lambda url: state(emulator=url, stack="prod"),
            "is of stack dsw-free-tier/prod, and this is dsw-free",
        ),
        (
            lambda url: state(emulator=url).replace("::dsw-free-tier::", "::other::"),
            "is of stack other/dev, and this is dsw-free-tier/dev",
        ),
        (lambda _: state(), "is of Alibaba Cloud, and this asks the emulator http"),
        (
            lambda _: state(emulator="http://127.0.0.1:9"),
            "is of the emulator http://127.0.0.1:9, and this asks",
        ),
        (
            lambda _: state(emulator=".rehearsal/emulator"),
            "is of the emulator .rehearsal/emulator, and this asks",
        ),
        (
            lambda url: state(emulator=url, pending=(URN,)),
            "the create of notebook is under way; wait for the pulumi up that makes it; if that was killed, run"
            " pulumi refresh --clear-pending-creates and export the state again",
        ),
    ],
)
def test_a_state_that_proves_nothing_deletes_nothing(
    world: AuditedAccount,
    undeclared: Callable[..., int],
    text: Callable[[str], str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = world.put(1, labels=marked())
    assert undeclared(text(world.emulator.url)) == ExitCode.FAILED
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.count("\n") == 1
    assert (left(world), world.emulator.calls) == ({made}, [])


def test_the_state_of_an_emulator_is_none_of_the_cloud(
    world: AuditedAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from paidsw.cli.__main__ import main

    file = tmp_path / "stack.json"
    file.write_text(state(emulator=world.emulator.url), encoding="utf-8")
    assert main(["release", "--undeclared", "--state", str(file), "--yes"]) == ExitCode.FAILED
    assert f"is of the emulator {world.emulator.url}, and this asks Alibaba Cloud" in capsys.readouterr().err


@pytest.mark.parametrize("changed", ["created", "modified"])
def test_a_state_that_is_older_than_the_notebook_deletes_nothing(
    world: AuditedAccount, undeclared: Callable[..., int], changed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The state of before an import, or of a notebook that was replaced: what is declared now isn't in it."""
    made, other = world.put(1, labels=OWNED), world.put(2, labels=OWNED)
    hour = 3_600_000
    world.change(other, lambda one: setattr(one, "created", one.created - 4 * hour))
    world.change(other, lambda one: setattr(one, "modified", one.modified - 4 * hour))
    later = "modified" if changed == "created" else "created"
    world.change(made, lambda one: setattr(one, later, one.created - 4 * hour))
    before = datetime.now(UTC) - timedelta(hours=2)
    old = state(owner_resource(), emulator=world.emulator.url, time=before)
    assert undeclared(old) == ExitCode.FAILED
    said = capsys.readouterr().err
    assert f"proves nothing about {made}: the state is of " in said
    assert f"run pulumi refresh and export the state again, or name the instance: dsw release {made}" in said
    assert (left(world), writes(world)) == ({made, other}, [])
    assert undeclared(owned(world)) == 0
    assert left(world) == set()


def test_what_another_state_owns_is_named_and_never_released(
    world: AuditedAccount, undeclared: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = world.put(1, labels=OWNED)
    clones = world.put(2, labels=FOREIGN)
    stacks = world.put(3, labels=labels.ours(URN.replace(":dev::", ":prod::"), 4) | {labels.OWNER: "a" * 12})
    earlier = world.put(4, labels=marked())
    text = owned(world)
    assert undeclared(text, "--running", mine) == 0
    said = capsys.readouterr().out
    assert f"left alone: {clones} (put_2, cn-wulanchabu, Stopped, since " in said
    assert "another state owns it (dsw-free-tier/dev, owner ba9876543210); if it is left over: " in said
    assert "stack dsw-free-tier/prod owns it; if it is left over: dsw release " in said
    assert (
        f"labels don't tell one checkout's state from another's; if it is left over: dsw release {earlier}"
        in said
    )
    assert left(world) == {clones, stacks, earlier}
    for one in sorted(left(world)):
        assert release(world, one, "--yes") == 0
    assert left(world) == set()


def test_what_an_import_claimed_and_never_recorded_is_left_alone(
    world: AuditedAccount, undeclared: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's notebook, which the owner labels before the engine imports it; then the import fails."""
    claimed = world.put(1, labels={labels.OWNER: OWNER_ID})
    text = owned(world)
    assert undeclared(text) == ExitCode.FOUND
    said = capsys.readouterr().out
    assert "an import was to take it over and isn't finished, so this stack hasn't made it" in said
    assert f"finish that with importId and pulumi up, or name it: dsw release {claimed} --region " in said
    assert (left(world), writes(world)) == ({claimed}, [])
    assert release(world, claimed, "--yes") == 0
    assert left(world) == set()


def test_names_without_an_owner_prove_nothing_to_a_state_that_has_one_and_all_to_one_that_has_none(
    world: AuditedAccount, undeclared: Callable[..., int]
) -> None:
    made = world.put(1, labels=marked())
    assert undeclared(owned(world)) == 0
    assert left(world) == {made}
    assert undeclared(state(emulator=world.emulator.url)) == 0
    assert left(world) == set()


def test_an_owner_under_another_name_is_the_same_owner(
    world: AuditedAccount, undeclared: Callable[..., int]
) -> None:
    """After `pulumi stack rename`, the labels still name the old stack."""
    world.put(1, labels=labels.ours(URN.replace(":dev::", ":old::"), 4) | {labels.OWNER: OWNER_ID})
    assert undeclared(owned(world)) == 0
    assert left(world) == set()


@pytest.mark.parametrize("status", ["Creating", "Queuing", "Starting", "EnvPreparing", "Updating"])
def test_what_is_on_its_way_up_is_left_alone(
    world: AuditedAccount, undeclared: Callable[..., int], status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.put(1, labels=OWNED, status=status)
    text = owned(world)
    assert undeclared(text) == ExitCode.FOUND
    said = capsys.readouterr().out
    assert (
        f"it is {status}, so somebody may be making or starting it; wait, or name it: dsw release {made}"
        in said
    )
    assert said.endswith("Nothing to release.\n")
    assert (left(world), writes(world)) == ({made}, [])
    assert release(world, made, "--running", made, "--yes") == 0
    assert left(world) == set()


class TestARunningOne:
    """Only its id releases it."""

    @pytest.fixture
    def made(self, world: AuditedAccount) -> str:
        made = world.guarded()
        world.change(made, lambda one: one.labels.update(OWNED))
        return made

    def test_yes_leaves_it(
        self,
        world: AuditedAccount,
        made: str,
        undeclared: Callable[..., int],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        stopped = world.put(1, labels=OWNED)
        assert undeclared(owned(world)) == ExitCode.FOUND
        said = capsys.readouterr().out
        assert f"{stopped}: gone\n" in said
        assert (
            f"it runs, and nobody said by its id that it shall go; type its id when asked, or add --running {made}"
            in said
        )
        assert left(world) == {made}
        assert undeclared(owned(world), "--running", made) == 0
        assert left(world) == set()

    def test_yes_leaves_a_named_one(
        self, world: AuditedAccount, made: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert release(world, made, "--yes") == ExitCode.FOUND
        assert capsys.readouterr().out.endswith("Nothing was released.\n")
        assert left(world) == {made}
        assert release(world, made, "--yes", "--running", made) == 0
        assert left(world) == set()

    def test_json_leaves_it(
        self,
        world: AuditedAccount,
        made: str,
        undeclared: Callable[..., int],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert undeclared(owned(world), "--json") == ExitCode.FOUND
        document = json.loads(capsys.readouterr().out)
        assert document["instances"] == []
        (one,) = document["leftAlone"]
        assert (one["instanceId"], one["runs"], one["disks"]) == (made, True, ["100Gi"])
        assert f"--running {made}" in one["why"]
        assert left(world) == {made}

    @pytest.mark.parametrize(("answers", "code"), [(["release"], 1), ([""], 1), (["ID"], 0)])
    def test_its_id_is_asked_for(
        self,
        world: AuditedAccount,
        made: str,
        undeclared: Callable[..., int],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        answers: list[str],
        code: int,
    ) -> None:
        asked: list[str] = []

        def answer(question: str) -> str:
            asked.append(question)
            return answers[len(asked) - 1].replace("ID", made)

        monkeypatch.setattr("builtins.input", answer)
        assert undeclared(owned(world), ask=True) == code
        assert asked == [f"{made} runs. Type its id to delete it: "]
        assert (left(world) == set()) is (code == 0)
        said = capsys.readouterr().out
        assert "  Running  " in said
        assert "  100Gi  " in said

    def test_an_id_that_is_not_there(
        self,
        world: AuditedAccount,
        made: str,
        undeclared: Callable[..., int],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert undeclared(owned(world), "--running", "dsw-0") == ExitCode.USAGE
        assert "--running dsw-0 is not among what is to be released" in capsys.readouterr().err
        assert left(world) == {made}


@pytest.mark.parametrize("when", ["looking", "asking", "typing an id"])
def test_ctrl_c_before_anything_is_deleted(
    world: AuditedAccount, undeclared: Callable[..., int], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world.guarded() if when == "typing an id" else world.put(1, labels=OWNED)
    world.change(made, lambda one: one.labels.update(OWNED))

    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    if when == "looking":
        monkeypatch.setattr(InventoryReader, "regions", interrupted)
    monkeypatch.setattr("builtins.input", interrupted)
    assert undeclared(owned(world), ask=True) == ExitCode.INTERRUPTED
    assert left(world) == {made}
