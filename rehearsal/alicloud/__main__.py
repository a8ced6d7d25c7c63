"""The stand-in for the alicloud plugin, as the engine starts it in a rehearsal: `python rehearsal/alicloud ADDRESS`."""

import sys
from pathlib import Path

# The folder of a script comes first on the path; the library is two folders up.
sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from paidsw.provider.launch import prepare  # noqa: E402

prepare()

from paidsw.provider.server import main  # noqa: E402
from rehearsal.alicloud.servicer import StandInServicer  # noqa: E402

main(StandInServicer, sys.argv[1:])
