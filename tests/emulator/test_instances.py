from __future__ import annotations

from .cloud import Cloud


def test_create_starts_the_instance(cloud: Cloud) -> None:
    made = cloud.create()
    seen = []
    for _ in range(20):
        status = cloud.status(made)
        if not seen or seen[-1] != status:
            seen.append(status)
        cloud.emulator.clock.advance(10)
    assert seen == ["Creating", "ResourceAllocating", "EnvPreparing", "Starting", "Running"]


def test_delete_releases_everything(cloud: Cloud) -> None:
    made = cloud.running()
    cloud.dsw().delete_instance(made)
    assert cloud.status(made) == "Deleting"
    cloud.emulator.clock.advance(20)
    assert cloud.names() == []
    assert [thing.kind for thing in cloud.emulator.live()] == ["workspace"]
    assert cloud.emulator.bill().total == 0
