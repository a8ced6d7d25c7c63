"""The product's program as the variable SHAPE changes it: what a history of steps does to a program."""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from components import plain_errors, quiet_interrupts
from tests.support.shape import ProgramShape, declare

quiet_interrupts()
with plain_errors():
    declare(ProgramShape(**json.loads(os.environ.get("SHAPE", "{}"))))
