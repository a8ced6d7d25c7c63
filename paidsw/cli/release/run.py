"""One `dsw release`: it shows, asks, and releases."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Any

from paidsw.cli.errors import ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_json, wait_for
from paidsw.cli.release import shown
from paidsw.cli.release.deletion import Outcomes, release
from paidsw.cli.release.plan import Plan, look, without_unconfirmed
from paidsw.cli.release.request import Request, Wanted, wanted


@dataclass(frozen=True)
class Answers:
    """How the questions are answered: `dry_run` by nothing, `yes` by a yes to all but what runs."""

    dry_run: bool
    yes: bool
    json: bool


def run(request: Request, answers: Answers) -> int:
    """Show, ask, save, delete, wait; the exit code."""
    silent = answers.yes or answers.dry_run
    if request.state == "-" and not silent:
        raise UsageError(Text.NOTHING_ANSWERS(), Text.ANSWER_OTHERWISE())
    if answers.json and not silent:
        raise UsageError(Text.JSON_ASKS_NOTHING(), Text.GIVE_YES())
    asked = wanted(request)
    plan = wait_for(look(asked), f"asking {len(asked.regions)} regions")
    return _for_programs(plan, asked, answers) if answers.json else _for_people(plan, asked, answers)


def _for_people(plan: Plan, asked: Wanted, answers: Answers) -> int:
    shown.plan(plan, asked)
    if answers.dry_run or not plan.victims:
        shown.left_alone(plan)
        print(_nothing(plan))
        return _code(plan, Outcomes())
    typed = frozenset() if answers.yes else shown.typed(plan, asked)
    confirmed = typed.union(asked.running)
    plan = without_unconfirmed(plan, confirmed)
    shown.left_alone(plan)
    if not plan.victims or not (answers.yes or shown.agreed(plan, asked, typed)):
        print("Nothing was released.")
        return max(_code(plan, Outcomes()), ExitCode.FOUND)
    outcomes = asyncio.run(release(asked, plan.victims, confirmed, lambda text: print(text, flush=True)))
    return _code(plan, outcomes)


def _nothing(plan: Plan) -> str:
    if plan.victims:
        return "Nothing was released: that was the dry run."
    return "Nothing to release where it could look." if plan.not_seen else "Nothing to release."


def _for_programs(plan: Plan, asked: Wanted, answers: Answers) -> int:
    """Release without a question; progress goes to standard error, and one document to standard output."""

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    confirmed, outcomes = frozenset(asked.running), Outcomes()
    if not answers.dry_run:
        plan = without_unconfirmed(plan, confirmed)
        if plan.victims:
            outcomes = asyncio.run(release(asked, plan.victims, confirmed, tell))
    print_json(document(plan, outcomes))
    return _code(plan, outcomes)


def _code(plan: Plan, outcomes: Outcomes) -> int:
    """The exit code: what wasn't tried is left."""
    tried = len(outcomes.each) == len(plan.victims)
    something = not tried or any(one.ours for one in plan.left_alone)
    left = ExitCode.FOUND if something else ExitCode.OK
    return max(ExitCode.FAILED if plan.not_seen else ExitCode.OK, left, outcomes.code)


def document(plan: Plan, outcomes: Outcomes) -> dict[str, Any]:
    """For programs: every instance with what became of it, null where nothing was tried."""
    found = [*outcomes.each, *[None] * (len(plan.victims) - len(outcomes.each))]
    return {
        "instances": [
            shown.entry(listed)
            | {
                "released": outcome.gone if outcome else None,
                "outcome": outcome.said if outcome else None,
            }
            for listed, outcome in zip(plan.victims, found, strict=True)
        ],
        "leftAlone": [shown.entry(one.listed) | {"why": str(one.why)} for one in plan.left_alone],
        "notSeen": [
            {"region": item.region, "why": str(item.why), "fix": str(item.fix)} for item in plan.not_seen
        ],
    }
