"""A user's own additions to the terms: `trial-overlay.toml` in the project's folder.

    [regions.cn-zhangjiakou]
    source = "list of regions on the trial's page"
    date = "2026-11-20"

    [types."ecs.g6.xlarge"]
    cuPerHour = "1.2"
    source = "my own bill of the trial pack"
    date = "2026-11-20"

It adds regions, types and rates and changes none that the terms state. DSW_TRIAL_OVERLAY names another file. Whatever
is wrong with the file keeps all of it from counting; either way `Terms.notice` says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from paidsw.core.messages import Message, listed
from paidsw.trial.figures import Basis, InstanceType, Rate, Region, Source, Terms
from paidsw.trial.messages import Text

VARIABLE = "DSW_TRIAL_OVERLAY"
FILE = Path(__file__).resolve().parents[2] / "trial-overlay.toml"
_HIGHEST = Decimal(1000)
_NOTE = "added by the user"


class _Wrong(ValueError):
    """What is wrong with the file, and where."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def overlaid(terms: Terms) -> Terms:
    """The terms with what the user's file adds, and a notice of it; the terms as they are without a file."""
    path = Path(os.environ.get(VARIABLE) or FILE)
    if not path.exists() and VARIABLE not in os.environ:
        return terms
    try:
        return _added(terms, _read(path), path.name)
    except _Wrong as error:
        return replace(terms, notice=Text.OVERLAY_REFUSED(file=path.name, reason=error.reason))


def _read(path: Path) -> Mapping[str, Any]:
    import tomllib  # only where there is a file

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _Wrong(Text.UNREADABLE(reason=error.strerror)) from None
    except ValueError as error:
        raise _Wrong(Text.NOT_TOML(reason=error)) from None


def _added(terms: Terms, document: Mapping[str, Any], name: str) -> Terms:
    _only(document, "regions", "types")
    regions = {key: _region(terms, key, value) for key, value in _tables(document, "regions")}
    types = {key: _type(terms, key, value) for key, value in _tables(document, "types")}
    if not regions and not types:
        raise _Wrong(Text.ADDS_NOTHING())
    added = [Text.ADDED_REGION(key=key) for key in regions]
    added += [Text.ADDED_TYPE(key=key, cu=kind.rate.at_most) for key, kind in types.items() if kind.rate]
    return replace(
        terms,
        regions=MappingProxyType({**terms.regions, **regions}),
        instance_types=MappingProxyType({**terms.instance_types, **types}),
        notice=Text.OVERLAY(file=name, added=listed(added)),
    )


def _region(terms: Terms, key: str, table: Mapping[str, Any]) -> Region:
    _only(table, "source", "date", at=key)
    known = terms.regions.get(key)
    if known is not None and known.in_force:
        raise _Wrong(Text.REGION_KNOWN(key=key))
    names = (known.name, known.name_zh) if known else (key, key)
    return Region(key, *names, True, sources=(_source(table, key),), note=_NOTE)


def _type(terms: Terms, key: str, table: Mapping[str, Any]) -> InstanceType:
    _only(table, "cuPerHour", "accelerator", "source", "date", at=key)
    known, source = terms.instance_types.get(key), _source(table, key)
    if known is not None and known.rate is not None:
        raise _Wrong(Text.RATE_KNOWN(key=key))
    cu = _cu(table, key)
    rate = Rate(cu, cu, basis=Basis.STATED, sources=(source,), note=_NOTE)
    if known is not None:
        return replace(known, rate=rate)
    accelerator = table.get("accelerator")
    if accelerator not in ("GPU", "CPU"):
        raise _Wrong(Text.NO_ACCELERATOR(key=key))
    gpus = int(accelerator == "GPU")
    return InstanceType(key, accelerator, "GPU" * gpus, gpus, 0, 0, 0, rate, sources=(source,), note=_NOTE)


def _cu(table: Mapping[str, Any], key: str) -> Decimal:
    try:
        cu = Decimal(str(table.get("cuPerHour")))
    except ArithmeticError:
        cu = Decimal("nan")
    if not cu.is_finite() or not 0 < cu < _HIGHEST:
        raise _Wrong(Text.NO_CU(key=key, highest=_HIGHEST))
    return cu


def _source(table: Mapping[str, Any], key: str) -> Source:
    title, date = table.get("source"), table.get("date")
    if not isinstance(title, str) or not title.strip() or not isinstance(date, str) or not date.strip():
        raise _Wrong(Text.NO_SOURCE(key=key))
    return Source(title, date)


def _tables(document: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    found = document.get(name, {})
    if not isinstance(found, Mapping) or not all(isinstance(table, Mapping) for table in found.values()):
        raise _Wrong(Text.NO_TABLES(name=name))
    return list(found.items())


def _only(table: Mapping[str, Any], *names: str, at: str | None = None) -> None:
    odd = next((key for key in table if key not in names), None)
    if odd is not None:
        raise _Wrong(Text.ODD_KEY(place=at or Text.THE_FILE(), key=odd, names=", ".join(names)))
