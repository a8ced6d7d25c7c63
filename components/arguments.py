"""The settings of a notebook: what a learner may choose, with the tutorial's choice as the default."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

import pulumi
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic.alias_generators import to_camel

from components.messages import Text
from components.secret_settings import IN_PLAIN, settled
from paidsw.core import forms, validation
from paidsw.core.problems import Problem
from paidsw.core.redaction import MASK
from paidsw.core.settings import image_url, setting_of
from paidsw.core.values import UNKNOWN
from paidsw.core.wanted_texts import with_texts
from paidsw.provider.instance.inputs import Backup, Dataset, one_each
from paidsw.rules.registry import evaluate
from paidsw.rules.rule import Level, Violation, sentence
from paidsw.trial.budget import hours_paid
from paidsw.trial.terms import TERMS

# Settings whose value no message shows.
HIDDEN = frozenset({"environmentVariables", "imageAuth"})


class SettingsError(pulumi.RunError):
    """Wrong settings. The engine shows a RunError without a traceback."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem.message) for problem in problems))


class NotebookArgs(BaseModel):
    """Settings of `FreeTierNotebook`. In stack configuration each is a key of the same name."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
    )

    instance_name: str = Field(
        default="LLM_Finetune_01", description="Name: letters, digits, underscores; at most 27."
    )
    ecs_spec: str = Field(default=TERMS.instance_type_ids[0], description="Instance type of the trial.")
    image: str = Field(
        min_length=1,
        default="pytorch:2.6.0-gpu-py310-cu124-ubuntu22.04",
        description="Tag of an official image, or the URL of an image (with a / in it).",
    )
    image_auth: str | None = Field(
        default=None,
        pattern=forms.IMAGE_AUTH,
        description="Base64 of user:password for a private image; set it with --secret.",
    )
    system_disk_gib: int = Field(
        default=int(TERMS.free_disk_gib.value), description="System disk in GiB; the free one has 100."
    )
    session_hours: float = Field(
        default=float(TERMS.session_hours.default),
        allow_inf_nan=False,
        description="Hours until the shutdown timer stops it.",
    )
    idle_minutes: int = Field(
        default=int(TERMS.idle_minutes.default), description="Idle minutes until the culler stops it."
    )
    idle_cpu_percent: int = Field(
        default=int(TERMS.idle_cpu_percent.default), description="Idle means CPU below, percent."
    )
    idle_gpu_percent: int = Field(
        default=int(TERMS.idle_gpu_percent.default), description="Idle means GPU below, percent (GPU types)."
    )
    accessibility: Literal["PRIVATE", "PUBLIC"] = Field(
        default="PRIVATE", description="Who sees it; PUBLIC can't be taken back and is refused."
    )
    driver: str | None = Field(
        default=None,
        pattern=forms.DRIVER,
        description="NVIDIA driver version; the cloud's default if absent.",
    )
    environment_variables: dict[str, str] = Field(default={}, description="For the notebook's processes.")
    labels: dict[Annotated[str, Field(pattern=re.compile(forms.LABEL_KEY))], str] = Field(
        default={}, description="Labels of the instance."
    )
    datasets: Annotated[list[Dataset], AfterValidator(one_each)] = Field(
        default=[], description="What is mounted; storage is billed on its own."
    )
    allow_billing: bool = Field(
        default=False,
        description="Runs it even if the trial doesn't pay or can't be checked: it is billed then.",
    )
    backup: Backup | None = Field(
        default=None,
        description="`snapshot` and `repository`: saves the environment as an image before every delete.",
    )
    running: bool = Field(
        default=True, description="false stops it: the disk is kept for 15 days, no computing hours are used."
    )
    start_cleared_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of a notebook to start although the cloud has cleared its disk.",
    )
    workspace_name: str | None = Field(
        default=None,
        pattern=forms.WORKSPACE_NAME,
        description="Name of the workspace to create; `free_tier_` and a random id if absent, which is never taken.",
    )
    workspace_id: str | None = Field(
        default=None, pattern=forms.ID, description="An existing workspace to use instead."
    )

    import_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of an existing notebook to take over; `pulumi up` names the settings that must be as it is.",
    )
    replace_id: str | None = Field(
        default=None,
        pattern=forms.INSTANCE_ID,
        description="Id of the notebook that a new region or workspace may replace: **all its files are lost**.",
    )
    owner_id: str | None = Field(
        default=None,
        pattern=forms.OWNER_ID,
        description="Owner id of a stack whose state is lost: this one takes its place.",
    )

    _secret: frozenset[str] = PrivateAttr(default=frozenset())

    def __init__(self, secret: Collection[str] = (), /, **values: Any) -> None:
        """Raises SettingsError. Secret are the settings that `secret` names, and those that are secret outputs."""
        names = self.names()
        aliases = {name: alias for alias, name in names.items()}
        plain, outputs, problems = settled(values)
        found = frozenset(aliases.get(name, name) for name in (*secret, *outputs))
        hidden = HIDDEN | found
        # A program's are under their names in Python.
        hidden |= {names[name] for name in hidden if name in names}
        # As for every resource, None is what a program hasn't set.
        plain = {name: value for name, value in plain.items() if value is not None}
        given, numbers = with_texts(type(self), plain, hidden)
        problems += numbers
        try:
            super().__init__(**given)
        except ValidationError as error:
            found_too = validation.problems(error, of="a setting of the notebook", names=names, hidden=hidden)
            problems += [one for one in found_too if one.name not in {name for name, _ in numbers}]
        problems += [
            Problem(name, Text.KEPT_IN_PLAIN(key=name, what=Text.IDS())) for name in sorted(found & IN_PLAIN)
        ]
        if problems:
            raise SettingsError(problems) from None
        self._secret = found

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The settings for a person; secret ones aren't shown."""
        hidden = {self.names()[name] for name in HIDDEN | self.secret if name in self.names()}
        for name, value in super().__repr_args__():
            yield name, MASK if name in hidden and value else value

    @property
    def secret(self) -> frozenset[str]:
        """The names of the settings that are secret, as they are in stack configuration."""
        return self._secret

    @classmethod
    def names(cls) -> dict[str, str]:
        """The settings' names in stack configuration, each with its name in Python."""
        return {field.alias or name: name for name, field in cls.model_fields.items()}

    @classmethod
    def kind(cls, name: str) -> object:
        """The type of a setting by its name in stack configuration; None for an unknown one."""
        field = cls.model_fields.get(cls.names().get(name, ""))
        return field and field.annotation

    def owner_inputs(self, region: str) -> dict[str, Any]:
        """What these settings mean for `paidsw:index:Owner`, in the names of the Pulumi wire."""
        inputs = {
            "region": region,
            "workspaceId": self.workspace_id,
            "workspaceName": None if self.workspace_id else self.workspace_name,
            "ownerId": self.owner_id,
            "importId": self.import_id,
            "replaceId": self.replace_id,
        }
        return {key: value for key, value in inputs.items() if value is not None}

    def instance_inputs(self, region: str, workspace_id: object = UNKNOWN) -> dict[str, Any]:
        """What these settings mean for `paidsw:index:Instance`, in the names of the Pulumi wire."""
        kind = TERMS.instance_types.get(self.ecs_spec)
        culler: dict[str, Any] = {
            "maxIdleTimeInMinutes": self.idle_minutes,
            "cpuPercentThreshold": self.idle_cpu_percent,
        }
        if kind is not None and kind.accelerator == "GPU":
            culler["gpuPercentThreshold"] = self.idle_gpu_percent
        inputs: dict[str, Any] = {
            "region": region,
            "workspaceId": workspace_id,
            "instanceName": self.instance_name,
            "ecsSpec": self.ecs_spec,
            "imageUrl": image_url(self.image, region),
            "imageAuth": self.image_auth,
            "cloudDisks": [{"subType": "rootfs", "capacity": f"{self.system_disk_gib}Gi"}],
            "accessibility": self.accessibility,
            "driver": self.driver,
            "environmentVariables": self.environment_variables,
            "labels": self.labels,
            "datasets": [d.model_dump(by_alias=True, exclude_none=True) for d in self.datasets],
            "idleInstanceCuller": culler,
            "sessionHours": self.session_hours,
            "running": self.running,
            "startClearedId": self.start_cleared_id,
            "backup": self.backup and self.backup.model_dump(),
            "allowBilling": self.allow_billing or None,
            "replaceId": self.replace_id,
        }
        return {key: value for key, value in inputs.items() if value is not None and value not in ({}, [])}

    def violations(self, region: str) -> list[Problem]:
        """What the free tier doesn't pay for, setting by setting; no sentence shows a secret one."""
        found = evaluate(self.instance_inputs(region))
        return [_problem(v, self.secret) for v in found if v.level is not Level.ADVISORY]

    @property
    def hides_workspace_name(self) -> bool:
        """Whether the name of the stack's own workspace is made of a secret."""
        return not self.workspace_id and bool(self.secret & {"workspaceName", "ownerId"})

    @property
    def cu_per_hour(self) -> Decimal | None:
        """CU that the notebook uses per hour; None for a type without a known rate."""
        rate = TERMS.rate(self.ecs_spec)
        return None if rate is None else rate.cu_per_hour

    @property
    def quota_hours(self) -> Decimal | None:
        """Hours that a whole month's quota pays for on this type."""
        if TERMS.rate(self.ecs_spec) is None:
            return None
        return hours_paid(self.ecs_spec, TERMS.quota_cu_per_month.value)


def _problem(violation: Violation, secret: Collection[str]) -> Problem:
    """A violation with the setting as its place, as far as the setting has another name than the property."""
    finding, setting = violation.finding, setting_of(violation.path)
    if setting in secret:
        return Problem(setting, Text.HIDDEN_REFUSED(rule=violation.rule))
    if setting != violation.top_level:
        finding = replace(finding, path=setting)
    return Problem(setting, sentence(violation.rule, finding))
