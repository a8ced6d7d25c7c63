"""The state of this project's stack as it lies on this machine: a rehearsal's, or of Pulumi's file backend."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from paidsw.audit.declared import Declared
from paidsw.cli.checkpoint import Checkpoint
from paidsw.cli.rehearsal import Rehearsal
from paidsw.cloud import Connection
from paidsw.core.emulator_name import is_url
from paidsw.core.pulumi_yaml import Fields, MalformedError, Scalar
from paidsw.core.stack_file import PROJECT_FILE, ConfigFile


def own_state(root: Path, connection: Connection) -> Declared | None:
    """What this project's stack declares in this cloud; None where that isn't on this machine."""
    if connection.emulator is None:
        return _real(root)
    return None if is_url(connection.emulator) else Rehearsal(root).checkpoint.declared()


def _real(root: Path) -> Declared | None:
    """What the real stack declares, by the backend that `pulumi` would ask; a rehearsal's settings aren't it."""
    backend = next(_backends(root), "")
    parts = urlsplit(backend)
    if parts.scheme != "file":
        return None
    folder = Path(unquote(f"{parts.netloc}{parts.path}")).expanduser()
    found = Checkpoint(folder if folder.is_absolute() else root / folder).declared()
    return found if found is not None and found.clouds <= {""} else None


def _backends(root: Path) -> Iterator[str]:
    """The backends that are named, the one that counts first."""
    yield from filter(None, [os.environ.get("PULUMI_BACKEND_URL")])
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    with contextlib.suppress(OSError, MalformedError):
        backend = ConfigFile.project(root / PROJECT_FILE).fields.get("backend")
        url = backend.get("url") if isinstance(backend, Fields) else None
        yield from [url.text] if isinstance(url, Scalar) and url.text else []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        yield str(json.loads((home / "credentials.json").read_text(encoding="utf-8"))["current"])
