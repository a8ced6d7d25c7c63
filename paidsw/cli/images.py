"""The images that were saved in a region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from paidsw.cli.errors import CliError
from paidsw.cli.times import told
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
        raise CliError(str(error)) from None


def text(region: str, found: Sequence[Image]) -> str:
    """For a terminal."""
    if not found:
        return f"No image is saved in {region}"
    return "\n".join(printable(_line(one), _LONGEST) for one in found)


def _line(image: Image) -> str:
    return f"{told(image.gmt_create_time)}  {image.image_uri}  ({image.image_id}, {_size(image)})"


def _size(image: Image) -> str:
    if image.size >= _LEAST_BYTES:
        return f"{image.size / _GIB:.1f} GiB"
    return f"size {image.size:g}, in a unit not told" if image.size > 0 else "size not told"


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
