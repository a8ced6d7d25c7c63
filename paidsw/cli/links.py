"""What `dsw open` does: a link of the running notebook, and the browser."""

from __future__ import annotations

import re
import sys
import webbrowser
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from paidsw.audit.declared import Declared
from paidsw.cli import redirect
from paidsw.cli.errors import CliError
from paidsw.cli.messages import Text
from paidsw.cli.target import called, choose, found
from paidsw.cloud import CloudError, Connection, Instance

_PAGES = {"jupyterlab": "JupyterLab", "webide": "WebIDE", "terminal": "terminal"}
# Only what a URL may hold: nothing that a terminal or a browser's launcher takes for something else.
_URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


@dataclass(frozen=True)
class Link:
    """Where a page is (a secret: it carries a token), and what it is in words."""

    url: str = field(repr=False)
    what: str
    page: str = "jupyterlab"
    instance_id: str = ""
    rehearsed: bool = False


async def link(
    connection: Connection, region: str, instance_id: str | None, page: str, state: Declared | None = None
) -> Link:
    """The link of a page (jupyterlab, webide, terminal). Raises CliError, which never holds the link."""
    client, instance = await found(connection, region, instance_id, running=True, state=state)
    try:
        instance = await client.get_instance(instance.instance_id)
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None
    # It may have stopped since it was listed.
    choose([instance], region, None, running=True)
    what = f"the {_PAGES[page]} of {called(instance)}"
    url = _checked(_url(instance, page), what)
    return Link(url, what, page, instance.instance_id, rehearsed=connection.emulator is not None)


def _url(instance: Instance, page: str) -> str:
    return {
        "jupyterlab": instance.jupyterlab_url,
        "webide": instance.web_ide_url,
        "terminal": instance.terminal_url,
    }[page]


def _checked(url: str, what: str) -> str:
    if not url:
        raise CliError(Text.NO_LINK(what=what), Text.WAIT())
    try:
        parts = urlsplit(url) if _URL.fullmatch(url) else None
        fit = parts is not None and bool(parts.hostname) and parts.username is None
    except ValueError:
        fit = False
    if not fit:
        raise CliError(Text.NOT_A_LINK(what=what), Text.OPEN_IN_CONSOLE())
    return url


def document(page: Link) -> dict[str, str]:
    """For programs."""
    return {"page": page.page, "instanceId": page.instance_id, "url": page.url}


def show(page: Link) -> None:
    """Open it by a page that redirects to it. Raises CliError where no browser can be opened."""
    if page.rehearsed:
        print("A notebook of the emulator has a link, but nothing answers there.", file=sys.stderr)
    with redirect.page(page.url) as path:
        if not _opened(path.as_uri()):
            raise CliError(Text.NO_BROWSER(), Text.PRINT_LINK())
        print(f"Opened {page.what} in the browser", flush=True)
        print(Text.NO_PAGE_THERE(), file=sys.stderr, flush=True)
        redirect.wait_until_read(path)


def _opened(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
