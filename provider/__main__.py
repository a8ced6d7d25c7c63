"""The provider plugin: `python provider ENGINE_ADDRESS`, as Pulumi's language host starts it."""

import gc
import sys
from pathlib import Path

# Nothing becomes garbage while the modules load, and the engine waits.
gc.disable()

# The folder of a script comes first on the path; the rooms are beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from provider.stubs import bare_packages  # noqa: E402

bare_packages()

from provider.server import main  # noqa: E402
from provider.servicer import PaiDswServicer  # noqa: E402

gc.enable()
main(PaiDswServicer, sys.argv[1:])
