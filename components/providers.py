"""The providers of a notebook: which settings of theirs are refused, and the alicloud provider of one region."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from paidsw.core import versions
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import ALICLOUD, in_environment, in_folder, in_program, is_rehearsal


def configuration() -> dict[str, Any]:
    """The whole configuration of the program, full key → text."""
    return {**get_config_env(), **CONFIG.get()}


def refused() -> list[Problem]:
    """What may not be in the program's configuration, environment and folder, one sentence each."""
    settings = configuration()
    if is_rehearsal(settings):
        return in_program(settings)
    return [*in_program(settings), *in_environment(os.environ), *in_folder(Path.cwd())]


def regional_provider(
    name: str, region: str, owner: pulumi.Resource | None = None
) -> pulumi.ProviderResource:
    """The alicloud provider of one region, with the settings of `alicloud:` as the default provider gets them.

    It waits for the owner, which may refuse the region: nothing is declared then that would have to go. A provider
    keeps its region for good: what a stack has in an old region is deleted there, whatever the settings say. It has no
    parent: `pulumi state move` can't move a component that has a provider as its child.
    """
    prefix, settings = f"{ALICLOUD}:", configuration()
    inputs = {
        key.removeprefix(prefix): _value(key, settings[key]) for key in settings if key.startswith(prefix)
    }
    # The engine looks for the plugin of just this version.
    opts = pulumi.ResourceOptions(version=versions.ALICLOUD, depends_on=owner)
    return pulumi.ProviderResource(ALICLOUD, f"{name}-{region}", {**inputs, "region": region}, opts)


def _value(key: str, value: Any) -> pulumi.Input[Any]:
    return pulumi.Output.secret(value) if is_config_secret(key) else value
