"""Reports and runs made by hand, for whatever draws or writes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evaluation.analysis.values import CellResult, Comparison, PositionEffect, PositionPoint, Report, Spent
from evaluation.arms import Arm, Length, Subject
from evaluation.candidates import Candidate, Candidates
from evaluation.examples import Example
from evaluation.run import Design, Manifest
from evaluation.scores import Score
from evaluation.statistics.interval import Interval
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.passages import Passage, RankedPassage
from rag.answer import Timings, Usage
from rag.opening import ModelChoice

PRIMARY = "sub_span"


def position_effect(
    subject: str, length: str, values: dict[int, float], *, series: str | None = None
) -> PositionEffect:
    points = tuple(
        PositionPoint(
            position, str(position), f"{subject} gold_at(position={position}) {length}", value, around(value), 200
        )
        for position, value in values.items()
    )
    return PositionEffect(
        series=series or f"{subject} {length}",
        subject=subject,
        length=length,
        points=points,
        n=200,
        spread=max(values.values()) - min(values.values()),
        flat_spread=0.03,
        p=0.04,
        p_adjusted=0.08,
        margin=0.05,
        flat=False,
        bound=0.12,
        edge_minus_middle=0.05,
        edge_interval=Interval(0.01, 0.09),
        edge_p=0.02,
        primacy=0.06,
        recency=0.04,
        slope=-0.01,
        verdict=f"{subject}: the position of the evidence matters",
    )


def around(value: float, half: float = 0.045) -> Interval:
    return Interval(max(0.0, value - half), min(1.0, value + half))


def comparison(arm: str, difference: float, p_adjusted: float | None, *, baseline: str = "best_first") -> Comparison:
    return Comparison(
        baseline=baseline,
        arm=arm,
        metric=PRIMARY,
        n=441,
        difference=difference,
        interval=Interval(difference - 0.035, difference + 0.035),
        p=p_adjusted,
        p_exact=p_adjusted,
        p_adjusted=p_adjusted,
        gained=30,
        lost=25,
        detectable=0.05,
        could_show=0.05,
        verdict=f"{arm} vs {baseline}: no difference shown",
    )


def cell(arm: str, value: float, finish: dict[str, int], *, metric: str = PRIMARY) -> CellResult:
    return CellResult(arm, metric, value, around(value), 441, finish)


def report(**more: object) -> Report:
    """A report with everything that can be drawn, at a size that people see."""
    arms = ("best_first", "edges", "best_last", "middle", "shuffled(seed=0)", "best_first again", "closed_book")
    values = (0.541, 0.552, 0.524, 0.471, 0.536, 0.538, 0.213)
    thinking = (812.4, 798.1, 851.0, 903.3, 822.2, 809.9, 1420.7)
    finishes = {"answered": 402, "refused": 21, "unfinished_thinking": 12, "truncated_answer": 4, "empty": 2}
    whole = Report(
        run="handbook-ab",
        n=441,
        baseline="best_first",
        primary_metric=PRIMARY,
        headline=(
            "edges vs best_first: +1.1 points [−2.4, 4.6], p = .54, n = 441: no difference shown; this run could have "
            "shown 5.0 points.",
            "middle vs best_first: −7.0 points [−10.5, −3.5], p = .002, n = 441: worse.",
        ),
        cells=tuple(
            cell(arm, value, {**finishes, "failed": 3 if arm == "middle" else 0})
            for arm, value in zip(arms, values, strict=True)
        ),
        comparisons=(
            comparison("edges", 0.011, 0.54),
            comparison("best_last", -0.017, 0.31),
            comparison("middle", -0.07, 0.002),
            comparison("shuffled(seed=0)", -0.005, 1.0),
        ),
        positions=tuple(
            position_effect(subject, length, dict(zip((1, 5, 10, 15, 20), row, strict=True)))
            for subject, length, row in (
                ("r1-qwen-7b", "20 passages", (0.61, 0.6, 0.59, 0.6, 0.62)),
                ("r1-qwen-7b", "40 passages", (0.58, 0.56, 0.55, 0.56, 0.59)),
                ("qwen2.5-7b-instruct", "20 passages", (0.557, 0.489, 0.491, 0.513, 0.548)),
                ("qwen2.5-7b-instruct", "40 passages", (0.54, 0.45, 0.43, 0.46, 0.53)),
            )
        ),
        spent=tuple(Spent(arm, tokens, 61.0, 4.2, 0.71) for arm, tokens in zip(arms, thinking, strict=True)),
        warnings=("3 trials have no outcome yet: run the same command again to ask them.",),
        facts=(("model", "r1-qwen-7b at a local server"), ("questions", "my_questions.jsonl, 441"), ("seed", "7")),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class MemoryRun:
    """A run that keeps its rows in memory."""

    manifest: Manifest
    rows: tuple[Trial, ...]
    questions: tuple[Example, ...]
    rankings: dict[str, Candidates]
    name: str = "handbook-ab"

    def examples(self) -> Sequence[Example]:
        return self.questions

    def candidates(self, example: str) -> Candidates:
        return self.rankings[example]

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        return (row for row in self.rows if arm in (None, row.key.arm))

    def trial(self, key: TrialKey) -> Trial | None:
        return next((row for row in self.rows if row.key == key), None)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        return {id_: self._passages[id_] for id_ in ids if id_ in self._passages}

    @cached_property
    def _passages(self) -> dict[str, Passage]:
        found = (c.ranked.passage for ranking in self.rankings.values() for c in ranking.candidates)
        return {passage.id: passage for passage in found}


def design(arms: Sequence[str], *, samples: int = 1) -> Design:
    return Design(
        name="handbook-ab",
        subjects=(Subject("r1", ModelChoice("r1-qwen-7b")),),
        arms=tuple(Arm(arm, "r1", arm, Length(passages=5)) for arm in arms),
        samples=samples,
        baseline=arms[0],
        primary=PRIMARY,
        secondary=("token_f1",),
        margin=0.05,
        seed=7,
    )


def passage(id_: str, text: str, *, title: str = "The handbook", source: str = "handbook.md") -> Passage:
    return Passage(id_, text, source, title, None, "Leave", 0, len(text))


def example(id_: str, question: str, texts: Sequence[str], *, gold: int = 0) -> tuple[Example, Candidates]:
    """An example whose passage number `gold` (from 0) holds the evidence; its answer is "Paris"."""
    passages = tuple(passage(f"{id_}-p{at}", text) for at, text in enumerate(texts))
    candidates = tuple(
        Candidate(RankedPassage(p, at + 1, 1 / (at + 1)), "gold" if at == gold else "hard", int(at == gold))
        for at, p in enumerate(passages)
    )
    return Example(id_, question, ("Paris",), gold_ids=(passages[gold].id,)), Candidates(id_, candidates, relevant=1)


def trial(
    arm: str,
    ranking: Candidates,
    answer: str | None,
    *,
    sample: int = 1,
    reasoning: str | None = "Let me look at the passages.",
    finish: TrialFinish = "answered",
    error: str | None = None,
) -> Trial:
    context = tuple(candidate.ranked.passage.id for candidate in ranking.candidates)
    return Trial(
        TrialKey(arm, ranking.example, sample),
        finish,
        answer,
        reasoning,
        context[::-1] if arm == "best_last" else context,
        tokens=640,
        usage=Usage(prompt=700, completion=90, reasoning=None if reasoning is None else 60, cached=512),
        timings=Timings(first_token=120.0, total=2345.0),
        prompt_hash="ab" * 32,
        seed=7,
        error=error,
    )


def score(trial: Trial) -> tuple[Score, ...]:
    """1 where the answer says Paris; a second metric that is 0.5 for every answer."""
    if trial.finish == "failed":
        return tuple(Score(metric, None, "failed", "the server died") for metric in (PRIMARY, "token_f1"))
    if trial.answer is None:
        return tuple(Score(metric, 0.0, "no_answer", trial.finish) for metric in (PRIMARY, "token_f1"))
    return Score(PRIMARY, float("Paris" in trial.answer)), Score("token_f1", 0.5)


def small_run(count: int = 40, *, arms: Sequence[str] = ("best_first", "edges", "best_last")) -> MemoryRun:
    """`count` questions; the last arm is right in every question, the first in all but each third."""
    questions, rankings, rows = [], {}, []
    for number in range(count):
        texts = [f"The capital of country {number} is Paris, says note {number}.", "It rains in May.", "Oslo is cold."]
        asked, ranking = example(f"q{number}", f"What is the capital of country {number}?", texts)
        questions.append(asked)
        rankings[asked.id] = ranking
        for place, arm in enumerate(arms):
            right = place == len(arms) - 1 or number % 3 != place
            rows.append(trial(arm, ranking, f"The capital is {'Paris' if right else 'Oslo'}. [1]"))
    return MemoryRun(Manifest(design(arms), "", count, {}), tuple(rows), tuple(questions), rankings)


def large_run(trials: int, *, arms: Sequence[str], words: int, passages: int = 20, seed: int = 3) -> MemoryRun:
    """A run of real size: `trials` rows, each question with its own `words` words in `passages` passages.

    The words are drawn from 4,000 as unevenly as those of a language, so that they deflate about as well.
    """
    random = np.random.default_rng(seed)
    letters = np.array(list("eeeetttaaaooiinnsshhrrddlcumwfgypbvk"))
    vocabulary = np.array(["".join(random.choice(letters, size=size)) for size in random.integers(2, 10, size=4000)])
    frequent = 1 / (np.arange(len(vocabulary)) + 3)
    pool = vocabulary[random.choice(len(vocabulary), size=1 << 22, p=frequent / frequent.sum())].tolist()

    def text(length: int) -> str:
        start = int(random.integers(len(pool) - length))
        return " ".join(pool[start : start + length])

    questions, rankings, rows = [], {}, []
    for number in range(trials // len(arms)):
        asked, ranking = example(f"q{number}", text(12), [text(words // passages) for _ in range(passages)], gold=7)
        questions.append(asked)
        rankings[asked.id] = ranking
        for arm in arms:
            answer = f"{text(40)} {'Paris' if random.random() < 0.5 else 'Oslo'}"
            rows.append(trial(arm, ranking, answer, reasoning=text(300)))
    return MemoryRun(Manifest(design(arms), "", len(questions), {}), tuple(rows), tuple(questions), rankings)
