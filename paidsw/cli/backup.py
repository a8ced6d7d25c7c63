"""`dsw backup`: saves the environment of a notebook as an image, and says how to download its results."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from paidsw.cli.audit import add_cloud, connection
from paidsw.cli.errors import CliError
from paidsw.cli.status import add_region, region

USAGE = 2


def add_commands(commands: Any) -> None:
    """The command line of `dsw backup`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "backup",
        help="save the environment of a notebook as an image",
        epilog=(
            "A notebook at rest is started for it where the cloud saves a running one only, within the trial, and "
            "stopped again. Exit codes: 0 saved, or shown what was asked for; 1 not saved, or the cloud didn't answer; "
            "2 wrong options; 130 Ctrl-C, after which the cloud may go on saving."
        ),
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="which notebook, where there are several")
    add_place(parser)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="only show the images saved before, newest last")
    instead.add_argument("--guide", action="store_true", help="only show how to download results")
    add_cloud(parser)
    add_region(parser)
    parser.add_argument("--json", action="store_true", help="the image, or with --list the images, as JSON")
    parser.set_defaults(run=run)


def add_place(parser: argparse.ArgumentParser) -> None:
    """The options that say where an environment is saved."""
    parser.add_argument(
        "--snapshot",
        metavar="NAME",
        help="name of the image's tag, to which its time is added (else backup.snapshot of Pulumi.dev.yaml)",
    )
    parser.add_argument(
        "--repository",
        metavar="REPO",
        help="repository of your Container Registry, without a tag (else backup.repository of Pulumi.dev.yaml)",
    )


def run(options: argparse.Namespace) -> int:
    """Save, list or guide."""
    _check(options)
    if options.guide:
        from paidsw.cli import guide

        print(guide.download())
    elif options.list:
        from paidsw.cli import images  # with the API client, which other commands needn't wait for

        where = region(options)
        found = asyncio.run(images.look(connection(options), where))
        print(
            json.dumps(images.document(where, found), indent=2) if options.json else images.text(where, found)
        )
    else:
        _save(options)
    return 0


def _check(options: argparse.Namespace) -> None:
    only = "--list" if options.list else "--guide" if options.guide else ""
    if only and any((options.id, options.snapshot, options.repository)):
        raise CliError(f"{only} saves nothing; leave out ID, --snapshot and --repository", USAGE)
    if options.guide and options.json:
        raise CliError("--guide is text; leave out --json", USAGE)


def _save(options: argparse.Namespace) -> None:
    from paidsw.cli import backing, guide  # with the API client and the provider, likewise

    where, place = region(options), backing.place(options, USAGE)
    made = asyncio.run(backing.back_up(connection(options), where, place, options.id))
    print(json.dumps(backing.document(where, made), indent=2) if options.json else guide.afterwards(made))
