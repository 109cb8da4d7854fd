from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.planning.measured import measured
from evaluation.store import create_run
from evaluation.trials import Trial
from rag.answer import Timings, Usage
from tests.evaluation.store.building import candidates, example, manifest, trial

ROWS = 6


def run_of(folder: Path, *, name: str = "a", gap: float = 0.0, usage: Usage | None = None, rows: int = ROWS) -> str:
    """A run whose trials each take two seconds, one after the other; the model's name."""
    spent = usage or Usage(prompt=100, completion=30, reasoning=20, cached=60)
    made = manifest(rows)
    with create_run(folder / f"{name}.rag-run", made) as store:
        for number in range(rows):
            store.add_example(example(number), candidates(number))
            one: Trial = trial(number, made.design.arms[0].name)
            began = 1000.0 + number * (2.0 + gap)
            store.put(replace(one, usage=spent, timings=Timings(total=2000.0), began=began))
    model = made.design.subjects[0].choice.model
    assert model
    return model


def test_speed_is_over_the_time_in_which_anything_was_in_flight(tmp_path: Path) -> None:
    """Six trials of two seconds: 6 s for 6 · 40 tokens read, 6 s for 6 · 30 tokens written; pauses do not count."""
    model = run_of(tmp_path, gap=50.0)
    found = measured(tmp_path, model)
    assert found is not None
    assert found.rates.prompt == pytest.approx(240 / 6)
    assert found.rates.generated == pytest.approx(180 / 6)
    assert "'a'" in found.rates.basis
    assert found.answer == 10


def test_nothing_is_told_of_other_models_by_few_trials_or_without_counts(tmp_path: Path) -> None:
    model = run_of(tmp_path / "few", rows=4)
    assert measured(tmp_path / "few", model) is None
    assert measured(tmp_path / "nothing", model) is None
    run_of(tmp_path / "none", usage=Usage())
    assert measured(tmp_path / "none", model) is None
    run_of(tmp_path / "some")
    assert measured(tmp_path / "some", "another") is None


def test_a_file_that_is_no_run_is_passed_over(tmp_path: Path) -> None:
    model = run_of(tmp_path)
    (tmp_path / "newer.rag-run").write_bytes(b"nothing of the kind")
    assert measured(tmp_path, model) is not None
