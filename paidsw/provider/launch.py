"""What keeps a plugin's start short: less garbage collection, and the SDK's protocol stubs without the SDK."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from paidsw.provider.messages import Text

_BARE = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")


def prepare() -> None:
    """Make this process start fast; before any import of the SDK."""
    # A plugin loads modules, then lives for minutes: looking for garbage meanwhile takes a tenth of its time.
    gc.set_threshold(200_000)
    bare_packages()


def bare_packages() -> None:
    """Make the generated modules importable without running the `__init__` modules of the packages around them.

    Those load the whole SDK, twice what a plugin needs to start. For a plugin's own process and before any import
    of the SDK; where the SDK is loaded already nothing happens.
    """
    if "pulumi" in sys.modules:
        return
    spec = find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(str(Text.NO_SDK(folder=sys.prefix)))
    home = Path(spec.submodule_search_locations[0])
    for name in _BARE:
        package = ModuleType(name)
        package.__path__ = [str(home.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
