"""How long an audit of 15 regions takes against one of a single region, each answer 100 ms late.

`python -m benchmarks.audit_regions [ROUNDS]`: the whole `dsw audit` command, the two in turns, against an emulator in a
process of its own. The ratio is that of the medians.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from paidsw.audit.model import CLEAN
from paidsw.audit.regions import PLACES, Service
from paidsw.emulator import process
from paidsw.emulator.control import Control

ROOT = Path(__file__).resolve().parent.parent
LATENCY_MS = 100
REGIONS = [region for region, place in PLACES.items() if Service.DSW in place.services][:15]


def seconds(url: str, regions: Sequence[str]) -> float:
    """One `dsw audit` of these regions, from its start to its end."""
    command = [sys.executable, "-m", "paidsw.cli", "audit", "--emulator-url", url]
    for region in regions:
        command += ["--region", region]
    begin = time.perf_counter()
    code = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode
    if code != CLEAN:
        raise RuntimeError(f"the audit ended with {code}")
    return time.perf_counter() - begin


def main(rounds: int) -> None:
    """Print both medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        url = process.start(Path(folder), port=0, frozen=True).url
        try:
            Control(url).settings(latency_ms=LATENCY_MS)
            seconds(url, REGIONS)  # byte code and file cache
            pairs = [(seconds(url, REGIONS[:1]), seconds(url, REGIONS)) for _ in range(rounds)]
        finally:
            process.stop(Path(folder))
    one, all_of_them = (median(pair[index] for pair in pairs) for index in (0, 1))
    print(f"1 region {one:.2f} s, {len(REGIONS)} regions {all_of_them:.2f} s, ratio {all_of_them / one:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
