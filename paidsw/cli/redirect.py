"""A page of one's own that sends the browser to a link: the link itself would stand in the browser's arguments.

Everybody on a machine sees the arguments of its processes. The page lies in a folder that only its owner may enter, and
goes as soon as the browser has read it.
"""

from __future__ import annotations

import contextlib
import html
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep, time, time_ns

FILE = "notebook.html"
_PREFIX = "dsw-open-"
# A browser that has to be started first may take that long. Seconds.
PATIENCE = 20.0
# Between the first read and the page's end, for the rest of it; and between two looks. Seconds.
_REST, _PAUSE = 1.0, 0.2
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>Notebook</title>
</head>
<body><a href="{url}" rel="noreferrer">Open the notebook</a></body>
</html>
"""


@contextmanager
def page(url: str) -> Iterator[Path]:
    """A page that redirects to `url`, for this user alone; it is gone afterwards. Removes what was left of others."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        path = folder / FILE
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(_PAGE.format(url=html.escape(url)))
        # So that the first read shows in the time of the last access.
        os.utime(path, ns=(0, time_ns()))
        yield path
    finally:
        _remove(folder)


def wait_until_read(path: Path) -> None:
    """Wait until somebody has read a page, and a moment longer; not forever, since not every disk notes that."""
    for _ in range(round(PATIENCE / _PAUSE)):
        if path.stat().st_atime_ns:
            sleep(_REST)
            return
        sleep(_PAUSE)


def _sweep() -> None:
    """Remove the pages of commands that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            # A younger one may be under way.
            is_old = time() - found.st_mtime > 2 * PATIENCE
            if is_old and stat.S_ISDIR(found.st_mode) and _is_mine(found):
                _remove(folder)


def _is_mine(found: os.stat_result) -> bool:
    # On Windows the folder for temporary files is each user's own.
    return sys.platform == "win32" or found.st_uid == os.getuid()


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / FILE).unlink(missing_ok=True)
        folder.rmdir()
