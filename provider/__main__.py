"""The provider plugin from this checkout: `python provider ENGINE_ADDRESS`."""

import sys
from pathlib import Path

# The folder of a script comes first on the path; the library is beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from paidsw.provider.__main__ import main  # noqa: E402

main()
