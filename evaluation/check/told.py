"""What a check says to each of its test items, one for each question and one for the verdict, as plain JSON values."""

from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Literal, NamedTuple

from evaluation.check.judging import exit_status
from evaluation.check.outputs.stage_table import STAGES, gating, shortened, stages_of, value
from evaluation.check.outputs.words import BLESS, DIFF, headline, sections
from evaluation.check.values import Baseline, Checked, MetricVerdict, Outcome, StageVerdict

Kind = Literal["pass", "fail", "error", "skip"]
"""error: infrastructure kept it from being known. skip: there is nothing to compare it with."""
_LINES = 10
"""Most lines of a section below the verdict."""


class Told(NamedTuple):
    """What an item is, and why."""

    kind: Kind
    words: str = ""


class AllTold(NamedTuple):
    """What all items of a check are told; questions by id."""

    verdict: Told
    questions: dict[str, Told]


def told(
    checked: Checked, baseline: Baseline | None, *, inconclusive: Literal["pass", "fail"] | None = None
) -> AllTold:
    """What each item is told.

    A question fails where one of its assertions does not hold, or where it is among those that a regressed metric
    lost. The verdict fails where `rag check run` would not exit with 0.

    Args:
        checked: the check, over all questions.
        baseline: with which it was compared.
        inconclusive: what an inconclusive verdict counts as; None and "fail" are the same to a test item.
    """
    before = {outcome.id: outcome for outcome in baseline.result.outcomes} if baseline else {}
    broken: dict[str, list[str]] = {}
    for one in checked.assertions:
        if one.held is False:
            said = f"wanted: {shortened(one.wanted)}; found: {shortened(one.found)}"
            broken.setdefault(one.question, []).append(said)
    losses = [pair for pair in gating(stages_of(checked)) if pair[1].verdict == "regressed"]
    questions = {
        one.id: _question(checked, before.get(one.id), one, [*broken.get(one.id, ()), *_lost(losses, before, one)])
        for one in checked.current.outcomes
    }
    if exit_status(checked, inconclusive) == 0:
        return AllTold(Told("pass"), questions)
    return AllTold(Told("fail", "\n".join([headline(checked), *_below(checked)])), questions)


def _question(checked: Checked, before: Outcome | None, now: Outcome, wrong: list[str]) -> Told:
    if wrong:
        return Told("fail", "\n".join([shortened(now.question), *wrong]))
    failed = [reply for reply in now.replies if reply.finish == "failed"]
    if failed:
        reason = shortened(failed[-1].error or "for no reason that is known")
        return Told("error", f"{shortened(now.question)}\nnot answered, by infrastructure's fault: {reason}")
    if checked.baseline is None:
        return Told("skip", f"nothing is blessed yet: {BLESS}")
    if before is None or before.digest != now.digest:
        return Told("skip", f"no baseline for it: {BLESS}")
    return Told("pass")


def _lost(
    losses: Iterable[tuple[StageVerdict, MetricVerdict]], before: dict[str, Outcome], now: Outcome
) -> Iterator[str]:
    """What of it the regressed metrics lost, and what the model reads now."""
    found = [
        f"{STAGES[stage.stage]} {metric.name}: {_mean(metric, before.get(now.id))} → {_mean(metric, now)}"
        for stage, metric in losses
        if now.id in metric.lost
    ]
    yield from found
    if found:
        sources = dict.fromkeys(shortened(slot.source) for slot in now.context)
        yield f"context: {', '.join(sources) or 'no passage'}"
        yield f"side by side: {DIFF} {shortened(now.id)}"


def _mean(metric: MetricVerdict, outcome: Outcome | None) -> str:
    """The value of a question: of its ranking or context, else over its replies."""
    if outcome is None:
        return value(metric, None)
    known = [one for reply in outcome.replies if (one := reply.values.get(metric.name)) is not None]
    return value(metric, outcome.scores.get(metric.name, fmean(known) if known else None))


def _below(checked: Checked) -> Iterator[str]:
    for section in sections(checked):
        yield f"{section.title}:"
        yield from (f"  {line}" for line in section.lines[:_LINES])
        if len(section.lines) > _LINES:
            yield f"  and {len(section.lines) - _LINES:,} more: {section.more}"
