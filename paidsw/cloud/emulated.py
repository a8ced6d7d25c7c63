"""A local emulator as its clients see it: named by its folder, known by its nonce."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from paidsw.cloud.errors import NotSent, Reason
from paidsw.cloud.messages import Text
from paidsw.core.emulator_name import REHEARSAL, is_url
from paidsw.core.messages import Message
from paidsw.core.record import NONCE_HEADER, read

CONTROL = "/_emulator/"
CHECKOUT = Path(__file__).resolve().parents[2]
_SECONDS = 10


class EmulatorGone(NotSent):
    """The emulator doesn't run, or something else has taken its port: nothing that answers there is believed."""

    def __init__(self, message: Message, advice: Message) -> None:
        super().__init__("", message, advice=advice, code=Reason.EMULATOR, transient=False)


@dataclass(frozen=True)
class Address:
    """Where an emulator listens; ``nonce`` is empty where somebody gave the URL: then any emulator there will do."""

    url: str
    nonce: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What each request carries, so that another emulator refuses it."""
        return {NONCE_HEADER: self.nonce} if self.nonce else {}

    def sent(self, headers: Any) -> bool:
        """Whether an answer with these headers (names in lower case) is this emulator's."""
        return not self.nonce or (headers or {}).get(NONCE_HEADER) == self.nonce


def folder_of(name: str) -> Path:
    """The folder that a name means; a relative one is below the checkout that this code is of."""
    return CHECKOUT / name


def locate(name: str) -> Address:
    """Where an emulator listens now; EmulatorGone when its folder says that none runs."""
    if is_url(name):
        return Address(name.rstrip("/"))
    folder = folder_of(name)
    record = read(folder)
    if record is None or not record.is_of(folder):
        own = folder.resolve() == folder_of(REHEARSAL).resolve()
        advice = Text.START_EMULATOR() if own else Text.START_OWNER(folder=REHEARSAL)
        raise EmulatorGone(Text.NO_EMULATOR(folder=folder), advice)
    return Address(record.url, record.nonce)


async def ask(address: Address, method: str, path: str, body: dict[str, float] | None = None) -> Any:
    """A call of the control interface: the answer's JSON; NotSent when no emulator, or another one, answers."""
    import aiohttp  # loaded by the SDK anyway, but not before the first call

    url = address.url + CONTROL
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS), trust_env=False, headers=address.headers
            ) as session,
            session.request(method, url + path, json=body) as answer,
        ):
            if not address.sent({key.lower(): value for key, value in answer.headers.items()}):
                raise EmulatorGone(Text.OTHER_EMULATOR(url=address.url), _starting(address))
            answer.raise_for_status()
            return await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise NotSent(
            "", Text.EMULATOR_SILENT(url=url), advice=_starting(address), code=Reason.EMULATOR
        ) from None


def _starting(address: Address) -> Message:
    """How to start what was asked for: by its folder, or where somebody gave its URL."""
    if address.nonce:
        return Text.START_EMULATOR()
    return Text.START_AT(port=urlsplit(address.url).port or 80, folder=REHEARSAL)
