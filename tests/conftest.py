"""For all rooms: processes that the tests start find their modules compiled, whatever the environment says."""

import os
import sys

# Hundreds of interpreters would compile the rooms anew, an eighth of the time of the engine's tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
