"""The provider plugin: `python provider ENGINE_ADDRESS`, as Pulumi's language host starts it."""

import sys
from pathlib import Path

# The folder of a script comes first on the path; the rooms are beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from provider.server import main  # noqa: E402
from provider.servicer import PaiDswServicer  # noqa: E402

main(PaiDswServicer, sys.argv[1:])
