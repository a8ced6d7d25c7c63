"""What the policy pack costs: its start, and each resource, against a pack with a single rule.

`python -m benchmarks.pack [ROUNDS]`; both packs are real processes behind real gRPC, asked in turns, so that a loaded
machine slows both. Start is from the process to the answer to the engine's greeting.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from policies.examples import valid_instance
from policies.harness import Declared, Pack, Provider
from policies.rule import INSTANCE_TYPE

POLICIES = Path(__file__).resolve().parent.parent / "policies"
COUNTS = (1, 10, 100, 1000)
# The least that a pack can do: one rule that reads one property.
ONE_RULE = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def validate(args, report_violation):
    if args.resource_type == "paidsw:index:Instance" and args.props.get("spotSpec") is not None:
        report_violation("spot")

rule = ResourceValidationPolicy(name="no-spot", description="No spot.", validate=validate)
PolicyPack(name="one-rule", enforcement_level=EnforcementLevel.MANDATORY, policies=[rule])
"""


def instances(count: int) -> list[Declared]:
    """Valid instances of different names."""
    names = [f"n{index}" for index in range(count)]
    provider = Provider("paidsw")
    return [
        Declared(INSTANCE_TYPE, {**valid_instance(), "instanceName": name}, name=name, provider=provider)
        for name in names
    ]


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def start(folder: Path) -> float:
    """Seconds until a pack has answered the greeting."""
    packs: list[Pack] = []
    taken = seconds(lambda: packs.append(Pack.start(folder)))
    packs[0].close()
    return taken


def each(pack: Pack, resources: list[Declared]) -> float:
    """Seconds per resource for the resource rules, as the engine asks them one after the other."""
    return seconds(lambda: [pack.analyze(one) for one in resources]) / len(resources)


def together(pack: Pack, resources: list[Declared]) -> float:
    """Seconds per resource for the stack rules."""
    return seconds(lambda: pack.analyze_stack(resources)) / len(resources)


def row(name: str, pairs: list[tuple[float, float]]) -> str:
    """A line with both medians in milliseconds and their ratio."""
    one, ours = (median(column) * 1000 for column in zip(*pairs, strict=True))
    return f"{name:<34} {one:>9.2f} {ours:>9.2f} {ours / one:>7.2f}"


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        one_rule = Path(folder)
        (one_rule / "__main__.py").write_text(ONE_RULE)
        (one_rule / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
        print(f"{'milliseconds, medians':<34} {'one rule':>9} {'ours':>9} {'ratio':>7}")
        print(row("start", [(start(one_rule), start(POLICIES)) for _ in range(rounds)]))
        with Pack.start(one_rule) as floor, Pack.start(POLICIES) as pack:
            for what, measure in (("resource rules", each), ("stack rules", together)):
                for count in COUNTS:
                    resources = instances(count)
                    measure(floor, resources), measure(pack, resources)
                    times = rounds if count < COUNTS[-1] else max(2, rounds // 3)
                    pairs = [(measure(floor, resources), measure(pack, resources)) for _ in range(times)]
                    print(row(f"{what}, per resource of {count}", pairs), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
