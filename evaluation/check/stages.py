"""The stages of a check, each compared with the baseline by the rule that is its own."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from evaluation.check.config import AnswerChoice, Gate
from evaluation.check.ground import ranked_ids
from evaluation.check.measuring import ASSEMBLY, dropped
from evaluation.check.values import MetricVerdict, Outcome, StageVerdict
from evaluation.check.verdicts import (
    Measured,
    Pair,
    Values,
    exact_verdicts,
    measured,
    sampled_verdicts,
    stage_verdict,
)
from evaluation.metrics import parse_metric

SAME_ORDER = "same_order"
GOLD_POSITION = "gold_position"
NO_ANSWERS = "the baseline has no answers"
OUT_OF_TIME = "out of time"
INCOMPLETE = "incomplete"
"""How the basis begins where replies failed."""
NOT_CONFIRMED = "not confirmed by a second run"
Case = Literal["as it came", "best", "worst"]


def retrieval(gate: Gate, pairs: Sequence[Pair]) -> StageVerdict:
    """Whether gold is found."""
    return stage_verdict("retrieval", exact_verdicts(_scored(gate.gate, gate.metrics, gate.margin, pairs)))


def assembly(margin: float, pairs: Sequence[Pair], *, passages: int, same_placement: bool) -> StageVerdict:
    """Whether gold reaches the context, and in the order that it had, if the placement is the same.

    Args:
        margin: the loss that is tolerated, that of retrieval.
        pairs: questions whose contexts are known.
        passages: most that a context has.
        same_placement: else orders are not compared.
    """
    position = measured(
        GOLD_POSITION,
        pairs,
        _gold_position,
        _gold_position,
        gates=False,
        margin=margin,
        known=True,
        unknown_to_all="pass",
    )
    found = _scored((ASSEMBLY,), (dropped(passages),), margin, pairs)
    return stage_verdict("assembly", exact_verdicts([*found, _same_order(margin, pairs, same_placement), position]))


def generation(answers: AnswerChoice, pairs: Sequence[Pair], *, exact: bool) -> StageVerdict:
    """The answers over the passages that the baseline had; it tells what moved, and decides nothing."""
    told = replace(answers.gate, gate=(), metrics=answers.gate.names)
    asked = [Pair(pair.before, replace(pair.now, replies=pair.now.frozen)) for pair in pairs if pair.now.frozen]
    return stage_verdict("generation", _answered(told, asked, exact=exact))


def end_to_end(answers: AnswerChoice, pairs: Sequence[Pair], *, exact: bool, unasked: int = 0) -> StageVerdict:
    """The answers over the passages of now.

    Args:
        answers: how they are judged.
        pairs: all questions that are compared.
        exact: they come without chance on both sides.
        unasked: replies that are still to come.
    """
    found = _answered(answers.gate, pairs, exact=exact)
    most = max((len(pair.now.replies) for pair in pairs), default=0)
    if pairs and not any(pair.before.replies for pair in pairs):
        found = _undecided(found, NO_ANSWERS)
    elif unasked or any(len(pair.now.replies) < most for pair in pairs):
        found = _undecided(found, OUT_OF_TIME)
    return stage_verdict("end_to_end", found)


def confirmed(first: StageVerdict, second: StageVerdict) -> StageVerdict:
    """The first run, of which only those metrics stay regressed that are so in the second one, too."""
    others = {one.name: one for one in second.metrics}
    found = []
    for one in first.metrics:
        other = others[one.name]
        if one.verdict == "regressed" != other.verdict:
            basis = other.basis if other.basis.startswith(INCOMPLETE) else NOT_CONFIRMED
            found.append(replace(one, verdict="inconclusive", basis=basis))
        else:
            found.append(one)
    return stage_verdict(first.stage, found)


def _scored(gate: Sequence[str], told: Sequence[str], margin: float, pairs: Sequence[Pair]) -> list[Measured]:
    """The metrics that need no model."""
    return [
        measured(
            name,
            pairs,
            partial(_score, name),
            partial(_score, name),
            gates=name in gate,
            margin=margin,
            known=any(name in pair.before.scores for pair in pairs),
            unknown_to_all="pass",
        )
        for name in (*gate, *told)
    ]


def _score(name: str, outcome: Outcome) -> Values:
    value = outcome.scores.get(name)
    return () if value is None else (value,)


def _same_order(margin: float, pairs: Sequence[Pair], same_placement: bool) -> Measured:
    """1 where the passages stand in the order that they had; over contexts of the same passages by rank."""
    same = [pair for pair in pairs if pair.now.context and ranked_ids(pair.before) == ranked_ids(pair.now)]
    compared = same if same_placement else []
    return Measured(
        SAME_ORDER,
        gates=True,
        margin=margin,
        ids=tuple(pair.now.id for pair in compared),
        before=((1.0,),) * len(compared),
        now=tuple((float(_order(pair.before) == _order(pair.now)),) for pair in compared),
        binary=True,
        nothing=("pass", "no context has the same passages" if same_placement else "the placement is another"),
    )


def _order(outcome: Outcome) -> list[str]:
    return [slot.passage for slot in outcome.context]


def _gold_position(outcome: Outcome) -> Values:
    found = next((position for position, slot in enumerate(outcome.context, start=1) if slot.gold), None)
    return () if found is None else (float(found),)


def _answered(gate: Gate, pairs: Sequence[Pair], *, exact: bool) -> tuple[MetricVerdict, ...]:
    """The metrics of the replies; what failed counts as best and as worst, and a verdict must hold in both."""
    judged = exact_verdicts if exact else sampled_verdicts
    found = judged(_replied(gate, pairs, "as it came"))
    failed = sum(reply.finish == "failed" for pair in pairs for side in pair for reply in side.replies)
    if not failed:
        return found
    cases = (judged(_replied(gate, pairs, "best")), judged(_replied(gate, pairs, "worst")))
    return tuple(_standing(*one, failed=failed) for one in zip(found, *cases, strict=True))


def _standing(came: MetricVerdict, best: MetricVerdict, worst: MetricVerdict, *, failed: int) -> MetricVerdict:
    if came.verdict is None:
        return came
    if best.verdict == worst.verdict:
        return replace(came, verdict=worst.verdict, basis=worst.basis)
    words = "1 reply" if failed == 1 else f"{failed:,} replies"
    return replace(came, verdict="inconclusive", basis=f"{INCOMPLETE}: {words} failed")


def _replied(gate: Gate, pairs: Sequence[Pair], case: Case) -> list[Measured]:
    """The metrics of the replies in one of the cases of what failed."""
    return [
        measured(
            name,
            pairs,
            partial(_values, name, _fill(name, case, now=False)),
            partial(_values, name, _fill(name, case, now=True)),
            gates=name in gate.gate,
            margin=gate.margin,
            known=any(name in reply.values for pair in pairs for reply in pair.before.replies),
            unknown_to_all="inconclusive",
        )
        for name in gate.names
    ]


def _fill(name: str, case: Case, *, now: bool) -> float | None:
    """What a failed reply is worth: in the best case all that could be won now, and nothing before."""
    spec = parse_metric(name)
    if case == "as it came" or not spec.share:
        return None
    good = (case == "best") is now
    return float(good is spec.higher_is_better)


def _values(name: str, fill: float | None, outcome: Outcome) -> Values:
    """Those of its replies; a failed one has `fill`, if any."""
    found = (fill if reply.finish == "failed" else reply.values.get(name) for reply in outcome.replies)
    return tuple(value for value in found if value is not None)


def _undecided(verdicts: Sequence[MetricVerdict], basis: str) -> tuple[MetricVerdict, ...]:
    return tuple(one if one.verdict is None else replace(one, verdict="inconclusive", basis=basis) for one in verdicts)
