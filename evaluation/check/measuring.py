"""Measures what needs no model: whether gold is found, and whether it reaches the context."""

from collections.abc import Sequence

from evaluation.check.ground import Grounded
from evaluation.check.question_file import digest
from evaluation.check.values import Outcome, Slot
from evaluation.metrics import parse_metric
from evaluation.scores import Case
from evaluation.trials import Trial, TrialKey

ASSEMBLY = "gold_in_context"
DROPPED = "gold_dropped"
"""With the number of passages as its cutoff."""


def dropped(passages: int) -> str:
    """The metric that tells how often gold was found, but had no room in a context of so many passages."""
    return f"{DROPPED}@{passages}"


def outcome_of(one: Grounded, metrics: Sequence[str], *, passages: int, assembled: bool = True) -> Outcome:
    """The outcome of a question that was not asked yet.

    Gold that is gone counts as gold that is not found.

    Args:
        one: the question.
        metrics: of its ranking, as printed.
        passages: most that a context has.
        assembled: whether its context is what a model would read; else nothing is told of that.
    """
    example, candidates = one.example, one.candidates
    gold = {each.ranked.passage.id: max(1, each.grade) for each in candidates.candidates if each.grade}
    grades = {**gold, **{f"missing {number}": 1 for number, _ in enumerate(candidates.missing)}}
    relevant = None if candidates.relevant is None else candidates.relevant + len(candidates.missing)
    slots = one.context.slots if assembled else ()
    trial = Trial(TrialKey("", example.id, 0), "answered", context=tuple(slot.ranked.passage.id for slot in slots))
    case = Case(
        trial=trial,
        question=example.question,
        answers=example.answers,
        context=tuple(slot.ranked.passage for slot in slots),
        ranking=tuple(each.ranked.passage.id for each in candidates.ranking),
        grades=grades,
        relevant=relevant,
    )
    names = (*metrics, ASSEMBLY, dropped(passages)) if assembled else metrics
    return Outcome(
        id=example.id,
        question=example.question,
        digest=digest(example),
        scores={name: parse_metric(name).score(case).value for name in names},
        missing=candidates.missing,
        context=tuple(
            Slot(slot.ranked.passage.id, slot.ranked.passage.source, slot.ranked.rank, slot.ranked.passage.id in gold)
            for slot in slots
        ),
    )
