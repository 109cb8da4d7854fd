"""A plan in words, and as values for JSON."""

from dataclasses import asdict
from typing import Any

from evaluation.planning.plan import Plan
from evaluation.planning.prospects import Difference, Prospects


def mapping(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values, under the names of its attributes."""
    return asdict(plan)


def lines(plan: Plan) -> tuple[str, ...]:
    """The plan for people, one fact a line: what it costs, then what it can show and cannot."""
    samples = f" × {plan.samples} samples" if plan.samples > 1 else ""
    requests = f" ({plan.requests:,} requests at most)" if plan.requests > plan.trials else ""
    share = f"{plan.read_tokens / plan.prompt_tokens:.0%}" if plan.prompt_tokens else "0%"
    return (
        f"{plan.name}: {plan.arms} arms{samples} = {plan.cells:,} cells",
        f"{plan.cells:,} cells × {plan.examples:,} questions = {plan.trials:,} trials{requests}",
        f"prompts: {amount(plan.prompt_tokens)} tokens; about {amount(plan.read_tokens)} ({share}) are read where the "
        "server caches prefixes",
        f"replies: about {amount(plan.generated_tokens)} tokens, at most {amount(plan.most_generated_tokens)}",
        "time: not known without the server's speed"
        if plan.seconds is None
        else f"time: about {duration(plan.seconds)} (speed {plan.basis})",
        *prospect_lines(plan.prospects),
        *(f"note: {note}" for note in plan.notes),
    )


def prospect_lines(found: Prospects) -> tuple[str, ...]:
    """What can be shown and what cannot, one sentence a line."""
    n, said = found.questions, []
    if found.comparisons:
        level = "" if found.comparisons == 1 else f", each at .05/{found.comparisons}"
        comparisons = "1 comparison" if found.comparisons == 1 else f"{found.comparisons} comparisons{level}"
        said.append(f"with n = {n:,} questions and 80 % power, {comparisons}:")
        said += [f"  {_shown(difference)}" for difference in found.differences]
    else:
        said.append(f"n = {n:,} questions; no arm is compared with another")
    if found.positions:
        said += [f"  {_flat(difference, found)}" for difference in found.differences]
    if found.interactions:
        said.append(f"  reasoning × position, {_interaction(found)}")
    return tuple(said)


def points(fraction: float) -> str:
    """A difference in percentage points.

    >>> points(0.0503)
    '5.0 points'
    """
    return f"{100 * fraction:.1f} points"


def amount(count: int) -> str:
    """A number of tokens, short.

    >>> amount(950), amount(12_345), amount(6_789_000), amount(12_345_000_000)
    ('950', '12.3k', '6.8M', '12.3G')
    """
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count)


def duration(seconds: float) -> str:
    """A length of time, in its largest unit but one.

    >>> duration(42), duration(600), duration(9_000), duration(200_000)
    ('42 s', '10 min', '2.5 h', '2.3 days')
    """
    for size, limit, text in ((1, 120, "{:.0f} s"), (60, 7200, "{:.0f} min"), (3600, 172_800, "{:.1f} h")):
        if seconds < limit:
            return text.format(seconds / size)
    return f"{seconds / 86_400:.1f} days"


def _shown(difference: Difference) -> str:
    at = f"if {difference.discordance:.0%} of outcomes differ:"
    if difference.detectable is None:
        return f"{at} no difference can be shown, however large"
    return f"{at} a difference of {points(difference.detectable)} or more can be shown, a smaller one cannot"


def _flat(difference: Difference, found: Prospects) -> str:
    needed = difference.flat_needed or 0
    what = f"flatness within {points(found.margin)} over {found.positions} positions"
    at = f"if {difference.discordance:.0%} of outcomes differ:"
    verdict = "can be shown" if found.questions >= needed else "cannot be shown"
    return f"{at} {what} {verdict} (it needs {needed:,} questions)"


def _interaction(found: Prospects) -> str:
    tests = "1 test" if found.interactions == 1 else f"{found.interactions} tests, each at .05/{found.interactions}"
    if found.interaction is None:
        return f"{tests}: too few questions to show any interaction"
    return f"{tests}: an interaction of {points(found.interaction)} or more can be shown, a smaller one cannot"
