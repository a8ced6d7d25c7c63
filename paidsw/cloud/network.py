"""The network of this machine: which certificates it trusts, which proxy it uses, and what goes wrong there.

The official SDKs trust certifi's certificates and those of OpenSSL's default store, which SSL_CERT_FILE and
SSL_CERT_DIR replace; they don't know the variables of requests and curl. They read HTTPS_PROXY, but not NO_PROXY.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from paidsw.cloud.errors import NotSent, Reason

if TYPE_CHECKING:
    import aiohttp

TRUST_FILE, TRUST_FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_SETTING = "paidsw:caBundle"
PROXIES = ("HTTPS_PROXY", "https_proxy")
# OpenSSL's verification errors.
_NOT_YET_VALID, _EXPIRED, _WRONG_HOST = 9, 10, 62


@dataclass(frozen=True)
class Failure:
    """Why a call got no answer: the cause, what to do, whether anything was sent, and whether it may pass."""

    reason: Reason
    message: str
    advice: str = ""
    sent: bool = False
    transient: bool = True


def prepare(host: str, ca_bundle: str = "") -> str:
    """Make the SDKs trust the certificates, and use the proxy, that the user has set for connections to `host`.

    `ca_bundle` is a PEM file or a folder of them. Returns the file that the SDK has to be given as its `ca`, empty
    where its defaults do. Raises NotSent for a variable that can't be used. Reads files: call it in a thread.
    """
    _check_proxy(host)
    variable, bundle = _bundle(ca_bundle)
    for name, place in ((TRUST_FILE, os.environ.get(TRUST_FILE, "")), (variable, bundle)):
        if place:
            _check_bundle(name, place)
    if not bundle:
        return ""
    # By the variable, since the credentials chain takes no certificates of its own.
    target = TRUST_FOLDER if Path(bundle).is_dir() else TRUST_FILE
    if os.environ.get(target) in (None, "", bundle):
        os.environ[target] = bundle
        return ""
    return bundle if target == TRUST_FILE else ""


def trusted() -> ssl.SSLContext:
    """The certificates that the SDKs trust, for a connection of our own; call it after `prepare`."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _bundle(ca_bundle: str) -> tuple[str, str]:
    if ca_bundle:
        return CA_SETTING, ca_bundle
    return next(((name, os.environ[name]) for name in BUNDLES if os.environ.get(name)), ("", ""))


def _check_bundle(name: str, place: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if Path(place).is_dir():
            context.load_verify_locations(capath=place)
        else:
            context.load_verify_locations(cafile=place)
    except ssl.SSLError:
        raise _unusable(f"{name} names {place}, which holds no PEM certificate", _GIVE_A_BUNDLE) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _unusable(f"{name} names {place}, which can't be read: {why}", _GIVE_A_BUNDLE) from None


_GIVE_A_BUNDLE = "set it to the PEM file of your network's CA certificates, or unset it"


def _unusable(message: str, advice: str) -> NotSent:
    return NotSent("", message, advice=advice, code=Reason.SETTING, transient=False)


def _check_proxy(host: str) -> None:
    name, url = _proxy()
    if not url:
        return
    if proxy_bypass(host):
        for variable in PROXIES:
            os.environ.pop(variable, None)
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        message = f"{name} is {shown_proxy(url)}, which is not the address of an HTTP proxy"
        raise _unusable(message, f"write {name}=http://HOST:PORT, or unset it")


def _proxy() -> tuple[str, str]:
    return next(((name, os.environ[name]) for name in PROXIES if os.environ.get(name)), ("", ""))


def shown_proxy(url: str) -> str:
    """A proxy's address without user and password."""
    before, _, place = url.rpartition("@")
    scheme = re.match(r"[a-z][a-z0-9+.-]*://", before, re.IGNORECASE)
    return f"{scheme[0] if scheme else ''}{place}"


def failure(chain: Sequence[BaseException]) -> Failure:
    """What went wrong between us and the cloud, by an exception and its causes."""
    return next((found for error in chain for found in _failures(error)), _LOST)


_CHECK_NETWORK = "check the network, and HTTPS_PROXY if it needs a proxy"
_PERHAPS = "the call may have been carried out"
_LOST = Failure(Reason.CONNECTION_LOST, f"no usable reply came, {_PERHAPS}", sent=True)
_NO_REPLY = Failure(Reason.NO_REPLY, f"no reply came in time, {_PERHAPS}", sent=True)
_UNREADABLE = Failure(Reason.UNREADABLE, f"the reply can't be read, {_PERHAPS}", sent=True)


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
        yield Failure(Reason.REFUSED, "the cloud refused the connection", _CHECK_NETWORK)
    elif isinstance(error, aiohttp.ConnectionTimeoutError):
        yield Failure(Reason.NOT_CONNECTED, "the connection to the cloud timed out", _CHECK_NETWORK)
    elif isinstance(error, TimeoutError):
        yield _NO_REPLY
    elif isinstance(error, ValueError):
        yield _UNREADABLE


def _not_connected(error: aiohttp.ClientConnectorError) -> Failure:
    import aiohttp

    cause = error.os_error
    reason, why = _why(cause)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        name, url = _proxy()
        place = shown_proxy(url) if url else f"{error.host}:{error.port}"
        advice = f"check the address in {name or 'HTTPS_PROXY'}, and that the proxy runs"
        return Failure(Reason.PROXY, f"the proxy {place} can't be reached: {why}", advice)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure(Reason.NO_ADDRESS, f"there is no address for {error.host}", _CHECK_NETWORK)
    if isinstance(error, aiohttp.ClientSSLError):
        why = getattr(cause, "reason", None) or str(cause)
        advice = "check what your network's proxy does with HTTPS"
        return Failure(Reason.TLS, f"no TLS connection to {error.host}: {why}", advice, transient=False)
    return Failure(reason, f"{error.host} can't be reached: {why}", _CHECK_NETWORK)


def _why(error: OSError) -> tuple[Reason, str]:
    if isinstance(error, socket.gaierror):
        return Reason.NO_ADDRESS, "there is no address for its name"
    if isinstance(error, ConnectionRefusedError) or error.errno == errno.ECONNREFUSED:
        return Reason.REFUSED, "the connection was refused"
    if isinstance(error, TimeoutError):
        return Reason.NOT_CONNECTED, "the connection timed out"
    if isinstance(error, ConnectionError):
        return Reason.UNREACHABLE, "the connection was closed"
    return Reason.UNREACHABLE, (error.strerror or str(error) or "there is no connection").lower()


def _certificate(error: Exception, host: str) -> Failure:
    code, why = getattr(error, "verify_code", 0), getattr(error, "verify_message", "") or str(error)
    whose = f"the certificate of {host}" if host else "the cloud's certificate"
    name = next((n for n in (TRUST_FILE, *BUNDLES) if os.environ.get(n)), "")
    if code in (_NOT_YET_VALID, _EXPIRED):
        advice = (
            "set this machine's clock by the network, or have the certificate of your network's proxy renewed"
        )
    elif code == _WRONG_HOST:
        advice = "another server answers at this address; check the DNS and the proxy of your network"
    elif name:
        advice = f"{name} names {os.environ[name]}; add your network's CA certificate to that file"
    else:
        advice = f"if your network inspects HTTPS, set {TRUST_FILE} to the PEM file of its CA certificate"
    return Failure(Reason.CERTIFICATE, f"{whose} is not trusted ({why})", advice, transient=False)


def _refused_by_proxy(status: int) -> Failure:
    name, url = _proxy()
    proxy = f"the proxy {shown_proxy(url)} ({name})" if url else "the proxy"
    if status == 407:
        advice = f"write them into {name or 'HTTPS_PROXY'}: http://USER:PASSWORD@HOST:PORT"
        return Failure(Reason.PROXY, f"{proxy} asks for a user and a password", advice, transient=False)
    message = f"{proxy} did not connect to the cloud: it answered HTTP {status}"
    if status >= 500:
        return Failure(Reason.GATEWAY, message, "check that the proxy reaches *.aliyuncs.com")
    advice = "ask whoever runs it to let *.aliyuncs.com through on port 443"
    return Failure(Reason.PROXY, message, advice, transient=False)
