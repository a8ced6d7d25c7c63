"""What the audit advises ends the finding: each advice is followed, word by word."""

from __future__ import annotations

import http.client
import shlex
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from paidsw.audit.declared import Declared
from paidsw.audit.endings import Endings
from paidsw.audit.model import Finding, Kind, Owner
from paidsw.audit.regions import console
from paidsw.cli.__main__ import main
from paidsw.cloud.models import Instance
from paidsw.emulator.aiworkspace.models import Image
from paidsw.provider.instance import labels
from tests.support.audited import OWNER_ID, URN, AuditedAccount, declared, only
from tests.support.cloud import HOME

OWNED = labels.ours(URN, 4) | {labels.OWNER: OWNER_ID}
FOREIGN = labels.ours(URN, 4) | {labels.OWNER: "ba9876543210"}
STATE = declared(owners=(OWNER_ID,))
EMPTY = Declared("dsw-free-tier", "dev")


def running(world: AuditedAccount, marks: dict[str, str]) -> None:
    made = world.guarded()
    world.change(made, lambda one: one.labels.clear())
    world.change(made, lambda one: one.labels.update(marks))


def image(world: AuditedAccount) -> None:
    def add(cloud: object) -> None:
        cloud.state.images["img-1"] = Image("img-1", HOME, "kept", "registry.x.com/me/n:1", "1", 0)  # type: ignore[attr-defined]

    world.emulator.do(add)


def follow(finding: Finding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a finding advises, as a user would who wants it gone."""
    advice = str(finding.end)
    if advice.startswith("curl "):
        _, _, method, _, header, address = shlex.split(advice.partition(", ")[0])
        url = urlsplit(address)
        connection = http.client.HTTPConnection(str(url.hostname), url.port or 0)
        connection.request(method, url.path, headers=dict([header.split(":", 1)]))
        assert connection.getresponse().status == 200
        connection.close()
        return
    command = advice[advice.index("dsw release ") :].partition(", ")[0]
    monkeypatch.setattr(
        "builtins.input", lambda question: finding.where.id if "its id" in question else "release"
    )
    assert main(shlex.split(command)[1:]) == 0


@pytest.mark.parametrize(
    ("kind", "makes", "compared"),
    [
        (Kind.UNDECLARED, lambda world: running(world, OWNED), STATE),
        (Kind.UNDECLARED, lambda world: world.put(1, labels=OWNED), STATE),
        (Kind.UNDECLARED, lambda world: running(world, labels.ours(URN, 4)), STATE),
        (Kind.UNDECLARED, lambda world: running(world, labels.ours(URN, 4)), EMPTY),
        (Kind.NOT_OURS, lambda world: running(world, {}), STATE),
        (Kind.DISK, lambda world: world.put(1, labels=FOREIGN, disk_gib=200), STATE),
        (Kind.DISK, lambda world: world.put(1, labels=OWNED, disk_gib=200), None),
        (Kind.DISK_CLEARED, lambda world: world.put(1), None),
        (Kind.EAS_SERVICE, lambda world: world.emulator.other("eas-service", "e-1", HOME), None),
        (Kind.EAS_RESOURCE, lambda world: world.emulator.other("eas-resource", "r-1", HOME), None),
        (Kind.DLC_JOB, lambda world: world.emulator.other("dlc-job", "d-1", HOME), None),
        (Kind.IMAGE, image, None),
    ],
)
def test_the_advice_ends_it(
    world: AuditedAccount,
    kind: Kind,
    makes: Callable[[AuditedAccount], object],
    compared: Declared | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    makes(world)
    follow(only(world.audit(HOME, declared=compared), kind), monkeypatch)
    assert [one.kind for one in world.audit(HOME, declared=compared).findings] == []


def test_a_quota_that_is_too_small_names_what_uses_most(
    world: AuditedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.guarded("short", hours=1)
    world.guarded("long", hours=24)
    world.emulator.trial(remaining_cu=20)
    found = only(world.audit(HOME), Kind.QUOTA)
    assert found.where.name == "long"
    follow(found, monkeypatch)
    assert world.audit(HOME).findings == ()


@pytest.mark.parametrize(
    ("emulator", "owner", "words"),
    [
        (None, Owner.DECLARED, "pulumi destroy"),
        ("/x/.rehearsal/emulator", Owner.DECLARED, "make down"),
        ("http://127.0.0.1:1", Owner.DECLARED, "pulumi destroy"),
        (None, Owner.UNDECLARED, f"dsw release dsw-1 --region {HOME}"),
        ("/x/.rehearsal/emulator", Owner.UNDECLARED, f"dsw release dsw-1 --region {HOME} --emulator"),
        (
            "/x/.rehearsal/emulator",
            Owner.NOT_OURS,
            f"dsw release dsw-1 --region {HOME} --emulator, if it is yours",
        ),
    ],
)
def test_the_command_is_of_the_cloud_that_was_looked_at(
    emulator: str | None, owner: Owner, words: str
) -> None:
    assert str(Endings(emulator).instance(Instance(instance_id="dsw-1"), HOME, owner)) == words


def test_what_only_the_console_ends() -> None:
    for ending in ("service", "resource_group", "job", "image"):
        assert console(HOME) in str(getattr(Endings(), ending)(HOME))
        assert str(getattr(Endings("/x"), ending)(HOME)).startswith("make down, then dsw emulator reset")


def test_what_is_being_deleted_is_no_finding(world: AuditedAccount) -> None:
    world.put(1, labels=OWNED, status="Deleting")
    assert world.audit(HOME, declared=STATE).findings == ()
