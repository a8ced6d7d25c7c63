"""The stand-in for the alicloud plugin, as Pulumi's language host starts it in a rehearsal."""

import gc
import sys
from pathlib import Path

# Nothing becomes garbage while the modules load, and the engine waits.
gc.disable()

# The folder of a script comes first on the path; the rooms are two folders up.
sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from provider.stubs import bare_packages  # noqa: E402

bare_packages()

from provider.server import main  # noqa: E402
from rehearsal.alicloud.servicer import StandInServicer  # noqa: E402

gc.enable()
main(StandInServicer, sys.argv[1:])
