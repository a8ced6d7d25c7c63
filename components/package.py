"""The component as a Pulumi package of its own, for programs in any language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from components.arguments import HIDDEN, NotebookArgs, SettingsError
from components.free_tier_notebook import FreeTierNotebook
from components.messages import Text
from paidsw import __version__
from paidsw.core.problems import Problem
from paidsw.core.schema import property_of, types_of
from paidsw.core.text import camel_case
from paidsw.provider import schema as provider
from paidsw.rules.rule import INSTANCE_TYPE

NAME = "dsw-free-tier"
TOKEN = f"{NAME}:index:FreeTierNotebook"
_REGION = {"type": "string", "plain": True, "description": "The region of everything."}


class PackagedNotebook(FreeTierNotebook):
    """The component under the package's own token."""

    token = TOKEN


class NotebookPackage(Provider):
    """Makes the component for a program of another language, or of another project."""

    def __init__(self) -> None:
        super().__init__(__version__, json.dumps(schema()))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """The component, registered with the engine that asks for it. Raises pulumi.RunError."""
        if resource_type != TOKEN:
            raise pulumi.RunError(str(Text.NOT_A_RESOURCE(type=resource_type, package=NAME, token=TOKEN)))
        values = dict(inputs)
        region = values.pop("region", None)
        if not isinstance(region, str):
            text = Text.REGION_NOT_PLAIN if isinstance(region, pulumi.Output) else Text.REGION_REQUIRED
            raise SettingsError([Problem("region", text())])
        args = NotebookArgs(**{key: _whole(value) for key, value in values.items()})
        notebook = PackagedNotebook(name, args, region=region, opts=options)
        return ConstructResult(notebook.urn, notebook.outputs)


class ServedPackage(NotebookPackage):
    """The package as the engine calls it."""

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """The component. Raises pulumi.InputPropertiesError: of another error the reply names the Python class too."""
        try:
            return super().construct(name, resource_type, inputs, options)
        except pulumi.RunError as error:
            # The SDK fails on None.
            raise pulumi.InputPropertiesError(str(error), []) from None


def _whole(value: Any) -> Any:
    """A value with whole numbers as such: the wire has floats only."""
    if isinstance(value, pulumi.Output):
        return value.apply(_whole)
    if isinstance(value, Mapping):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def schema() -> dict[str, Any]:
    """The package schema: the settings of the notebook as inputs, which may be secrets, and its outputs."""
    settings = NotebookArgs.model_json_schema(by_alias=True)
    inputs = {name: _input(name, spec) for name, spec in settings["properties"].items()}
    return {
        "name": NAME,
        "version": __version__,
        "description": "A GPU notebook on Alibaba Cloud PAI-DSW that the free trial pays for.",
        "resources": {
            TOKEN: {
                "isComponent": True,
                "description": FreeTierNotebook.__doc__,
                "inputProperties": {"region": _REGION, **inputs},
                "requiredInputs": ["region"],
                "properties": _outputs(),
                "required": list(_outputs()),
            }
        },
        "types": types_of(settings, NAME),
        "language": {},
    }


def _input(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {**property_of(spec, NAME), **({"secret": True} if name in HIDDEN else {})}


def _outputs() -> dict[str, Any]:
    of_instance = provider.package()["resources"][INSTANCE_TYPE]["properties"]
    own = {
        "cuPerHour": {"type": "string", "description": "CU that the notebook uses per hour."},
        "quotaHours": {"type": "string", "description": "Hours that a whole month's quota pays for."},
    }
    names = [camel_case(name) for name in FreeTierNotebook.OUTPUTS]
    return {name: own.get(name) or of_instance[name] for name in names}
