"""Starts the policy pack, which serves until the engine ends it."""

import gc
import sys
from pathlib import Path

# Nothing becomes garbage while the modules load, and the engine is waiting.
gc.disable()

# Python puts this folder first on the path, where its modules would hide the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from policies.server import PackServicer, serve  # noqa: E402

servicer = PackServicer()
gc.enable()
serve(servicer)
