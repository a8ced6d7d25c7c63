"""`dsw open`."""

from __future__ import annotations

from typing import Annotated

import typer

from paidsw.cli import options
from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_json, wait_for

WebIde = Annotated[bool, typer.Option("--webide", help="Open WebIDE instead of JupyterLab.")]
Terminal = Annotated[bool, typer.Option("--terminal", help="Open the terminal instead of JupyterLab.")]
LinkAsJson = Annotated[bool, typer.Option("--json", help="Print the link as JSON instead of opening it.")]
Print = Annotated[bool, typer.Option("--print", help="Print the link instead of opening it.")]


def open_notebook(
    context: typer.Context,
    notebook: options.NotebookId = None,
    webide: WebIde = False,
    terminal: Terminal = False,
    printed: Print = False,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
    region: options.Region = None,
    json: LinkAsJson = False,
) -> int:
    """Open the running notebook in the browser.

    Anybody with the link gets in, so it is printed only with --print or --json. The browser gets it from a file that
    only you can read, and that is removed as soon as it was read, or after 20 s.
    """
    from paidsw.cli import links
    from paidsw.cli.connection import connect
    from paidsw.cli.own_state import own_state

    if webide and terminal:
        raise UsageError(Text.TWO_PAGES(), Text.GIVE_ONE())
    page = "webide" if webide else "terminal" if terminal else "jupyterlab"
    where = options.trial_region(context, region)
    cloud = connect(options.root(context), emulator, emulator_url)
    state = own_state(options.root(context), cloud)
    link = wait_for(links.link(cloud, where, notebook, page, state), f"asking {where}")
    if json:
        print_json(links.document(link), secret=True)
    elif printed:
        print(link.url)
    else:
        links.show(link)
    return ExitCode.OK
