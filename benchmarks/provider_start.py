"""How long the provider takes from its start to its port, against the SDK's bare experimental server.

`python -m benchmarks.provider_start [ROUNDS]`; the two are started in turns, so that a loaded machine slows both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
BARE = """
import sys
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import main
class Nothing(Provider):
    pass
main(sys.argv[1:], "0.0.1", Nothing())
"""


def seconds_to_port(command: Sequence[str]) -> float:
    """From the start of a plugin to the line with its port."""
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as plugin:
        assert plugin.stdout is not None
        line = plugin.stdout.readline()
        taken = time.perf_counter() - begin
        plugin.kill()
    if not line.strip().isdigit():
        raise RuntimeError(f"{command} printed {line!r} instead of a port")
    return taken


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        engine = "127.0.0.1:1"
        pairs = [
            (
                seconds_to_port([sys.executable, str(bare), engine]),
                seconds_to_port([sys.executable, "provider", engine]),
            )
            for _ in range(rounds)
        ]
    theirs, ours = (median(column) for column in zip(*pairs, strict=True))
    print(f"bare server {theirs * 1000:.0f} ms, provider {ours * 1000:.0f} ms, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
