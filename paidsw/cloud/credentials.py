"""The official credentials chain: built once, asked in a thread; and why it found nothing.

No key passes through this module: the chain reads it, the SDK signs with it.
"""

from __future__ import annotations

import ast
import asyncio
import codecs
import importlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from paidsw.cloud import network
from paidsw.cloud.errors import CloudError, CredentialsMissing
from paidsw.cloud.messages import Text
from paidsw.core.messages import Message, listed
from paidsw.core.redaction import keep

# The local emulator checks signatures with this pair; it opens nothing else.
REHEARSAL_ACCESS_KEY_ID = "rehearsal"
REHEARSAL_ACCESS_KEY_SECRET = "rehearsal-secret"  # noqa: S105
KEY_ID, KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
# Where OIDC and RAM role credentials are requested.
STS_HOST = "sts.aliyuncs.com"

_PLACES = (
    f"the environment variables {KEY_ID} and {KEY_SECRET}, OIDC, ~/.aliyun/config.json (made by `aliyun configure`), "
    "~/.alibabacloud/credentials.ini, the RAM role of an ECS instance, and ALIBABA_CLOUD_CREDENTIALS_URI"
)
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Credentials:
    """What the SDK's clients sign with. The chain reads files and asks services, so it is asked in a thread."""

    def __init__(self, *, rehearsal: bool, ca_bundle: str = "") -> None:
        self._rehearsal = rehearsal
        self._ca_bundle = ca_bundle
        self._lock = Lock()
        self._client: Any = None

    def get_credential(self) -> Any:
        """The current key pair, perhaps with a token; the SDK calls this. Raises the chain's own exception."""
        with self._lock:
            if self._client is None:
                self._client = self._load()
        found = self._client.get_credential()
        # No sentence of what runs now may show them.
        keep([found.access_key_secret, found.security_token])
        return found

    async def get_credential_async(self) -> Any:
        """The same, without blocking the event loop."""
        return await asyncio.to_thread(self.get_credential)

    async def source(self) -> str:
        """Which link of the chain answers (never the secret); CredentialsMissing when none does."""
        try:
            return str((await self.get_credential_async()).provider_name)
        except CloudError:
            raise
        except Exception as error:
            raise missing(error) from None

    def _load(self) -> Any:
        client = importlib.import_module("alibabacloud_credentials.client")
        # The chain logs a traceback for each link that finds nothing; we say it in one sentence instead.
        logging.getLogger("credentials").setLevel(logging.CRITICAL)
        if not self._rehearsal:
            network.prepare(STS_HOST, self._ca_bundle)
            return client.Client()
        models = importlib.import_module("alibabacloud_credentials.models")
        return client.Client(
            models.Config(
                type="access_key",
                access_key_id=REHEARSAL_ACCESS_KEY_ID,
                access_key_secret=REHEARSAL_ACCESS_KEY_SECRET,
            )
        )


def missing(error: BaseException) -> CredentialsMissing:
    """Our error for the chain's: what is wrong with the credentials that were set, or where it looked for some."""
    found = [*_broken(_links(str(error)))]
    if not found:
        return CredentialsMissing(Text.NO_CREDENTIALS(places=_PLACES), Text.SET_CREDENTIALS())
    causes, advice = zip(*found, strict=True)
    return CredentialsMissing(Text.UNUSABLE_CREDENTIALS(causes=listed(causes, ", and ")), listed(advice))


def _links(text: str) -> dict[str, str]:
    """The reason of each link of the chain by its class name, taken from the SDK's message."""
    _, _, reasons_text = text.partition("in the chain: ")
    try:
        reasons = ast.literal_eval(reasons_text)
        return dict(reason.split(": ", 1) for reason in reasons)
    except (ValueError, SyntaxError, TypeError, AttributeError):
        return {}


def _broken(links: dict[str, str]) -> Iterator[tuple[Message, Message]]:
    """What is wrong with credentials that somebody set, each with what to do; sources nobody set up are left out."""
    given = [name for name in (KEY_ID, KEY_SECRET) if os.environ.get(name)]
    if len(given) == 1:
        other = KEY_SECRET if given == [KEY_ID] else KEY_ID
        yield Text.HALF_A_PAIR(given=given[0], other=other), Text.SET_BOTH()
    home = Path(os.environ.get("HOME") or Path.home())
    profiles = home / ".aliyun" / "config.json"
    if profiles.is_file() and (reason := links.get("CLIProfileCredentialsProvider")):
        why = _of_profiles(profiles, reason)
        yield Text.OF_FILE(file=profiles, why=why), Text.CONFIGURE(file=profiles)
    named = os.environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE")
    ini = Path(named or home / ".alibabacloud" / "credentials.ini")
    # The null device, which a rehearsal names, is how somebody says that there is no file.
    is_set = named != os.devnull if named else ini.is_file()
    if is_set and (reason := links.get("ProfileCredentialsProvider")):
        yield Text.OF_FILE(file=ini, why=_plain(reason)), Text.CORRECT(what=ini)
    for link, variable in _BY_VARIABLE.items():
        if os.environ.get(variable) and (reason := links.get(link)):
            yield Text.IS_SET_BUT(variable=variable, why=_plain(reason)), Text.CORRECT(what=variable)


_BY_VARIABLE = {
    "OIDCRoleArnCredentialsProvider": "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "EcsRamRoleCredentialsProvider": "ALIBABA_CLOUD_ECS_METADATA",
    "URLCredentialsProvider": "ALIBABA_CLOUD_CREDENTIALS_URI",
}


def _of_profiles(path: Path, reason: str) -> Message:
    try:
        content = path.read_bytes()
    except OSError as error:
        return Text.FILE_UNREADABLE(why=(error.strerror or str(error)).lower())
    if content.startswith(_BYTE_ORDER_MARKS):
        return Text.BYTE_ORDER_MARK()
    try:
        document = json.loads(content)
        names = [str(profile["name"]) for profile in document.get("profiles") or []]
    except json.JSONDecodeError as error:
        return Text.NOT_JSON(line=error.lineno, column=error.colno)
    except (ValueError, AttributeError, KeyError, TypeError):
        return Text.NOT_PROFILES()
    name = os.environ.get("ALIBABA_CLOUD_PROFILE") or document.get("current")
    if name not in names:
        return (
            Text.NO_PROFILE(name=repr(name), names=", ".join(names))
            if names
            else Text.NO_PROFILES(name=repr(name))
        )
    return Text.UNUSABLE_PROFILE(name=repr(name), why=_plain(reason))


def _plain(reason: str) -> Message | str:
    """A reason of the chain in one line, without a service's answer, which may contain anything."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return Text.STS_CERTIFICATE(host=STS_HOST, variable=network.TRUST_FILE)
    text = " ".join(reason.partition("result:")[0].partition("body:")[0].split())
    return text[:1].lower() + text[1:200]
