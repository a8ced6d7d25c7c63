"""The provider plugin: `python provider ENGINE_ADDRESS`, as Pulumi's language host starts it."""

import gc
import sys
from pathlib import Path

# A plugin loads modules, then lives for minutes: looking for garbage meanwhile takes a tenth of its time.
gc.set_threshold(200_000)

# The folder of a script comes first on the path; the rooms are beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from paidsw.provider.stubs import bare_packages  # noqa: E402

bare_packages()

from paidsw.provider.server import main  # noqa: E402
from paidsw.provider.servicer import PaiDswServicer  # noqa: E402

main(PaiDswServicer, sys.argv[1:])
