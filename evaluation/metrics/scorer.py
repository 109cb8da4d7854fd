"""The cases of a run, and what metrics say of them, one trial at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.metrics.spec import MetricSpec
from evaluation.run import Run
from evaluation.scores import Case, Score
from evaluation.trials import Trial
from indexes.passages import Passage


@dataclass(frozen=True, slots=True)
class _Known:
    """What the trials of one example have in common."""

    example: str
    question: str
    answers: tuple[str, ...] | None
    passages: dict[str, Passage]
    ranking: tuple[str, ...]
    grades: dict[str, int]
    relevant: int | None


def case_maker(run: Run) -> Callable[[Trial], Case]:
    """A function that gives the case of a trial of `run`; fastest where the trials come by example.

    The ranking is what was retrieved; gold that was not counts among the grades all the same.

    That function raises:
        KeyError: the trial's example or a passage of its context is not in the run.
    """
    examples = {example.id: example for example in run.examples()}
    latest: list[_Known] = []

    def case(trial: Trial) -> Case:
        if not latest or latest[0].example != trial.key.example:
            example, candidates = examples[trial.key.example], run.candidates(trial.key.example)
            passages = {candidate.ranked.passage.id: candidate.ranked.passage for candidate in candidates.candidates}
            ranking = tuple(candidate.ranked.passage.id for candidate in candidates.ranking)
            gold = [one for one in candidates.candidates if one.kind in ("gold", "unretrieved")]
            grades = {one.ranked.passage.id: max(1, one.grade) for one in gold}
            latest[:] = [
                _Known(example.id, example.question, example.answers, passages, ranking, grades,
                       candidates.relevant)
            ]  # fmt: skip
        known = latest[0]
        absent = [name for name in trial.context if name not in known.passages]
        if absent:
            known.passages.update(run.passages(absent))
        context = tuple(known.passages[name] for name in trial.context)
        return Case(trial, known.question, known.answers, context, known.ranking, known.grades, known.relevant)

    return case


def scorer(run: Run, metrics: Sequence[MetricSpec]) -> Callable[[Trial], tuple[Score, ...]]:
    """A function that gives what all `metrics`, in their order, say of a trial of `run`; see `case_maker`."""
    make = case_maker(run)

    def scores(trial: Trial) -> tuple[Score, ...]:
        case = make(trial)
        return tuple(metric.score(case) for metric in metrics)

    return scores
