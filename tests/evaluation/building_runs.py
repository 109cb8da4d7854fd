"""Runs in memory, for whatever analyses them: rows are made from a table of right and wrong outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.arms import Arm, Length, Subject
from evaluation.candidates import Candidate, Candidates
from evaluation.examples import Example
from evaluation.run import Design, Manifest
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.passages import Passage, RankedPassage
from rag.answer import Timings, Usage
from rag.models.catalogue import EXTRACTIVE
from rag.opening import ModelChoice

Outcome = float | int | str | None
"""1: the right answer; 0: a wrong one; None: not asked yet; else how the trial ended: "failed", "not_applicable"."""

RIGHT, WRONG = "It is Paris.", "It is Oslo."
R1 = Subject("r1", ModelChoice("r1-qwen-7b", base_url="http://localhost:8000/v1"))
QWEN = Subject("qwen", ModelChoice("qwen-7b", base_url="http://localhost:8001/v1"), twin_of="r1", kind="same_base")
EXTRACTS = Subject("extractive", ModelChoice(EXTRACTIVE))
TEN = Length(passages=10)


@dataclass(frozen=True)
class MemoryRun:
    """A run that keeps its rows in memory, by example, arm and sample."""

    manifest: Manifest
    rows: tuple[Trial, ...]
    questions: tuple[Example, ...]
    name: str = "handbook"

    def examples(self) -> Sequence[Example]:
        return self.questions

    def candidates(self, example: str) -> Candidates:
        passages = (passage(f"{example}-p{rank}") for rank in (1, 2, 3))
        return Candidates(
            example,
            tuple(
                Candidate(RankedPassage(one, rank, 1 / rank), "gold" if rank == 2 else "hard", int(rank == 2))
                for rank, one in enumerate(passages, start=1)
            ),
            relevant=1,
        )

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        return (row for row in self.rows if arm in (None, row.key.arm))

    def trial(self, key: TrialKey) -> Trial | None:
        return next((row for row in self.rows if row.key == key), None)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        return {one: passage(one) for one in ids}


def passage(id_: str) -> Passage:
    text = f"Passage {id_} says that it is Paris."
    return Passage(id_, text, "handbook.md", "The handbook", None, None, 0, len(text))


def example(number: int) -> Example:
    return Example(f"q{number}", f"What is the capital of country {number}?", ("Paris",))


def arms(*placements: str, subject: str = "r1", **settings: Any) -> tuple[Arm, ...]:
    """Arms of one series that bear their placement's name, with the model's before it for other models than r1."""
    prefix = "" if subject == "r1" else f"{subject} "
    return tuple(Arm(f"{prefix}{one}", subject, one, **{"length": TEN, **settings}) for one in placements)


def again(arm: Arm) -> Arm:
    return replace(arm, name=f"{arm.name} (again)", copy=1)


def design(
    of: Sequence[Arm],
    *,
    subjects: Sequence[Subject] = (R1,),
    samples: int = 1,
    baseline: str | None = None,
    primary: str = "sub_span",
    secondary: Sequence[str] = (),
    margin: float = 0.05,
    seed: int = 7,
) -> Design:
    return Design("placement", tuple(subjects), tuple(of), samples, baseline, primary, tuple(secondary), margin, seed)


def memory_run(
    of: Design,
    outcomes: Mapping[str, Sequence[Outcome | Sequence[Outcome]]],
    *,
    facts: Mapping[str, Any] | None = None,
    name: str = "handbook",
) -> MemoryRun:
    """A run with these outcomes.

    Args:
        of: the design.
        outcomes: by arm's name, one a question, or one a question and sample.
    """
    count = len(next(iter(outcomes.values())))
    rows = []
    for number in range(count):
        for arm in of.arms:
            found = outcomes[arm.name][number]
            samples = [found] if isinstance(found, str | float | int) or found is None else found
            rows += [trial(arm.name, number, one, sample) for sample, one in enumerate(samples) if one is not None]
    questions = tuple(example(number) for number in range(count))
    return MemoryRun(Manifest(of, "", count, dict(facts or {})), tuple(rows), questions, name)


def trial(arm: str, number: int, outcome: Outcome, sample: int = 0) -> Trial:
    key = TrialKey(arm, f"q{number}", sample)
    context = tuple(f"q{number}-p{rank}" for rank in (1, 2, 3))
    if isinstance(outcome, str):
        finish: TrialFinish = outcome  # type: ignore[assignment]  # the tests name finishes that there are
        error = "the server died" if outcome == "failed" else None
        reason = "gold was not retrieved" if outcome == "not_applicable" else None
        return Trial(key, finish, context=context, error=error, reason=reason)
    return Trial(
        key,
        "answered",
        RIGHT if outcome else WRONG,
        context=context,
        usage=Usage(prompt=100, completion=50, reasoning=40, cached=25),
        timings=Timings(total=2000.0),
    )
