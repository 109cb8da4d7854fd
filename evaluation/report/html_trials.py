"""The trials of a run for a page: a light index of all of them, and their details and passages in blocks."""

from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any

from evaluation.analysis.values import Report
from evaluation.candidates import Candidates
from evaluation.report.arm_tables import FINISHES
from evaluation.report.html_blocks import Blocks
from evaluation.run import Run
from evaluation.scores import Score
from evaluation.trials import Trial

TRIALS_A_BLOCK, PASSAGES_A_BLOCK = 64, 256
"""How many details or passages are unpacked at once."""
_BEGINNING = 140
"""Characters of an answer that the index knows."""

Scorer = Callable[[Trial], Sequence[Score]]
"""What all metrics of the run say of a trial."""


def write_details(run: Run, report: Report, scores_of: Scorer, file: IO[str]) -> dict[str, Any]:
    """Writes the blocks, one trial at a time, and returns the index of all trials.

    Returns:
        JSON values: names of arms, outcomes and metrics (the primary one first), the questions, and one column for
        each thing that the table shows, in the order of `run.trials()`.
    """
    arms = {arm.name: number for number, arm in enumerate(run.manifest.design.arms)}
    finishes = {finish: number for number, finish in enumerate(FINISHES)}
    examples, design = run.examples(), run.manifest.design
    numbers = {example.id: number for number, example in enumerate(examples)}
    metrics = {name: number for number, name in enumerate(dict.fromkeys((design.primary, *design.secondary)))}
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    scores: list[list[float | None]] = [[] for _ in metrics]
    details, passages = Blocks(file, "trial", TRIALS_A_BLOCK), Blocks(file, "passage", PASSAGES_A_BLOCK)
    places: dict[str, int] = {}
    ranking = Candidates("", ())
    for trial in run.trials():
        if trial.key.example != ranking.example:
            ranking = run.candidates(trial.key.example)
        scored = {score.metric: score for score in scores_of(trial)}
        _add_passages(run, trial, places, passages)
        details.add(_detail(trial, ranking, places, scored.values()))
        row = (
            numbers[trial.key.example],
            arms[trial.key.arm],
            trial.key.sample,
            finishes[trial.finish],
            trial.usage.reasoning,
            _answer_tokens(trial),
            None if trial.timings.total is None else round(trial.timings.total),
            " ".join((trial.answer or "")[: 2 * _BEGINNING].split())[:_BEGINNING],
        )
        for name, value in zip(_COLUMNS, row, strict=True):
            columns[name].append(value)
        for metric, number in metrics.items():
            score = scored.get(metric)
            scores[number].append(None if score is None or score.value is None else round(score.value, 6))
    details.close()
    passages.close()
    return {
        "arms": list(arms),
        "baseline": report.baseline,
        "finishes": list(FINISHES.items()),
        "metrics": list(metrics),
        "samples": design.samples,
        "trialsABlock": TRIALS_A_BLOCK,
        "passagesABlock": PASSAGES_A_BLOCK,
        "questions": [[example.id, example.question, example.answers] for example in examples],
        "columns": columns,
        "scores": scores,
    }


_COLUMNS = ("question", "arm", "sample", "finish", "thinking", "answerTokens", "ms", "answer")


def _add_passages(run: Run, trial: Trial, places: dict[str, int], passages: Blocks) -> None:
    """Writes the passages of its context that were not written before, and notes their numbers in `places`."""
    new = [id_ for id_ in dict.fromkeys(trial.context) if id_ not in places]
    found = run.passages(new) if new else {}
    for id_ in new:
        places[id_] = len(passages)
        passage = found.get(id_)
        passages.add(
            [id_, "", "", None, None, None]
            if passage is None
            else [id_, passage.source, passage.title, passage.heading, passage.page, passage.text]
        )


def _detail(trial: Trial, ranking: Candidates, places: dict[str, int], scores: Iterable[Score]) -> dict[str, Any]:
    known = {candidate.ranked.passage.id: candidate for candidate in ranking.candidates}
    slots = [(places[id_], known.get(id_)) for id_ in trial.context]
    usage, timings = trial.usage, trial.timings
    return {
        "answer": trial.answer,
        "reasoning": trial.reasoning,
        "slots": [[place, found and found.ranked.rank, found and found.kind] for place, found in slots],
        "tokens": trial.tokens,
        "prompt": usage.prompt,
        "cached": usage.cached,
        "firstToken": timings.first_token,
        "seed": trial.seed,
        "attempts": trial.attempts,
        "hash": trial.prompt_hash,
        "warnings": trial.warnings,
        "error": trial.error,
        "reason": trial.reason,
        "unscored": {score.metric: score.reason or score.status for score in scores if score.status != "ok"},
    }


def _answer_tokens(trial: Trial) -> int | None:
    usage = trial.usage
    if usage.completion is None:
        return None
    return max(0, usage.completion - (usage.reasoning or 0))
