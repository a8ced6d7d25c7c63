"""The instance's name is one that DSW accepts."""

import re
from collections.abc import Iterator, Mapping

from paidsw.rules.rule import Finding, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

LONGEST = 27
_FALLBACK = "notebook"

_REFUSED = Wording(
    what="{name} is not one that DSW accepts",
    allowed="letters, digits and underscores, 1 to {longest} of them",
    fix='set instanceName to "{offer}"',
)


def corrected(name: str) -> str:
    """The nearest name that DSW accepts: `LLM-Finetune-01` becomes `LLM_Finetune_01`."""
    offered = re.sub("[^A-Za-z0-9_]", "_", name)[:LONGEST]
    return offered if offered.strip("_") or (offered and offered == name) else _FALLBACK


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a name that is empty, too long, of other characters than DSW accepts, or not a name at all."""
    name = instance["instanceName"]
    if not name.absent and (name.text is None or corrected(name.text) != name.text):
        offer = _FALLBACK if name.text is None or name.secret else corrected(name.text)
        shown = name.described("instance name", "[ -~]{1,64}")
        yield _REFUSED.at(name.path, name=shown, longest=LONGEST, offer=offer)


def remediate(instance: Resource, _settings: NoSettings, _terms: Terms) -> Mapping[str, object]:
    """The corrected name."""
    return {"instanceName": corrected(instance["instanceName"].text or "")}


RULE = Rule(
    id="instance-name",
    title="Name that DSW accepts",
    description="The instance's name is one that DSW accepts.",
    why="DSW refuses any other name, so the create would fail halfway; the console's tutorial name has hyphens.",
    steps="Use letters, digits and underscores only, no more than 27 of them.",
    severity=Severity.MEDIUM,
    reference=Reference.CREATE,
    properties=("instanceName",),
    settings=NoSettings,
    check=check,
    remediate=remediate,
)
