"""`dsw backup`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_json, wait_for

if TYPE_CHECKING:
    from paidsw.cloud import Connection

ListImages = Annotated[bool, typer.Option("--list", help="List the saved images instead, newest last.")]
Guide = Annotated[bool, typer.Option("--guide", help="Show instead how to download results.")]


def backup(
    context: typer.Context,
    notebook: options.NotebookId = None,
    snapshot: options.Snapshot = None,
    repository: options.Repository = None,
    list_images: ListImages = False,
    guide: Guide = False,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: options.Json = False,
) -> int:
    """Save a notebook's environment as an image.

    A stopped notebook is started for it, within the trial, where the cloud saves running ones only, and stopped again.
    After Ctrl-C the cloud may still finish the image.
    """
    _check(list_images, guide, json, saves=any((notebook, snapshot, repository)))
    if guide:
        from paidsw.cli.guide import download

        print(download())
        return ExitCode.OK
    from paidsw.cli.connection import connect

    root, where = options.root(context), options.trial_region(context, region)
    cloud = connect(root, emulator, emulator_url)
    if list_images:
        _list(cloud, where, json)
    else:
        _save(root, cloud, where, notebook, (snapshot, repository), json)
    return ExitCode.OK


def _check(list_images: bool, guide: bool, json: bool, *, saves: bool) -> None:
    if list_images and guide:
        raise UsageError(Text.TWO_SHOWN(), Text.GIVE_ONE())
    if (list_images or guide) and saves:
        only = "--list" if list_images else "--guide"
        raise UsageError(Text.SAVES_NOTHING(option=only), Text.LEAVE_OUT_PLACE())
    if guide and json:
        raise UsageError(Text.GUIDE_IS_TEXT(), Text.LEAVE_OUT_JSON())


def _list(cloud: Connection, region: str, json: bool) -> None:
    from paidsw.cli import images

    found = wait_for(images.look(cloud, region), f"asking {region}")
    if json:
        print_json(images.document(region, found))
    else:
        images.show(region, found)


def _save(
    root: Path,
    cloud: Connection,
    region: str,
    notebook: str | None,
    given: tuple[str | None, str | None],
    json: bool,
) -> None:
    from paidsw.cli import backup as saving
    from paidsw.cli.guide import afterwards
    from paidsw.cli.own_state import own_state

    place = saving.place(root, *given)
    made = asyncio.run(saving.back_up(cloud, region, place, notebook, own_state(root, cloud)))
    if json:
        print_json(saving.document(region, made))
    else:
        print(afterwards(made))
