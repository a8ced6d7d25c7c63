"""The images that were saved in a region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paidsw.cli.errors import CliError
from paidsw.cli.output import print_table, print_text
from paidsw.cli.times import local_text
from paidsw.cloud import CloudError, Connection
from paidsw.cloud.models import Image
from paidsw.cloud.workspaces import WorkspaceClient
from paidsw.core.text import printable

_LONGEST = 1000
_GIB = 2**30
# Less can't be an image's size in bytes, in which it is documented.
_LEAST_BYTES = 2**20


async def look(connection: Connection, region: str) -> list[Image]:
    """Ask the cloud; newest last. Raises CliError when it doesn't answer."""
    try:
        return await WorkspaceClient(connection, region).list_images()
    except CloudError as error:
        raise CliError(error.cause, error.advice) from None


def show(region: str, found: Sequence[Image]) -> None:
    """Print them for people."""
    if not found:
        print_text(f"No image is saved in {region}")
        return
    print_table(
        [
            (
                printable(local_text(one.gmt_create_time)),
                _size(one),
                printable(one.image_id),
                printable(one.image_uri, _LONGEST),
            )
            for one in found
        ],
        ("Saved", "Size", "Id", "Image"),
    )


def _size(image: Image) -> str:
    """The size in GiB; the cloud documents bytes, so a smaller number is in no unit that is known."""
    return f"{image.size / _GIB:.1f} GiB" if image.size >= _LEAST_BYTES else "unknown"


def document(region: str, found: Sequence[Image]) -> dict[str, Any]:
    """For programs: times in UTC, the size as the cloud tells it."""
    return {
        "region": region,
        "images": [
            {
                "image": one.image_uri,
                "imageId": one.image_id,
                "name": one.name,
                "time": one.gmt_create_time,
                "size": one.size or None,
            }
            for one in found
        ],
    }
