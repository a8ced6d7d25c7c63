"""The alicloud provider sends signed requests to Alibaba Cloud only, over TLS, and as who it was given."""

from collections.abc import Iterator

from paidsw.core.provider_settings import ACCEPTED, ALICLOUD, OF_ENGINE, REFUSED, WITH_EMULATOR, is_local
from paidsw.rules.rule import (
    PROVIDER_TYPE,
    Finding,
    NoSettings,
    Reference,
    Resource,
    Rule,
    Scope,
    Severity,
    Wording,
)
from paidsw.trial.terms import Terms

_READ = tuple(name for name in REFUSED[ALICLOUD] if name not in OF_ENGINE)

_DOUBTFUL = Wording(
    what="{reason}",
    allowed="{accepted}",
    fix="remove it from the provider",
)


def check(provider: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds a setting of an alicloud provider that is not known to be harmless; a rehearsal's own are."""
    if provider.type != PROVIDER_TYPE:
        return
    given = [name for name in _READ if not provider[name].absent]
    local = is_local({name: provider[name].value for name in WITH_EMULATOR if name in given})
    for name in given:
        if not (local and name in WITH_EMULATOR):
            reason = REFUSED[ALICLOUD][name](key=name)
            yield _DOUBTFUL.at(name, reason=reason, accepted=", ".join(sorted(ACCEPTED[ALICLOUD])))


RULE = Rule(
    id="provider-settings",
    title="Known settings of the alicloud provider",
    description="The alicloud provider sends signed requests to Alibaba Cloud only, over TLS, and as who it was given.",
    why="A host that gets a signed request, or a role that signs it, can make what bills.",
    steps="Remove the setting; credentials of other kinds are set in the environment.",
    severity=Severity.HIGH,
    reference=Reference.RAM,
    scope=Scope.ANY,
    properties=_READ,
    settings=NoSettings,
    check=check,
)
