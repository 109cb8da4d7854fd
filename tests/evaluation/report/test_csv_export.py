"""Trials as CSV: a row each, as text and numbers, streaming, harmless in a spreadsheet."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from evaluation.metrics import parse_metric
from evaluation.report.csv_export import safe_cell, write_trials
from evaluation.trials import Trial
from tests.evaluation.report.building import MemoryRun, small_run

METRICS = [parse_metric(name) for name in ("sub_span", "recall@1", "gold_position")]


def rows_of(run: MemoryRun) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    write_trials(run, METRICS, file)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def test_a_row_has_settings_scores_tokens_and_times() -> None:
    rows = rows_of(small_run(3))
    assert len(rows) == 9
    assert rows[0] == {
        "arm": "best_first", "model": "r1", "placement": "best_first", "length": "5 passages", "think_budget": "",
        "layout": "question_after", "copy": "0", "example": "q0", "sample": "1", "finish": "answered",
        "sub_span": "0.0", "recall@1": "1.0", "gold_position": "1.0", "tokens_prompt": "700", "tokens_completion": "90",
        "tokens_reasoning": "60", "tokens_cached": "512", "tokens_context": "640", "ms_first_token": "120.0",
        "ms_total": "2345.0", "seed": "7", "attempts": "1",
    }  # fmt: skip
    assert [row["gold_position"] for row in rows[:3]] == ["1.0", "1.0", "3.0"]
    assert [row["sub_span"] for row in rows[:3]] == ["0.0", "1.0", "1.0"]


def test_what_has_no_score_is_an_empty_cell() -> None:
    run = small_run(1)
    failed = replace(run.rows[0], finish="failed", answer=None, error="gone")
    row = rows_of(replace(run, rows=(failed,)))[0]
    assert (row["finish"], row["sub_span"], row["recall@1"]) == ("failed", "", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_text_that_would_be_a_formula_is_kept_as_text(name: str) -> None:
    assert safe_cell(name) == f"'{name}"
    run = small_run(1)
    example = replace(run.questions[0], id=name)
    rankings = {name: replace(run.rankings["q0"], example=name)}
    trial = replace(run.rows[0], key=run.rows[0].key._replace(example=name))
    row = rows_of(replace(run, questions=(example,), rankings=rankings, rows=(trial,)))[0]
    assert row["example"] == f"'{name}"


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-1.5) == -1.5
    assert safe_cell("r1-qwen") == "r1-qwen"
    assert safe_cell(None) is None


@dataclass(frozen=True)
class Repeating(MemoryRun):
    """A run whose rows are made as they are read."""

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        for sample in range(3000):
            row = self.rows[0]
            yield replace(row, key=row.key._replace(sample=sample), answer="long " * 2000)


class Counting(io.StringIO):
    """A file that keeps nothing."""

    lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        return len(text)


def test_rows_are_written_as_they_are_read() -> None:
    """3,000 answers of 10 kB are 30 MB; that many are never held."""
    small = small_run(1)
    run = Repeating(small.manifest, small.rows, small.questions, small.rankings)
    file = Counting()
    tracemalloc.start()
    try:
        write_trials(run, [parse_metric("refused"), parse_metric("gold_position")], file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file.lines == 3001
    assert peak < 3_000_000
