"""What the policy pack costs: its start, and each resource, against packs of trivial rules.

`python -m benchmarks.pack [ROUNDS]`; the packs are real processes behind real gRPC, asked in turns, so that a loaded
machine slows all. One pack has a single rule, one has as many as ours that do nothing: the SDK prepares every resource
again for every rule, and that part isn't ours. Start is from the process to the answer to the engine's greeting.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from paidsw.rules.examples import valid_instance
from paidsw.rules.registry import rules
from paidsw.rules.rule import INSTANCE_TYPE, Scope
from tests.support.policy_pack import Declared, Pack, Provider

POLICIES = Path(__file__).resolve().parent.parent / "policies"
COUNTS = (1, 10, 100, 1000)
# A rule that reads one property, as often as a pack is to have it, and stack rules that do nothing.
TRIVIAL = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy, StackValidationPolicy

def validate(args, report_violation):
    if args.resource_type == "paidsw:index:Instance" and args.props.get("spotSpec") is not None:
        report_violation("spot")

def of_stack(args, report_violation):
    pass

rules = [ResourceValidationPolicy(name=f"r{{i}}", description="-", validate=validate) for i in range({alone})]
rules += [StackValidationPolicy(name=f"s{{i}}", description="-", validate=of_stack) for i in range({stack})]
PolicyPack(name="trivial", enforcement_level=EnforcementLevel.MANDATORY, policies=rules)
"""


def trivial(folder: Path, alone: int, stack: int) -> Path:
    """A pack of so many resource rules and stack rules; its folder."""
    folder.mkdir()
    (folder / "__main__.py").write_text(TRIVIAL.format(alone=alone, stack=stack))
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    return folder


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


def row(name: str, rounds: list[tuple[float, ...]]) -> None:
    """Print a line with the medians in milliseconds and ours against the others."""
    one, many, ours = (median(column) * 1000 for column in zip(*rounds, strict=True))
    print(
        f"{name:<34} {one:>9.2f} {many:>9.2f} {ours:>9.2f} {ours / one:>9.2f} {ours / many:>9.2f}", flush=True
    )


def main(rounds: int) -> None:
    """Measure and print."""
    of_stack = sum(rule.scope is Scope.STACK for rule in rules().values())
    heads = ("one rule", "as many", "ours", "ours/one", "ours/many")
    print(f"{'milliseconds, medians':<34} " + " ".join(f"{head:>9}" for head in heads))
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        one = trivial(Path(place) / "one", 1, 1)
        many = trivial(Path(place) / "many", len(rules()) - of_stack, of_stack)
        folders = (one, many, POLICIES)
        row("start", [tuple(map(start, folders)) for _ in range(rounds)])
        packs = [running.enter_context(Pack.start(folder)) for folder in folders]
        for what, measure in (("resource rules", each), ("stack rules", together)):
            for count in COUNTS:
                resources = instances(count)
                times = rounds if count < COUNTS[-1] else max(2, rounds // 3)
                found = [tuple(measure(pack, resources) for pack in packs) for _ in range(times + 1)]
                row(f"{what}, per resource of {count}", found[1:])  # the first warms up


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
