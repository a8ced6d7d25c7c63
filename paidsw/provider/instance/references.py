"""What an instance refers to, its workspace and its image: asked for before anything is made or stopped.

The cloud would refuse them too late: an unknown image only when the notebook that was stopped for it is started again.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from paidsw.cloud import CloudError, NotFound
from paidsw.provider.errors import ProviderError, cause, next_step
from paidsw.provider.instance.inputs import InstanceInputs
from paidsw.provider.messages import Text
from paidsw.provider.operation import Operation
from paidsw.rules.images import network_region, official_name

T = TypeVar("T")
# How long an answer is waited for, in seconds.
PATIENCE = 60.0
# So many similar images are named.
_ALIKE = 3


class NotAsked(ProviderError):
    """The cloud couldn't be asked, so an instance may be good or not."""


async def refuse_unknown_workspace(op: Operation, workspace_id: str) -> None:
    """Raises ProviderError where the region has no such workspace. What can't be asked is left to the cloud."""
    try:
        await op.within(PATIENCE).retry(lambda: op.api.get_workspace(workspace_id))
    except NotFound:
        shown = {"workspace": workspace_id, "region": op.api.region}
        raise ProviderError(Text.NO_WORKSPACE(**shown), Text.OTHER_WORKSPACE()) from None
    except CloudError:
        return


async def refuse_unknown_image(op: Operation, inputs: InstanceInputs) -> None:
    """Raises ProviderError for an image that the instance can't reach and for one of PAI that the region hasn't, and
    NotAsked where that can't be asked.

    What is in other registries, nobody can ask.
    """
    if inputs.image_id:
        await _refuse_unknown_id(op, inputs.image_id)
        return
    url = inputs.image_url or ""
    network, name = network_region(url), official_name(url)
    if network is not None and network != op.api.region:
        raise ProviderError(
            Text.IMAGE_OUT_OF_REACH(network=network, region=op.api.region), Text.IMAGE_IN_REGION()
        )
    if name is None or name in await _official_names(op, url):
        return
    # Under another address than that of the list, or not at all.
    names = await _official_names(op)
    if not names:
        await op.warn(Text.NO_IMAGES_LISTED(image=name, region=op.api.region))
    elif name not in names:
        alike = difflib.get_close_matches(name, names, n=_ALIKE)
        raise ProviderError(
            Text.NO_OFFICIAL_IMAGE(image=name, region=op.api.region),
            Text.IMAGE_ALIKE(names=", ".join(alike)) if alike else Text.OTHER_IMAGE(),
        )


async def _refuse_unknown_id(op: Operation, image_id: str) -> None:
    async def is_there() -> bool:
        try:
            return bool(await op.api.get_image(image_id))
        except NotFound:
            return False

    if not await _asked(op, is_there):
        shown = {"image": image_id, "region": op.api.region}
        raise ProviderError(Text.NO_IMAGE_OF_ID(**shown), Text.OTHER_IMAGE())


async def _official_names(op: Operation, url: str = "") -> list[str]:
    images = await _asked(op, lambda: op.api.official_images(url))
    return sorted({name for image in images if (name := official_name(image.image_uri)) is not None})


async def _asked(op: Operation, send: Callable[[], Awaitable[T]]) -> T:
    try:
        return await op.within(PATIENCE).retry(send)
    except CloudError as error:
        raise NotAsked(Text.IMAGE_NOT_ASKED(error=cause(error)), next_step(error)) from None
