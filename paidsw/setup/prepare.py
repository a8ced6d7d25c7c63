"""Prepares a project so that its commands can run: packages and Pulumi CLI, both at the same time."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from . import engine, layout, packages
from .console import SetupError
from .locks import only_one
from .messages import Text


def prepare(root: Path, kind: str, environ: Mapping[str, str], *, cli: bool = True) -> None:
    """Get what is missing of the packages of `kind` ("run" or "dev") and, with `cli`, of the Pulumi CLI.

    Returns at once if nothing is. Two at once: the second waits. SetupError if something can't be had.
    """
    if os.pathsep in str(root):
        raise SetupError(Text.SEPARATOR_IN_PATH(root=root, separator=repr(os.pathsep)))
    if not _ready(root, kind, environ, cli=cli):
        with only_one(layout.tools(root) / "set-up.lock", "set-up") as lock:
            _get(root, kind, environ, lock, cli=cli)
    if cli:
        engine.link(root, environ)


def _ready(root: Path, kind: str, environ: Mapping[str, str], *, cli: bool) -> bool:
    return packages.ready(root, kind) and (not cli or engine.ready(root, environ) is not None)


def _get(root: Path, kind: str, environ: Mapping[str, str], lock: int, *, cli: bool) -> None:
    from .process import together

    jobs: list[Callable[[], object]] = [lambda: packages.prepare(root, kind, environ, keep=lock)]
    if cli:
        jobs.append(lambda: engine.prepare(root, environ))
    together(*jobs)
