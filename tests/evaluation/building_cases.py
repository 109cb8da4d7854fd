"""Cases to score, as small as can be."""

from collections.abc import Mapping

from evaluation.scores import Case
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.passages import Passage
from rag.answer import Timings, Usage


def passage(name: str, text: str = "words") -> Passage:
    return Passage(name, text, f"{name}.txt", name, None, None, 0, len(text))


def case(
    answer: str | None,
    *answers: str,
    finish: TrialFinish = "answered",
    known: bool = True,
    reasoning: str | None = None,
    context: tuple[Passage, ...] = (),
    ranking: tuple[str, ...] = (),
    grades: Mapping[str, int] | None = None,
    relevant: int | None = None,
    usage: Usage | None = None,
    seconds: float | None = None,
) -> Case:
    """A trial that answered `answer` where `answers` are right; none of them: to be refused; not `known`: who knows."""
    trial = Trial(
        TrialKey("edges", "q1", 0),
        finish,
        answer,
        reasoning,
        usage=usage or Usage(),
        timings=Timings(total=None if seconds is None else 1000 * seconds),
        error="the server went away" if finish == "failed" else None,
        reason="gold was not retrieved" if finish == "not_applicable" else None,
    )
    return Case(trial, "Who?", answers if known else None, context, ranking, grades or {}, relevant)
