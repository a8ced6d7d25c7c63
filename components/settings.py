"""Stack configuration → settings. A wrong value or an unknown key ends the program in one sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from components.arguments import HIDDEN, NotebookArgs, SettingsError
from paidsw.trial.terms import TERMS

REGION_KEY = "alicloud:region"
_STRUCTURED = frozenset({"environmentVariables", "labels", "datasets", "backup"})


@dataclass(frozen=True)
class NotebookSettings:
    """The region, which the alicloud provider needs as well, and the notebook's own settings."""

    region: str
    args: NotebookArgs

    @classmethod
    def from_config(cls) -> NotebookSettings:
        """The settings of this stack; pulumi.RunError with everything that is wrong, one sentence each."""
        project, stack = pulumi.get_project(), pulumi.get_stack()
        values = {**get_config_env(), **CONFIG.get()}
        settings, wrong = parse(values, project, [key for key in values if is_config_secret(key)])
        if settings is None:
            raise pulumi.RunError("\n".join(f"Pulumi.{stack}.yaml: {sentence}" for sentence in wrong))
        return settings


def parse(
    values: Mapping[str, Any], project: str, secret: Collection[str] = ()
) -> tuple[NotebookSettings | None, list[str]]:
    """Settings from configuration values, full key → text; or None and what is wrong, one sentence each.

    `secret` are the full keys whose values no sentence may show.
    """
    wrong: list[str] = []
    region = values.get(REGION_KEY)
    if not region:
        wrong.append(
            f"{REGION_KEY} is missing; set it to a region of the trial: "
            f"pulumi config set {REGION_KEY} {TERMS.home_region}"
        )
    prefix = f"{project}:"
    own = {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}
    hidden = {key.removeprefix(prefix) for key in secret}
    try:
        args = NotebookArgs(HIDDEN | hidden, **{key: _plain(key, value) for key, value in own.items()})
    except SettingsError as error:
        return None, wrong + [f"{prefix}{problem.message}" for problem in error.problems]
    if region:
        wrong += [
            f"{REGION_KEY if setting == 'region' else prefix + setting}: {message}"
            for setting, message in args.violations(str(region), hidden)
        ]
    return (None, wrong) if wrong else (NotebookSettings(str(region), args), [])


def _plain(key: str, value: Any) -> Any:
    """Configuration arrives as text; maps and lists as JSON text."""
    if key in _STRUCTURED and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
