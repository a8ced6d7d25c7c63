"""Ids of resources: REGION/INSTANCE_ID, as an import takes them; those of earlier versions are instance ids alone."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import provider_pb2

from paidsw.provider.errors import ProviderError
from paidsw.provider.instance.resource import Place
from paidsw.provider.values import decode, encode
from tests.support.direct import Direct, World
from tests.support.plugin import URN, Failure
from tests.support.samples import REGION


@pytest.mark.parametrize(
    ("identifier", "known", "place"),
    [
        ("cn-beijing/dsw-1", "", Place("cn-beijing", "dsw-1")),
        ("cn-beijing/dsw-1", REGION, Place("cn-beijing", "dsw-1")),
        ("dsw-1", REGION, Place(REGION, "dsw-1")),
    ],
)
def test_an_id_says_where_the_instance_is(identifier: str, known: str, place: Place) -> None:
    assert Place.of(identifier, known) == place
    assert Place.of(str(place)) == place


@pytest.mark.parametrize("identifier", ["", "dsw-1", "/dsw-1", "cn-beijing/"])
def test_an_id_without_a_region_or_an_instance_is_refused(identifier: str) -> None:
    with pytest.raises(ProviderError, match="import it as REGION/INSTANCE_ID"):
        Place.of(identifier)


def test_a_create_answers_with_an_id_that_an_import_takes(world: World, direct: Direct) -> None:
    request = provider_pb2.CreateRequest(urn=URN, properties=encode(world.inputs(ownerId=None)))
    made = direct.call("Create", request)
    [alive] = world.instances
    assert made.id == f"{REGION}/{alive.id}"
    assert decode(made.properties).values["instanceId"] == alive.id
    imported = direct.call("Read", provider_pb2.ReadRequest(id=made.id, urn=URN))
    assert imported.id == made.id


def test_a_failed_create_keeps_an_id_of_the_same_form(world: World, direct: Direct) -> None:
    world.strike("failed", "CreateInstance", code="ImagePullBackOff", message="cannot pull")
    with pytest.raises(Failure) as caught:
        direct.create(world.inputs())
    assert caught.value.resource_id == f"{REGION}/{world.instances[0].id}"


@pytest.mark.parametrize("earlier", [False, True])
def test_read_update_and_delete_take_both_forms_and_read_gives_the_new_one(
    world: World, direct: Direct, *, earlier: bool
) -> None:
    declared = world.inputs()
    instance_id, state = direct.create(declared)
    kept = instance_id if earlier else f"{REGION}/{instance_id}"
    inputs, properties = encode(declared), encode(state)

    read = direct.call(
        "Read", provider_pb2.ReadRequest(id=kept, urn=URN, inputs=inputs, properties=properties)
    )
    assert read.id == f"{REGION}/{instance_id}"
    assert decode(read.properties).values == state

    news = encode({**declared, "instanceName": "renamed"})
    update = provider_pb2.UpdateRequest(id=kept, urn=URN, olds=properties, old_inputs=inputs, news=news)
    assert decode(direct.call("Update", update).properties).values["instanceName"] == "renamed"

    direct.call(
        "Delete", provider_pb2.DeleteRequest(id=kept, urn=URN, properties=properties, old_inputs=inputs)
    )
    assert world.instances == []


def test_a_refresh_that_finds_it_unhealthy_gives_the_new_form_too(world: World, direct: Direct) -> None:
    declared = world.inputs()
    instance_id, state = direct.create(declared)
    world.cloud.state.instances[instance_id].status = "Failed"
    world.cloud.commit()
    with pytest.raises(Failure) as caught:
        direct.read(instance_id, declared, state)
    assert caught.value.resource_id == f"{REGION}/{instance_id}"
