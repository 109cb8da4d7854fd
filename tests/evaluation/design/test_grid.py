"""Flags over a grid: they replace what they name, and nothing else."""

from pathlib import Path

from evaluation.arms import Length, Subject
from evaluation.design.grid import DataChoice, with_flags
from rag.opening import ModelChoice
from tests.evaluation.building_grids import PAIR, grid_of

GRID = grid_of(
    """
[data]
path = "nq.jsonl"
format = "lost_in_the_middle"
n = 10
index = "handbook"
[arms]
placements = ["best_first", "edges"]
baseline = "edges"
"""
    + PAIR
)


def test_no_flags_change_nothing() -> None:
    assert with_flags(GRID) == GRID


def test_a_dataset_replaces_the_generator_and_how_a_file_is_read() -> None:
    flagged = with_flags(GRID, path=Path("mine.jsonl"), n=5)
    assert flagged.data == DataChoice(path=Path("mine.jsonl"), n=5, index="handbook")
    assert with_flags(GRID, generate="kv()").data == DataChoice(generate="kv()", n=10, index="handbook")


def test_placements_bring_their_own_baseline() -> None:
    flagged = with_flags(GRID, placements=["middle", "edges"], passages=[3], samples=2, seed=9, twins=False)
    assert flagged.arms.placements == ("middle", "edges")
    assert flagged.arms.baseline is None
    assert flagged.arms.lengths == (Length(passages=3),)
    assert (flagged.arms.samples, flagged.arms.seed, flagged.arms.twins) == (2, 9, False)


def test_a_budget_without_bound_is_a_budget() -> None:
    assert with_flags(GRID, think_budgets=[None]).arms.think_budgets == (None,)


def test_models_replace_all_models_and_are_named_after_themselves() -> None:
    choices = [ModelChoice("r1-qwen-7b"), ModelChoice("org/small"), ModelChoice("/w/b.Q4.gguf"), ModelChoice("x/small")]
    assert with_flags(GRID, models=choices).subjects == (
        Subject("r1-qwen-7b", choices[0]),
        Subject("small", choices[1]),
        Subject("b.Q4", choices[2]),
        Subject("small#2", choices[3]),
    )


def test_a_model_that_is_only_known_by_its_endpoint_has_a_name_too() -> None:
    choice = ModelChoice(base_url="http://127.0.0.1:8000/v1")
    assert with_flags(GRID, models=[choice]).subjects == (Subject("model", choice),)
