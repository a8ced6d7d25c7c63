"""An instance as the settings that would declare it: which ones differ, and what to type."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paidsw.cloud import Instance
from paidsw.core.messages import Message
from paidsw.core.redaction import redacted
from paidsw.core.settings import REGION_KEY, image_of, image_url, setting_of
from paidsw.core.text import printable
from paidsw.core.values import Node
from paidsw.provider.instance import diff, state
from paidsw.provider.instance.inputs import HIDDEN, Dataset, with_defaults
from paidsw.provider.instance.messages import InstanceText
from paidsw.provider.instance.state import IMPORT, Outputs, State
from paidsw.provider.values import contains_unknown
from paidsw.rules.disks import capacity_gib, is_system

_CULLER = "idleInstanceCuller"
# Left out, these mean nothing; the others have a default.
_REMOVABLE = frozenset({"driver", "labels", "datasets"})
# Members of a dataset that can be declared; the cloud shows more.
_OF_DATASET = frozenset(field.alias or name for name, field in Dataset.model_fields.items())


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that keeps an instance from being taken over: the sentence, and the command that ends it, if any."""

    message: Message
    command: str = ""


# Of an instance that is stopped, where it isn't known what is declared.
STOPPED_ALREADY = Difference(Message("running"), "pulumi config set running false")


def differences(
    declared: Mapping[str, Any], instance: Instance, region: str, secrets: Collection[str] = ()
) -> list[Difference]:
    """How the settings behind these declared inputs differ from an instance, as the engine would compare them.

    `region` is where the instance is, which may not be the declared one. A `workspaceId` that isn't declared would be
    that of a workspace that the stack makes. What becomes one of the inputs in `secrets` stays a secret.
    """
    here = str(declared.get("region") or region)
    found = state.actual_inputs(instance, region, None)
    after = with_defaults(_at(declared, here, region))
    changed = diff.changes(
        state.comparable(found.plain(), after, State(found, Outputs(origin=IMPORT))), after
    )
    moved = [_differs(instance, REGION_KEY, here, region)] if here != region else []
    # The cloud shows an image both ways; a setting names its URL.
    names = [name for name in changed if name != "imageId" or "imageUrl" not in changed]
    return [*moved, *_settings(names, instance, region, after, found.plain(), secrets)]


def commands(instance: Instance, found: Iterable[Difference]) -> str:
    """What to type to take an instance over, in one line."""
    first = f"pulumi config set importId {instance.instance_id}"
    return " && ".join([first, *(one.command for one in found if one.command)])


def _at(declared: Mapping[str, Any], here: str, region: str) -> dict[str, Any]:
    """The inputs as the same settings make them in another region."""
    moved = {**declared, "region": region}
    if isinstance(url := declared.get("imageUrl"), str):
        moved["imageUrl"] = image_url(image_of(url, here), region)
    return moved


def _settings(
    names: Iterable[str],
    instance: Instance,
    region: str,
    declared: Mapping[str, Any],
    found: Mapping[str, Any],
    secrets: Collection[str],
) -> Iterator[Difference]:
    for name in names:
        setting, has = setting_of(name), found.get(name)
        if name == _CULLER:
            yield from _of_culler(instance, declared.get(name) or {}, has or {})
        elif name in HIDDEN:
            remove = f"pulumi config rm {setting}"
            text = InstanceText.IMPORT_HIDDEN(setting=setting, instance=instance.instance_id, command=remove)
            yield Difference(text, remove)
        else:
            is_, wanted = (_as_setting(name, value, region) for value in (declared.get(name), has))
            yield _differs(instance, setting, is_, wanted, secret=name in secrets)


def _of_culler(
    instance: Instance, declared: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Difference]:
    for name, value in sorted(declared.items()):
        setting, has = setting_of(f"{_CULLER}.{name}"), found.get(name)
        if has is None:
            there = InstanceText.IMPORT_SET_THERE(
                setting=setting, declared=value, instance=instance.instance_id
            )
            yield Difference(there)
        elif has != value:
            yield _differs(instance, setting, _plain(value), _plain(has))


def _differs(
    instance: Instance, setting: str, declared: str | None, found: str | None, *, secret: bool = False
) -> Difference:
    values: dict[str, object] = {"setting": setting, "instance": instance.instance_id}
    if found is not None:
        put = f"pulumi config set --secret {setting}" if secret else f"pulumi config set {setting}"
        command = f"{put} {shlex.quote(found)}"
        if redacted(command) != command:
            return Difference(InstanceText.IMPORT_UNSHOWN(**values, command=f"{put} VALUE"))
        values |= {"found": printable(found), "command": command}
        if declared is None:
            return Difference(InstanceText.IMPORT_NOT_SET(**values), command)
        return Difference(InstanceText.IMPORT_DIFFERS(**values, declared=printable(declared)), command)
    if declared is not None and setting in _REMOVABLE:
        remove = f"pulumi config rm {setting}"
        values |= {"declared": printable(declared), "command": remove}
        return Difference(InstanceText.IMPORT_SURPLUS(**values), remove)
    return Difference(InstanceText.IMPORT_WITHOUT_SETTING(**values))


def _as_setting(name: str, value: Any, region: str) -> str | None:
    """A property's value as somebody types the setting that it comes from; None for nothing."""
    if value in diff.EMPTY or contains_unknown(value) or name not in _AS_TYPED:
        return None
    return _AS_TYPED[name](value, region)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _gib(value: Any) -> str | None:
    sizes = (capacity_gib(disk) for disk in filter(is_system, Node("cloudDisks", value).entries))
    size = next(sizes, None)
    return None if size is None else str(size)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _datasets(value: Any) -> str:
    return _json([{name: item for name, item in one.items() if name in _OF_DATASET} for one in value])


# The properties that come from a setting each, and how it is typed. The region's is compared by itself.
_AS_TYPED: dict[str, Callable[[Any, str], str | None]] = {
    "workspaceId": lambda value, _: _plain(value),
    "instanceName": lambda value, _: _plain(value),
    "ecsSpec": lambda value, _: _plain(value),
    "imageUrl": lambda value, region: image_of(str(value), region),
    "cloudDisks": lambda value, _: _gib(value),
    "accessibility": lambda value, _: _plain(value),
    "driver": lambda value, _: _plain(value),
    "labels": lambda value, _: _json(value),
    "datasets": lambda value, _: _datasets(value),
    "sessionHours": lambda value, _: _plain(value),
    "running": lambda value, _: _plain(value),
}
