"""The regions that are asked, and for which services."""

from __future__ import annotations

import re

import pytest

from paidsw.audit.inventory import CLIENTS, READS
from paidsw.audit.regions import ACCOUNT, PLACES, REGIONAL, Service
from paidsw.trial.regions import DSW, DSW_OFFICIAL, EAS_OFFICIAL
from paidsw.trial.terms import TERMS


def test_every_region_of_the_trial_is_asked_for_everything() -> None:
    for region in TERMS.region_ids:
        assert PLACES[region].services == REGIONAL


def test_every_region_that_a_document_names_is_asked() -> None:
    assert set(PLACES) == {*DSW, *EAS_OFFICIAL.regions}
    for region in DSW_OFFICIAL.regions:
        assert PLACES[region].official >= {Service.DSW, Service.WORKSPACE}
    for region in EAS_OFFICIAL.regions:
        assert Service.EAS in PLACES[region].official


def test_eas_is_asked_where_nothing_else_is() -> None:
    only = [place for place in PLACES.values() if place.services == (Service.EAS,)]
    assert {place.region for place in only} == {"cn-zhangjiakou", "cn-heyuan", "ap-south-1"}


@pytest.mark.parametrize("region", PLACES)
def test_what_is_official_is_asked_and_the_name_fits_into_a_command(region: str) -> None:
    place = PLACES[region]
    assert place.official <= set(place.services)
    assert re.fullmatch(r"[a-z]{2}-[a-z]+(-\d)?", region)
    assert region != ACCOUNT


def test_every_service_has_a_client_and_every_regional_one_is_read() -> None:
    assert set(CLIENTS) == set(Service)
    assert {read.service for read in READS} == set(REGIONAL)
    assert len({client.product for client in CLIENTS.values()}) == len(CLIENTS)
    # The SDK's own rule for this host is wrong.
    assert CLIENTS[Service.EAS].product == "pai-eas"
