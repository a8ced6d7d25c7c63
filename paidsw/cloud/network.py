"""The network settings of this machine: which certificates it trusts and which proxy it uses.

The official SDKs trust certifi's certificates and those of OpenSSL's default store, which SSL_CERT_FILE and
SSL_CERT_DIR replace; they don't know the variables of requests and curl. They read HTTPS_PROXY, but not NO_PROXY.
"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from paidsw.cloud.errors import NotSent, Reason
from paidsw.cloud.messages import Text
from paidsw.core.messages import Message

TRUST_FILE, TRUST_FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_SETTING = "paidsw:caBundle"
PROXIES = ("HTTPS_PROXY", "https_proxy")


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
        raise _unusable(Text.NO_PEM(variable=name, file=place), Text.SET_BUNDLE()) from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        cause = Text.UNREADABLE_FILE(variable=name, file=place, why=why)
        raise _unusable(cause, Text.SET_BUNDLE()) from None


def _unusable(message: Message, advice: Message) -> NotSent:
    return NotSent("", message, advice=advice, code=Reason.SETTING, transient=False)


def _check_proxy(host: str) -> None:
    name, url = proxy()
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
        cause = Text.NOT_A_PROXY(variable=name, url=shown_proxy(url))
        raise _unusable(cause, Text.SET_PROXY(variable=name))


def proxy() -> tuple[str, str]:
    """The variable that names a proxy for HTTPS, and what it says; empty where there is none."""
    return next(((name, os.environ[name]) for name in PROXIES if os.environ.get(name)), ("", ""))


def shown_proxy(url: str) -> str:
    """A proxy's address without user and password."""
    before, _, place = url.rpartition("@")
    scheme = re.match(r"[a-z][a-z0-9+.-]*://", before, re.IGNORECASE)
    return f"{scheme[0] if scheme else ''}{place}"
