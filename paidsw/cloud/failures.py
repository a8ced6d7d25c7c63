"""What went wrong between us and the cloud, in words: addresses, connections, certificates, proxies, replies."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paidsw.cloud.errors import Reason
from paidsw.cloud.messages import Text
from paidsw.cloud.network import BUNDLES, PROXIES, TRUST_FILE, proxy, shown_proxy
from paidsw.core.messages import Message

if TYPE_CHECKING:
    import aiohttp

# OpenSSL's verification errors.
_NOT_YET_VALID, _EXPIRED, _WRONG_HOST = 9, 10, 62


@dataclass(frozen=True)
class Failure:
    """Why a call got no answer: the cause, what to do, whether anything was sent, and whether it may pass."""

    reason: Reason
    message: Message
    advice: Message | str = ""
    sent: bool = False
    transient: bool = True


def failure(chain: Sequence[BaseException]) -> Failure:
    """What went wrong, by an exception and its causes."""
    found = (found for error in chain for found in _failures(error))
    return next(found, Failure(Reason.CONNECTION_LOST, Text.NO_USABLE_REPLY(), sent=True))


def _failures(error: BaseException) -> Iterator[Failure]:
    import aiohttp  # the SDKs' own client: loaded by now

    if isinstance(error, aiohttp.ClientHttpProxyError):
        yield _refused_by_proxy(error.status)
    elif isinstance(error, aiohttp.ClientConnectorCertificateError):
        yield _certificate(error.certificate_error, error.host)
    elif isinstance(error, aiohttp.ClientConnectorError):
        yield _not_connected(error)
    elif isinstance(error, ssl.SSLCertVerificationError):
        yield _certificate(error, "")
    elif isinstance(error, ConnectionRefusedError):
        yield Failure(Reason.REFUSED, Text.CLOUD_REFUSED(), Text.CHECK_NETWORK())
    elif isinstance(error, aiohttp.ConnectionTimeoutError):
        yield Failure(Reason.NOT_CONNECTED, Text.CLOUD_TIMEOUT(), Text.CHECK_NETWORK())
    elif isinstance(error, TimeoutError):
        yield Failure(Reason.NO_REPLY, Text.NO_REPLY(), sent=True)
    elif isinstance(error, ValueError):
        yield Failure(Reason.UNREADABLE, Text.UNREADABLE_REPLY(), sent=True)


def _not_connected(error: aiohttp.ClientConnectorError) -> Failure:
    import aiohttp

    cause, host = error.os_error, error.host
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        name, url = proxy()
        place = shown_proxy(url) if url else f"{host}:{error.port}"
        message = Text.NO_PROXY(place=place, why=_why(cause)[1])
        return Failure(Reason.PROXY, message, Text.CHECK_PROXY(variable=name or PROXIES[0]))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure(Reason.NO_ADDRESS, Text.NO_ADDRESS(host=host), Text.CHECK_NETWORK())
    if isinstance(error, aiohttp.ClientSSLError):
        message = Text.NO_TLS(host=host, why=getattr(cause, "reason", None) or cause)
        return Failure(Reason.TLS, message, Text.CHECK_TLS(), transient=False)
    reason, why = _why(cause)
    return Failure(reason, Text.NOT_REACHED(host=host, why=why), Text.CHECK_NETWORK())


def _why(error: OSError) -> tuple[Reason, Message | str]:
    if isinstance(error, socket.gaierror):
        return Reason.NO_ADDRESS, Text.NO_NAME()
    if isinstance(error, ConnectionRefusedError) or error.errno == errno.ECONNREFUSED:
        return Reason.REFUSED, Text.WAS_REFUSED()
    if isinstance(error, TimeoutError):
        return Reason.NOT_CONNECTED, Text.TIMED_OUT()
    if isinstance(error, ConnectionError):
        return Reason.UNREACHABLE, Text.WAS_CLOSED()
    return Reason.UNREACHABLE, (error.strerror or str(error)).lower() or Text.NO_CONNECTION()


def _certificate(error: Exception, host: str) -> Failure:
    code, why = getattr(error, "verify_code", 0), getattr(error, "verify_message", "") or str(error)
    message = Text.CERTIFICATE(host=host, why=why) if host else Text.CLOUD_CERTIFICATE(why=why)
    return Failure(Reason.CERTIFICATE, message, _trust(code), transient=False)


def _trust(code: int) -> Message:
    if code in (_NOT_YET_VALID, _EXPIRED):
        return Text.SET_CLOCK()
    if code == _WRONG_HOST:
        return Text.OTHER_SERVER()
    name = next((name for name in (TRUST_FILE, *BUNDLES) if os.environ.get(name)), "")
    return Text.ADD_CA(variable=name, file=os.environ[name]) if name else Text.SET_CA(variable=TRUST_FILE)


def _refused_by_proxy(status: int) -> Failure:
    name, url = proxy()
    which = Text.PROXY(place=shown_proxy(url), variable=name) if url else Text.SOME_PROXY()
    if status == 407:
        advice = Text.SET_PROXY_USER(variable=name or PROXIES[0])
        return Failure(Reason.PROXY, Text.PROXY_ASKS(proxy=which), advice, transient=False)
    message = Text.PROXY_STATUS(proxy=which, status=status)
    if status >= 500:
        return Failure(Reason.GATEWAY, message, Text.PROXY_REACH())
    return Failure(Reason.PROXY, message, Text.PROXY_ALLOW(), transient=False)
