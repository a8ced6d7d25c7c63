"""What ends a thing for good, in the cloud that was looked at: Alibaba Cloud, a rehearsal, or another emulator."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paidsw.audit.declared import stack_of
from paidsw.audit.messages import Text
from paidsw.audit.model import Owner
from paidsw.audit.regions import console
from paidsw.cloud.models import Instance
from paidsw.core.emulator_name import is_url
from paidsw.core.messages import Message

# Longer ones would push the command behind them out of the line.
_STACK = re.compile(r"[A-Za-z0-9_.-]{1,50}/[A-Za-z0-9_.-]{1,50}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Endings:
    """`emulator` is its folder, which is a rehearsal's, or its URL; None for Alibaba Cloud."""

    emulator: str | None = None

    @property
    def _url(self) -> str:
        return self.emulator if self.emulator is not None and is_url(self.emulator) else ""

    @property
    def _rehearsed(self) -> bool:
        return self.emulator is not None and not self._url

    def instance(self, instance: Instance, region: str, owner: Owner) -> Message:
        """What ends an instance of this owner."""
        if owner is Owner.DECLARED:
            return self.stack()
        own_id, place = instance.instance_id, console(region)
        if not _ID.fullmatch(own_id):
            return self._elsewhere(Text.DELETE_IN_CONSOLE(console=place))
        release = self.release(own_id, region)
        if owner is Owner.UNDECLARED:
            return release
        if self._rehearsed or (self._url and owner is Owner.NOT_OURS):
            return Text.RELEASE_IF_YOURS(release=release)
        if owner is Owner.NOT_OURS:
            return Text.RELEASE_OR_CONSOLE(release=release, console=place)
        stack = stack_of(instance.labels)
        shown = stack if _STACK.fullmatch(stack) else Text.NAMED_BY_LABELS()
        return Text.DESTROY_OR_RELEASE(stack=shown, release=release)

    def stack(self) -> Message:
        """What ends all that the stack declares."""
        return Text.MAKE_DOWN() if self._rehearsed else Text.DESTROY()

    def up(self) -> Message:
        """What makes all that the stack declares."""
        return Text.MAKE_UP() if self._rehearsed else Text.UP()

    @property
    def option(self) -> str:
        """What a `dsw` command needs at its end to ask the same cloud; empty for Alibaba Cloud."""
        if self._url:
            return f" --emulator-url {self._url}"
        return " --emulator" if self._rehearsed else ""

    def release(self, instance_id: str, region: str) -> Message:
        """The command that deletes an instance, no matter who owns it."""
        return Text.RELEASE(id=instance_id, region=region, option=self.option)

    def gone(self) -> Message:
        """What takes an instance that isn't there any more out of the state."""
        return Text.REHEARSE_AGAIN() if self._rehearsed else Text.REFRESH()

    def service(self, region: str) -> Message:
        """What ends an EAS service."""
        return self._elsewhere(Text.STOP_SERVICE(console=console(region)))

    def resource_group(self, region: str) -> Message:
        """What ends an EAS resource group."""
        return self._elsewhere(Text.DELETE_MACHINES(console=console(region)))

    def job(self, region: str) -> Message:
        """What ends a DLC job."""
        return self._elsewhere(Text.STOP_JOB(console=console(region)))

    def image(self, region: str) -> Message:
        """What deletes a saved image."""
        return self._elsewhere(Text.DELETE_IMAGE(console=console(region)))

    def _elsewhere(self, real: Message) -> Message:
        """What only the console ends; an emulator has none."""
        if self._url:
            return self.reset()
        return Text.DOWN_AND_RESET(reset=self.reset()) if self._rehearsed else real

    def reset(self) -> Message:
        """What ends everything in an emulator at once."""
        return Text.RESET_AT_URL(url=self._url) if self._url else Text.EMULATOR_RESET()


REAL = Endings()
