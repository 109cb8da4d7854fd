"""The trials of a run as CSV: one row each, with its arm's settings, scores, tokens and times."""

import csv
from collections.abc import Sequence
from typing import IO

from evaluation.arms import Arm
from evaluation.metrics import MetricSpec
from evaluation.metrics.scorer import scorer
from evaluation.run import Run
from evaluation.scores import Score
from evaluation.trials import Trial

_SETTINGS = ("arm", "model", "placement", "length", "think_budget", "layout", "copy")
_TRIAL = ("example", "sample", "finish")
_SPENT = (
    "tokens_prompt",
    "tokens_completion",
    "tokens_reasoning",
    "tokens_cached",
    "tokens_context",
    "ms_first_token",
    "ms_total",
    "seed",
    "attempts",
)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")

Cell = str | int | float | None


def write_trials(run: Run, metrics: Sequence[MetricSpec], file: IO[str]) -> None:
    """Writes a row for each trial of `run`, as it is read: no two are held at a time.

    What is not known is an empty cell. Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Args:
        run: whose trials.
        metrics: a column each.
        file: opened with ``newline=""`` and UTF-8.
    """
    rows = csv.writer(file)  # lines end as RFC 4180 has it; with "\n" a lone "\r" would not be quoted
    rows.writerow([*_SETTINGS, *_TRIAL, *map(str, metrics), *_SPENT])
    arms = {arm.name: _settings(arm) for arm in run.manifest.design.arms}
    score = scorer(run, metrics)
    for trial in run.trials():
        rows.writerow([*arms[trial.key.arm], *_row(trial, score(trial))])


def safe_cell(value: Cell) -> Cell:
    """`value`; text that a spreadsheet would take for a formula with an apostrophe before it.

    >>> safe_cell("=1+1"), safe_cell(-1.5), safe_cell("a-b")
    ("'=1+1", -1.5, 'a-b')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _settings(arm: Arm) -> list[Cell]:
    values = (arm.name, arm.subject, arm.placement, str(arm.length), arm.think_budget, arm.layout, arm.copy)
    return [safe_cell(value) for value in values]


def _row(trial: Trial, scores: Sequence[Score]) -> list[Cell]:
    usage, timings = trial.usage, trial.timings
    values: list[Cell] = [trial.key.example, trial.key.sample, trial.finish]
    values += [score.value for score in scores]
    values += [usage.prompt, usage.completion, usage.reasoning, usage.cached, trial.tokens]
    values += [timings.first_token, timings.total, trial.seed, trial.attempts]
    return [safe_cell(value) for value in values]
