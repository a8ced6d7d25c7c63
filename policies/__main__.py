"""Starts the policy pack, which serves until the engine ends it."""

import gc
import sys
from pathlib import Path

# Nothing becomes garbage while the modules load, and the engine is waiting.
gc.disable()

# Python puts this folder first on the path, where its modules would hide the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from paidsw.setup.language_host.program import end_with_host  # noqa: E402
from policies.server import PackServicer, serve  # noqa: E402

end_with_host()
servicer = PackServicer()
gc.enable()
serve(servicer)
