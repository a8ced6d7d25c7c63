"""`dsw open`: the running notebook in the browser."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from paidsw.cli.audit import add_cloud, connection
from paidsw.cli.status import add_region, region


def add_commands(commands: Any) -> None:
    """The command line of `dsw open`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "open",
        help="open the running notebook in the browser",
        epilog="A link lets in whoever has it: it is printed only with --print, or where no browser can be opened.",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="which notebook, where several run")
    which = parser.add_mutually_exclusive_group()
    for page, name in (("webide", "WebIDE"), ("terminal", "its terminal")):
        which.add_argument(
            f"--{page}", dest="page", action="store_const", const=page, help=f"{name} instead of JupyterLab"
        )
    parser.add_argument("--print", dest="printed", action="store_true", help="print the link, open nothing")
    add_cloud(parser)
    add_region(parser)
    parser.set_defaults(run=run, page="jupyterlab")


def run(options: argparse.Namespace) -> int:
    """Open or print."""
    from paidsw.cli import opening  # with the API client, which other commands needn't wait for

    link = asyncio.run(opening.link(connection(options), region(options), options.id, options.page))
    if options.printed:
        print(link.url)
    else:
        opening.show(link)
    return 0
