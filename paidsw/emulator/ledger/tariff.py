"""The trial's figures that the ledger needs. They come from ``trial/``: no number of the free tier is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from paidsw.trial.terms import TERMS


@dataclass(frozen=True)
class Tariff:
    """Regions and types that the pack covers, CU per hour, CU·h a month, months, free GiB, days kept stopped.

    ``trial_types`` are all types of the trial, those without a known rate too.
    """

    regions: frozenset[str]
    cu_per_hour: Mapping[str, Decimal]
    trial_types: frozenset[str]
    monthly_cu: Decimal
    months: int
    free_disk_gib: int
    kept_days: int


@cache
def load() -> Tariff:
    """The terms in force. A type is charged the most that its sources allow for; without a rate it isn't covered."""
    terms = TERMS
    rates = {name: kind.rate.at_most for name, kind in terms.instance_types.items() if kind.rate is not None}
    return Tariff(
        regions=frozenset(terms.region_ids),
        cu_per_hour=rates,
        trial_types=frozenset(terms.instance_types),
        monthly_cu=terms.quota_cu_per_month.value,
        months=terms.quota_months.value,
        free_disk_gib=int(terms.free_disk_gib.value),
        kept_days=terms.disk_kept_days.value,
    )
