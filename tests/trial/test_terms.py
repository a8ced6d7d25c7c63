import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from paidsw.trial.figures import Basis, Bounds, Sourced, Terms
from paidsw.trial.terms import TERMS


def _sourced(value: object) -> Iterator[Sourced]:
    """Everything in a part of the terms that names its sources, at any depth."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for item in value:
            yield from _sourced(item)
    elif is_dataclass(value):
        if isinstance(value, Sourced):
            yield value
        for part in fields(value):
            yield from _sourced(getattr(value, part.name))


@pytest.mark.parametrize("name", [part.name for part in fields(Terms) if part.name != "notice"])
def test_every_figure_names_a_source_and_its_date(name: str) -> None:
    value = getattr(TERMS, name)
    figures = value.values() if isinstance(value, Mapping) else [value]
    assert figures
    for figure in figures:
        assert isinstance(figure, Sourced)
        for part in _sourced(figure):
            assert part.sources
            for source in part.sources:
                assert source.title
                assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", source.date), source


def test_every_rate_is_among_what_names_its_sources() -> None:
    rates = [kind.rate for kind in TERMS.instance_types.values() if kind.rate]
    assert rates
    assert all(rate in list(_sourced(TERMS)) for rate in rates)


def test_the_regions_in_force_are_the_tutorials_five() -> None:
    assert TERMS.region_ids == ("cn-wulanchabu", "cn-beijing", "cn-shanghai", "cn-hangzhou", "cn-shenzhen")
    assert TERMS.home_region == "cn-wulanchabu"


@pytest.mark.parametrize("region", ["cn-zhangjiakou", "cn-hongkong"])
def test_a_region_out_of_force_says_why(region: str) -> None:
    assert not TERMS.regions[region].in_force
    assert TERMS.regions[region].note


def test_the_quota_and_the_free_disk() -> None:
    assert TERMS.quota_cu_per_month.value == Decimal(250)
    assert TERMS.quota_months.value == 3
    assert TERMS.free_disk_gib.value == Decimal(100)
    assert TERMS.disk_kept_days.value == 15


def test_a_stated_rate_is_planned_with_as_it_is() -> None:
    rate = TERMS.rate("ecs.gn7i-c8g1.2xlarge")
    assert rate is not None
    assert (rate.cu_per_hour, rate.at_most, rate.basis) == (Decimal("6.991"), Decimal("6.991"), Basis.STATED)


def test_an_inferred_rate_is_planned_with_at_its_worst_reading() -> None:
    rate = TERMS.rate("ecs.gn6v-c8g1.2xlarge")
    assert rate is not None
    assert rate.basis is Basis.INFERRED
    assert rate.at_most >= Decimal(5000) / (14 * 24) > rate.cu_per_hour
    assert rate.note


def test_every_rate_is_positive_and_never_planned_below_its_best_figure() -> None:
    for kind in TERMS.instance_types.values():
        if kind.rate:
            assert 0 < kind.rate.cu_per_hour <= kind.rate.at_most


def test_a_type_without_a_known_rate_is_of_the_trial_but_not_usable() -> None:
    assert "ecs.g6.xlarge" in TERMS.instance_types
    assert TERMS.rate("ecs.g6.xlarge") is None
    assert "ecs.g6.xlarge" not in TERMS.instance_type_ids
    assert "CU per hour" in TERMS.instance_types["ecs.g6.xlarge"].note


def test_a_stranger_has_no_rate() -> None:
    assert TERMS.rate("ecs.gn7e-c16g1.4xlarge") is None


def test_types_and_regions_are_keyed_by_their_own_id() -> None:
    assert all(key == kind.id for key, kind in TERMS.instance_types.items())
    assert all(key == region.id for key, region in TERMS.regions.items())


@pytest.mark.parametrize("name", ["session_hours", "idle_minutes", "idle_cpu_percent", "idle_gpu_percent"])
def test_the_usual_value_is_within_its_bounds(name: str) -> None:
    bounds: Bounds = getattr(TERMS, name)
    assert 0 < bounds.minimum <= bounds.default <= bounds.maximum


def test_the_default_session_is_paid_for_on_every_usable_type() -> None:
    for kind in TERMS.instance_type_ids:
        rate = TERMS.rate(kind)
        assert rate is not None
        assert rate.at_most * TERMS.session_hours.default <= TERMS.quota_cu_per_month.value


def test_terms_can_be_extended_without_touching_the_original() -> None:
    region = replace(TERMS.regions["cn-zhangjiakou"], in_force=True)
    wider = replace(TERMS, regions=MappingProxyType({**TERMS.regions, region.id: region}))
    assert "cn-zhangjiakou" in wider.region_ids
    assert "cn-zhangjiakou" not in TERMS.region_ids


def test_the_terms_are_read_only() -> None:
    with pytest.raises(TypeError):
        TERMS.regions["cn-hongkong"] = TERMS.regions["cn-beijing"]  # type: ignore[index]  # what is tested
    with pytest.raises(AttributeError):
        TERMS.quota_months = TERMS.quota_months  # type: ignore[misc]  # what is tested
