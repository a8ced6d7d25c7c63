"""Regions, and which product and region a host name means."""

from __future__ import annotations

import re

from paidsw.trial.regions import ALL, BILLING, DSW
from paidsw.trial.terms import TERMS

HOME_REGION = TERMS.home_region
# Where EAS is alone comes besides.
REGIONS, OTHER_REGIONS = DSW, ALL

PRODUCTS = {"pai-dsw": "dsw", "aiworkspace": "aiworkspace", "pai-eas": "eas", "pai-dlc": "dlc"}
CENTRAL = {"business.aliyuncs.com": ("bss", BILLING)}
VERSIONS = {
    "dsw": "2022-01-01",
    "aiworkspace": "2021-02-04",
    "eas": "2021-07-01",
    "dlc": "2020-12-03",
    "bss": "2017-12-14",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_HOST = re.compile(r"^(?P<product>[a-z-]+?)(?:-vpc)?\.(?P<region>[a-z]+-[a-z]+(?:-\d+)?)\.aliyuncs\.com$")


def host_only(host: str) -> str:
    """The host of a ``Host`` header in lower case, without port and brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header names this machine only."""
    return host_only(host) in LOOPBACK


def locate(host: str) -> tuple[str, str] | None:
    """Product and region of a service's host name; None when it is none of ours."""
    if place := CENTRAL.get(host_only(host)):
        return place
    found = _HOST.match(host_only(host))
    if not found or found["product"] not in PRODUCTS:
        return None
    product, region = PRODUCTS[found["product"]], found["region"]
    return (product, region) if region in (OTHER_REGIONS if product == "eas" else REGIONS) else None
