"""The providers of a notebook: which settings of theirs are refused, and the alicloud provider of one region."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from paidsw.core import versions
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import (
    ACCEPTED,
    ALICLOUD,
    in_environment,
    in_folder,
    in_program,
    in_provider,
    is_rehearsal,
)
from paidsw.core.text import camel_case

# Secrets however they are set.
_CREDENTIALS = frozenset({f"{ALICLOUD}:secretKey", f"{ALICLOUD}:securityToken"})


def configuration() -> dict[str, Any]:
    """The whole configuration of the program, full key → text."""
    return {**get_config_env(), **CONFIG.get()}


def refused() -> list[Problem]:
    """What may not be in the program's configuration, environment and folder, one sentence each."""
    settings = configuration()
    if is_rehearsal(settings):
        return in_program(settings)
    return [*in_program(settings), *in_environment(os.environ), *in_folder(Path.cwd())]


async def accepted(provider: pulumi.ProviderResource) -> bool:
    """True; raises pulumi.RunError for what is refused of the settings of an alicloud provider of the program's own.

    As far as they can be seen: a provider's class shows those of its settings that are texts or have a name of one
    word. The rest, and those of a provider of another process, the policy pack sees.
    """
    given: dict[str, object] = {}
    for name, output in dict(vars(provider)).items():
        key = camel_case(name)
        if isinstance(output, pulumi.Output) and key not in ACCEPTED[ALICLOUD] | {"id", "urn"}:
            value = await output.future() if await output.is_known() else None
            given |= {key: value} if value is not None else {}
    found = in_provider(given, provider.pulumi_resource_name, configuration())
    if found:
        raise pulumi.RunError("\n".join(str(problem.message) for problem in found))
    return True


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
    return pulumi.Output.secret(value) if is_config_secret(key) or key in _CREDENTIALS else value
