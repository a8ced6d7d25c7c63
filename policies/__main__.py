"""Starts the policy pack. `PolicyPack` serves until it is stopped, so everything else is in `policies.pack`."""

import gc
import sys
from pathlib import Path

# Nothing becomes garbage while the modules load, and the engine is waiting.
gc.disable()

# Python puts this folder first on the path, where its modules would hide the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402

from policies.pack import DESCRIPTION, NAME, policies  # noqa: E402

POLICIES = policies()
gc.enable()
PolicyPack(
    name=NAME,
    policies=POLICIES,
    enforcement_level=EnforcementLevel.MANDATORY,
    description=DESCRIPTION,
    display_name="PAI-DSW free tier",
    provider="alicloud",
    tags=["pai-dsw", "free-trial", "cost"],
)
