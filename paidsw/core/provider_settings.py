"""Which settings of its providers a stack may have: none by which signed requests go elsewhere or without TLS.

Anybody who may change a branch may change a stack file, and `pulumi up` is run by somebody with credentials. What says
only who signs, or how long to wait, is accepted; everything else is refused, unknown names too. A rehearsal's settings
are accepted where a program runs, all together and towards this machine only.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from paidsw.core.emulator_name import REHEARSAL, is_name, is_url
from paidsw.core.messages import Message, Text
from paidsw.core.problems import Problem, nearest
from paidsw.core.text import printable

_LONGEST = 60
ALICLOUD, PAIDSW, PULUMI = "alicloud", "paidsw", "pulumi"
EMULATOR, CA_BUNDLE = f"{PAIDSW}:emulator", f"{PAIDSW}:caBundle"
# What goes with an emulator: the alicloud provider has to be sent there, too.
WITH_EMULATOR = ("endpoints", "protocol", "accountType")
_ENDPOINTS, _PROTOCOL, _ACCOUNT_TYPE = (f"{ALICLOUD}:{name}" for name in WITH_EMULATOR)
_REHEARSAL = (EMULATOR, _ENDPOINTS, _PROTOCOL, _ACCOUNT_TYPE)

# By the name of the package, as `pulumi_alicloud.Provider` has them.
ACCEPTED: Mapping[str, frozenset[str]] = {
    ALICLOUD: frozenset(
        {
            "region",
            "accessKey",
            "secretKey",
            "securityToken",
            "accountId",
            "profile",
            "ecsRoleName",
            "clientConnectTimeout",
            "clientReadTimeout",
            "maxRetryTimeout",
            "configurationSource",
            "features",
        }
    ),
    PAIDSW: frozenset({"caBundle"}),
    PULUMI: frozenset({"autonaming", "disable-default-providers", "tags", "template"}),
}
# What the engine reads from the settings of any package; it and SDKs send them along.
OF_ENGINE = ("version", "pluginDownloadURL", "__internal")
_OTHER_PLUGIN = dict.fromkeys(OF_ENGINE, Text.OTHER_PLUGIN)
REFUSED: Mapping[str, Mapping[str, Text]] = {
    ALICLOUD: {
        "endpoints": Text.SENT_ELSEWHERE,
        "fc": Text.SENT_ELSEWHERE,
        "logEndpoint": Text.SENT_ELSEWHERE,
        "mnsEndpoint": Text.SENT_ELSEWHERE,
        "otsInstanceName": Text.SENT_ELSEWHERE,
        "accountType": Text.OTHER_SITE,
        # A region that doesn't exist is part of a host's name.
        "skipRegionValidation": Text.SENT_ELSEWHERE,
        "protocol": Text.WITHOUT_TLS,
        "insecure": Text.WITHOUT_TLS,
        "secureTransport": Text.CLAIMED,
        "securityTransport": Text.CLAIMED,
        "sourceIp": Text.CLAIMED,
        "signVersion": Text.OTHER_SIGNATURE,
        "assumeRole": Text.OTHER_SIGNER,
        "assumeRoleWithOidc": Text.OTHER_SIGNER,
        "credentialsUri": Text.OTHER_SIGNER,
        "sharedCredentialsFile": Text.OTHER_SIGNER,
        **_OTHER_PLUGIN,
    },
    PAIDSW: {"emulator": Text.REHEARSAL_ONLY, **_OTHER_PLUGIN},
    PULUMI: {},
}
_ADVICE = {Text.OTHER_SIGNER: Text.SIGN_OTHERWISE, Text.REHEARSAL_ONLY: Text.REHEARSE}
# Services that the alicloud provider asks for a workspace. A variable for one comes before the real host.
_SERVICES = ("AIWORKSPACE", "BSSOPENAPI", "LOCATION", "STS")
VARIABLES = (
    *(f"ALIBABA_CLOUD_ENDPOINT_{service}" for service in _SERVICES),
    *(f"{service}_ENDPOINT" for service in _SERVICES),
    "TF_ENDPOINT_PATH",
)
# In the folder of the program the alicloud provider takes hosts from it.
ENDPOINTS_FILE = "endpoints.xml"


def rehearsal(emulator: str) -> dict[str, object]:
    """The settings that send a stack to an emulator, by its folder or its URL; all of them or none are accepted."""
    return {
        EMULATOR: emulator,
        _PROTOCOL: "HTTP",
        _ACCOUNT_TYPE: "Domestic",
        _ENDPOINTS: endpoints(emulator),
    }


def endpoints(emulator: str) -> list[dict[str, str]]:
    """The setting that sends the alicloud provider to an emulator, by its folder or its URL's host and port."""
    return [{"aiworkspace": urlsplit(emulator).netloc if is_url(emulator) else emulator}]


def in_program(settings: Mapping[str, object]) -> list[Problem]:
    """What is refused of a running program's configuration, full key → value (structured ones perhaps as JSON text).

    Settings of other packages than the two are left alone: the program may have other providers.
    """
    kept = _REHEARSAL if is_rehearsal(settings) else ()
    return [
        Problem(key, refusal)
        for key, value in settings.items()
        if key not in kept
        and _namespace(key) in (ALICLOUD, PAIDSW)
        and (refusal := _refusal(key) or _of_branch(key, value))
    ]


def in_provider(inputs: Mapping[str, object], provider: str, settings: Mapping[str, object]) -> list[Problem]:
    """What is refused of an alicloud provider that a program makes by itself; `provider` is its name.

    `inputs` are those that are set, by their names in the schema, and `settings` the program's configuration: in a
    rehearsal the provider may be sent to this machine, too.
    """
    own = {f"{ALICLOUD}:{name}" for name in inputs}
    kept = _REHEARSAL if is_rehearsal(settings) and is_local(inputs) else ()
    return [
        Problem(key, refusal)
        for key in sorted(own)
        if key not in kept and (refusal := _refusal(key, provider))
    ]


def is_local(inputs: Mapping[str, object]) -> bool:
    """Whether the inputs of an alicloud provider, by their names in the schema, send it to this machine."""
    own = {f"{ALICLOUD}:{name}": value for name, value in inputs.items()}
    return is_rehearsal({**rehearsal(REHEARSAL), _ENDPOINTS: None, **own})


def in_file(settings: Mapping[str, object], project: str) -> list[Problem]:
    """What is refused of a stack file or project file that is under review; keys as they are written there.

    Every package but the project itself is a provider's, and a rehearsal has no place in a stack file.
    """
    return [
        Problem(key, refusal)
        for key, value in settings.items()
        if _namespace(key) not in ("", project)
        and (refusal := _misspelt_package(key, project) or _refusal(key) or _of_branch(key, value))
    ]


def in_environment(variables: Mapping[str, str]) -> list[Problem]:
    """What is refused of the environment: variables that name hosts for the alicloud provider."""
    return [Problem(name, Text.VARIABLE_REFUSED(name=name)) for name in VARIABLES if variables.get(name)]


def in_folder(program: Path) -> list[Problem]:
    """What is refused of the program's folder: a file from which the alicloud provider takes hosts."""
    file = program / ENDPOINTS_FILE
    return (
        [Problem(ENDPOINTS_FILE, Text.ENDPOINTS_FILE_REFUSED(file=ENDPOINTS_FILE))]
        if os.path.lexists(file)
        else []
    )


def is_rehearsal(settings: Mapping[str, object]) -> bool:
    """Whether the settings of a rehearsal are all there and name this machine and nothing else."""
    emulator, places = settings.get(EMULATOR), list(_places(settings.get(_ENDPOINTS)))
    return (
        isinstance(emulator, str)
        and is_name(emulator)
        and settings.get(_PROTOCOL) == "HTTP"
        and settings.get(_ACCOUNT_TYPE) in ("Domestic", "International")
        and bool(places)
        and all(map(_is_local, places))
    )


def _places(endpoints: object) -> Iterator[object]:
    """Where each service of the endpoints is; something that is no place for what can't be read."""
    if isinstance(endpoints, str):
        try:
            endpoints = json.loads(endpoints)
        except (ValueError, RecursionError):
            endpoints = None
    blocks = endpoints if isinstance(endpoints, list) else [None]
    for block in blocks:
        yield from block.values() if isinstance(block, Mapping) else [None]


def _is_local(place: object) -> bool:
    return isinstance(place, str) and (is_name(f"http://{place}") or (not is_url(place) and is_name(place)))


def _refusal(key: str, provider: str = "") -> Message | None:
    """Why a setting is refused; None for one that is accepted. `provider` is the one that the program gives it to."""
    package, name = _namespace(key), key.rpartition(":")[2]
    accepted, refused = ACCEPTED.get(package, frozenset()), REFUSED.get(package, {})
    if name in accepted:
        return None
    shown = printable(key, _LONGEST)
    remove = (
        Text.REMOVE_ARGUMENT(provider=provider) if provider else Text.REMOVE_SETTING(key=shlex.quote(shown))
    )
    values = {"key": shown, "remove": remove, "package": package}
    if package not in ACCEPTED:
        return Text.OTHER_PACKAGE(**values)
    if name in refused:
        advice = _ADVICE.get(refused[name], Text.REFUSED_SETTING)
        return advice(reason=refused[name](key=shown, others=", ".join(_REHEARSAL[1:])), remove=remove)
    meant = nearest(name, sorted(accepted | refused.keys()))
    # Nobody is sent from one refusal to the next.
    if meant is None or meant in refused:
        return Text.UNKNOWN_SETTING(**values, known=", ".join(sorted(accepted)))
    return Text.MISSPELT_SETTING(**values, meant=f"{package}:{meant}")


def _misspelt_package(key: str, project: str) -> Message | None:
    """Why a setting is refused whose package is almost one that the stack has."""
    package, shown = _namespace(key), printable(key, _LONGEST)
    meant = None if package in ACCEPTED else nearest(package, [project, *ACCEPTED])
    if meant is None:
        return None
    remove = Text.REMOVE_SETTING(key=shlex.quote(shown))
    name = printable(key.rpartition(":")[2], _LONGEST)
    return Text.NEAR_PACKAGE(key=shown, meant=f"{meant}:{name}", remove=remove)


def _of_branch(key: str, value: object) -> Message | None:
    """Why a setting that is accepted isn't with this value: a branch would bring the certificates that are trusted."""
    name = f"{_namespace(key)}:{key.rpartition(':')[2]}"
    if name != CA_BUNDLE or not isinstance(value, str) or Path(value).is_absolute():
        return None
    return Text.RELATIVE_CA_BUNDLE(key=key, file=printable(value, _LONGEST))


def _namespace(key: str) -> str:
    """The package of a key. `package:config:name` is an older form that Pulumi reads as `package:name`."""
    return key.partition(":")[0] if ":" in key else ""
