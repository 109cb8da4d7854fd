"""A grid that is written reads back equal, whatever it holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.arms import Length, Subject
from evaluation.design.grid import ArmChoice, DataChoice, Grid, MetricChoice, SamplingChoice, with_flags
from evaluation.design.grid_file import load_grid, parse_grid, ready_grids
from evaluation.design.grid_writing import written
from rag.opening import ModelChoice
from tests.evaluation.building_grids import PAIR, grid_of

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)
COUNTS = st.integers(1, 50)


def again(grid: Grid) -> Grid:
    return parse_grid(written(grid).encode(), name="other", origin="again", folder=Path("/elsewhere"))


@pytest.mark.parametrize("name", ready_grids())
def test_ready_grids_read_back_equal(name: str) -> None:
    assert again(load_grid(name)) == load_grid(name)


def test_flags_are_written_and_keys_are_not() -> None:
    grid = with_flags(
        grid_of("arms.placements = ['edges']\n" + PAIR),
        path=Path("/study/mine.jsonl"),
        models=[ModelChoice("m", "http://127.0.0.1:1/v1", "secret")],
        think_budgets=[None, 5],
    )
    assert "secret" not in written(grid)
    found = again(grid)
    assert found.data.path == Path("/study/mine.jsonl")
    assert found.subjects == (Subject("m", ModelChoice("m", "http://127.0.0.1:1/v1")),)
    assert found.arms.think_budgets == (None, 5)


@given(
    st.builds(
        Grid,
        name=WORDS,
        data=st.builds(
            DataChoice,
            path=st.none() | st.just(Path('/a "b"/ü\n.jsonl')),
            n=st.none() | COUNTS,
            tags=st.lists(WORDS).map(tuple),
            index=st.none() | WORDS,
            retrieve=st.integers(50, 99),
            reranker=st.none() | WORDS,
        ),
        subjects=st.lists(NAMES, unique=True).map(
            lambda names: tuple(Subject(name, ModelChoice(f"m{at}", timeout=7.5)) for at, name in enumerate(names))
        ),
        arms=st.builds(
            ArmChoice,
            placements=st.just(("edges", "shuffled(seed=3)")),
            lengths=st.lists(COUNTS, min_size=1, unique=True).flatmap(
                lambda sizes: st.sampled_from(
                    [tuple(Length(passages=size) for size in sizes), tuple(Length(tokens=size) for size in sizes)]
                )
            ),
            think_budgets=st.lists(st.none() | st.integers(0, 99), min_size=1, unique=True).map(tuple),
            twins=st.booleans(),
            samples=COUNTS,
            baseline=st.sampled_from([None, "edges", "shuffled(seed=3)"]),
            seed=st.integers(0, 99),
        ),
        sampling=st.builds(
            SamplingChoice, st.none() | st.floats(0, 2), st.none() | st.floats(1e-9, 1), st.none() | st.just(100)
        ),
        metrics=st.builds(
            MetricChoice,
            secondary=st.sampled_from([(), ("token_f1", "recall@5")]),
            margin=st.floats(0, 1, exclude_min=True, exclude_max=True),
            clusters=st.sampled_from(["question", "source"]),
        ),
    )
)
def test_whatever_a_grid_holds_it_reads_back_equal(grid: Grid) -> None:
    assert again(grid) == grid
