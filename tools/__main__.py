"""`python3 tools COMMAND` or `python3 -m tools COMMAND`.

This file parses and runs on any Python from 3.6 on, so that an old one gets a sentence instead of a traceback.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11", "python3")


def new_enough(python: str) -> bool:
    """Whether a name on PATH is a Python that will do: it may be the shim of a version manager that has none."""
    test = "import sys; sys.exit(sys.version_info[:2] < {})".format(OLDEST)  # noqa: UP032
    try:
        asked = subprocess.Popen([python, "-c", test], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        return False
    asked.communicate()
    return asked.returncode == 0


def start_again() -> None:
    """Run the same command with a newer Python, or say that there is none."""
    for python in NEWER:
        if new_enough(python):
            sys.exit(subprocess.call([python, os.path.abspath(__file__), *sys.argv[1:]]))
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(
        f"error: Python {found} at {sys.executable} is too old: this project needs 3.11 or newer; "
        "install one, or name it: make PYTHON=/path/to/python3."
    )


def open_closed_streams() -> None:
    """Give a closed standard stream to nobody: else the next file that is opened would get what is meant for it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    open_closed_streams()
    if sys.version_info[:2] < OLDEST:
        start_again()
    here = os.path.dirname(os.path.abspath(__file__))
    # Started by the folder's name, Python puts the folder itself first: its modules must not shadow others.
    sys.path[:] = [os.path.dirname(here), *(entry for entry in sys.path if os.path.abspath(entry) != here)]
    from paidsw.setup.commands import main

    sys.exit(main(sys.argv[1:]))
