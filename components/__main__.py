"""Starts the component package: `python components ENGINE_ADDRESS`."""

import sys
from pathlib import Path

# The folder of a script comes first on the path; the library is beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi.provider import main  # noqa: E402

from components.package import ServedPackage  # noqa: E402

main(ServedPackage(), sys.argv[1:])
