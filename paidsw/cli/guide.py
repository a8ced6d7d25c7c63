"""What to do with a saved image, and how to bring results home."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from paidsw.core.text import printable

if TYPE_CHECKING:
    from paidsw.cli.backup import Saved

# Made outside of the folder that it packs, which would change while tar reads it.
COMMANDS = """\
cd /mnt/workspace
du -sh -- * .[!.]* 2>/dev/null
tar --exclude=./.cache --exclude=./results.tar.gz -czf /tmp/results.tar.gz . && mv /tmp/results.tar.gz .
ls -lh results.tar.gz
sha256sum results.tar.gz"""

_DOWNLOAD = """\
Whether an image holds /mnt/workspace as well is documented nowhere, so download your results, too.
1. In the notebook's terminal (dsw open --terminal) see what is large, then pack all but the cache of downloaded models:

{commands}

   To pack less, put the names of folders in the place of the lone dot, such as ./output.
2. In JupyterLab (dsw open), in the file browser on the left: right click on results.tar.gz, then Download.
3. On your own computer its size and checksum must be the same: sha256sum results.tar.gz
   (macOS: shasum -a 256 results.tar.gz; Windows: certutil -hashfile results.tar.gz SHA256)."""

_AFTERWARDS = """\
Saved: {image}

A notebook of it again:

    pulumi config set image {quoted}
    pulumi config set --secret imageAuth   # for a private repository; it asks for the Base64 of user:password
    pulumi up

The image stays when the notebook is gone, after pulumi destroy as well, and Container Registry may bill for it.
dsw backup --list shows it; delete it at https://cr.console.aliyun.com/ and in the PAI console (AI Asset Management,
images).

{download}"""


def download() -> str:
    """How to download results."""
    return _DOWNLOAD.format(commands="\n".join(f"    {line}" for line in COMMANDS.splitlines()))


def afterwards(made: Saved) -> str:
    """What to know when an environment is saved."""
    image = printable(made.image)
    return _AFTERWARDS.format(image=image, quoted=shlex.quote(image), download=download())
