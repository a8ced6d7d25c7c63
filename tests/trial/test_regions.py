"""The lists of regions, and that the audit and the emulator know the same ones."""

from __future__ import annotations

import re

import pytest

from paidsw.audit.regions import PLACES, REGIONAL, Service
from paidsw.emulator.services import locate
from paidsw.trial.regions import ALL, DSW, DSW_LIKELY, DSW_OFFICIAL, EAS_OFFICIAL, Listed
from paidsw.trial.terms import TERMS


@pytest.mark.parametrize("listed", [DSW_OFFICIAL, DSW_LIKELY, EAS_OFFICIAL])
def test_a_list_has_regions_once_and_says_who_says_so(listed: Listed) -> None:
    assert len(set(listed.regions)) == len(listed.regions) > 0
    assert all(re.fullmatch(r"[a-z]{2}-[a-z]+(-\d)?", region) for region in listed.regions)
    assert listed.sources
    assert all(re.fullmatch(r"20\d\d-\d\d(-\d\d)?", source.date) for source in listed.sources)


def test_what_is_likely_is_not_official() -> None:
    assert not set(DSW_LIKELY.regions) & set(DSW_OFFICIAL.regions)
    assert len(set(DSW)) == len(DSW)
    assert set(ALL) == {*DSW, *EAS_OFFICIAL.regions}


def test_the_trial_is_where_dsw_officially_is() -> None:
    offered = {region.id for region in TERMS.regions.values() if region.in_force}
    assert offered
    assert offered <= set(DSW_OFFICIAL.regions)


def test_the_emulator_serves_what_the_audit_asks() -> None:
    assert TERMS.home_region in DSW
    assert set(ALL) == set(PLACES)
    for place in PLACES.values():
        with_dsw = Service.DSW in place.services
        assert place.services == (REGIONAL if with_dsw else (Service.EAS,))
        assert (locate(f"pai-dsw.{place.region}.aliyuncs.com") is not None) is with_dsw
        found = locate(f"pai-eas.{place.region}.aliyuncs.com")
        assert found is not None
        assert (found[0].name, found[1]) == ("eas", place.region)


def test_official_is_what_a_document_says() -> None:
    assert PLACES["cn-beijing"].official == {Service.DSW, Service.WORKSPACE, Service.EAS}
    assert PLACES["cn-guangzhou"].official == {Service.DSW, Service.WORKSPACE}
    assert PLACES["cn-heyuan"].official == {Service.EAS}
    assert PLACES["ap-southeast-7"].official == frozenset()
