"""From grids to designs: arms, their order and names, baselines, twins, sampling, size."""

from collections import Counter
from dataclasses import replace

import pytest

from evaluation.arms import Arm, Length, Subject
from evaluation.design.designing import design
from evaluation.design.grid import ArmChoice, Grid, SamplingChoice, with_flags
from evaluation.design.grid_file import load_grid
from indexes.errors import RequestError
from rag.models.catalogue import Model, models
from rag.opening import ModelChoice, sampling_of
from tests.evaluation.building_grids import MODEL, PAIR, design_of, grid_of, thinks, with_model

TWO = '[arms]\nplacements = ["best_first", "edges"]\n'


def test_arms_come_in_a_fixed_order_with_the_bounds_behind_and_the_repeat_last() -> None:
    made = design_of(
        TWO + "passages = [5, 10]\nrepeat = true\nclosed_book = true\ngold_only = true\n[models.x]\nmodel='smollm2'"
    )
    five, ten = Length(passages=5), Length(passages=10)
    assert made.arms == (
        Arm("best_first 5 passages", "x", "best_first", five),
        Arm("edges 5 passages", "x", "edges", five),
        Arm("best_first 10 passages", "x", "best_first", ten),
        Arm("edges 10 passages", "x", "edges", ten),
        Arm("closed_book", "x", "closed_book", Length()),
        Arm("gold_only", "x", "gold_only", Length()),
        Arm("best_first 5 passages (again)", "x", "best_first", five, copy=1),
    )


def test_a_model_that_thinks_is_also_asked_without_thinking() -> None:
    budgets = [arm.think_budget for arm in design_of("arms.placements = ['edges']" + MODEL).arms]
    assert budgets == [None, 0]


def test_the_twin_is_not_added_twice_nor_where_it_is_not_wanted() -> None:
    given = "[arms]\nplacements = ['edges']\nthink_budgets = [0, 'free']\n"
    assert [arm.think_budget for arm in design_of(given + MODEL).arms] == [0, None]
    unwanted = design_of("[arms]\nplacements = ['edges']\ntwins = false\n" + MODEL)
    assert [arm.think_budget for arm in unwanted.arms] == [None]


def test_a_model_that_does_not_think_has_no_budgets() -> None:
    made = design_of("[arms]\nplacements = ['edges']\nthink_budgets = ['free', 512]\n" + PAIR)
    assert [(arm.subject, arm.think_budget) for arm in made.arms] == [
        ("r1", None),
        ("r1", 512),
        ("r1", 0),
        ("base", None),
    ]


def test_bounds_are_made_for_each_model_and_budget_and_not_for_each_length() -> None:
    made = design_of(TWO + "passages = [5, 10]\nclosed_book = true\ngold_only = true\n" + PAIR)
    bounds = [(arm.subject, arm.think_budget, arm.placement) for arm in made.arms if arm.length == Length()]
    assert bounds == [
        ("r1", None, "closed_book"),
        ("r1", None, "gold_only"),
        ("r1", 0, "closed_book"),
        ("r1", 0, "gold_only"),
        ("base", None, "closed_book"),
        ("base", None, "gold_only"),
    ]


def test_the_baseline_of_one_series_is_its_first_arm() -> None:
    assert design_of(TWO + "twins = false\n" + MODEL).baseline == "best_first"


def test_a_named_baseline_comes_first() -> None:
    made = design_of(TWO + "twins = false\nrepeat = true\nbaseline = 'edges'\n" + MODEL)
    assert [arm.name for arm in made.arms] == ["edges", "best_first", "edges (again)"]
    assert made.baseline == "edges"


def test_several_series_have_a_baseline_each_which_comes_first() -> None:
    made = design_of(TWO + "baseline = 'edges'\n" + MODEL)
    assert made.baseline is None
    assert [arm.name for arm in made.arms] == [
        "edges think free",
        "best_first think free",
        "edges no_think",
        "best_first no_think",
    ]


def test_where_placements_do_not_vary_the_first_arm_is_the_baseline_of_all() -> None:
    made = design_of("[arms]\nplacements = ['edges']\nthink_budgets = [0, 512]\n" + MODEL)
    assert made.baseline == "no_think"


def test_the_kind_of_a_twin_is_that_of_the_catalogue() -> None:
    assert [(one.name, one.twin_of, one.kind) for one in design_of(TWO + PAIR).subjects] == [
        ("r1", None, None),
        ("base", "r1", "related"),
    ]


def test_the_kind_of_a_twin_that_the_catalogue_does_not_know_must_be_said() -> None:
    unknown = TWO + MODEL + "[models.base]\nmodel = 'mine'\ntwin_of = 'r1'\n"
    with pytest.raises(RequestError, match=r"models.base.kind: the catalogue does not say .* kind = \"same_base\""):
        design_of(unknown)
    assert design_of(unknown + "kind = 'same_base'").subjects[1].kind == "same_base"


def test_a_kind_against_the_catalogue_is_refused() -> None:
    with pytest.raises(RequestError, match="'same_base', but the catalogue says 'related'"):
        design_of(TWO + PAIR + "kind = 'same_base'")


def test_a_catalogue_of_the_users_own_knows_kinds_too() -> None:
    from rag.models.catalogue import Twin

    own = {
        "big": Model("big", "", True, "inside", twins=(Twin("big", "no_think"), Twin("small", "same_base"))),
        "small": Model("small", "", False, "never"),
    }
    grid = grid_of(TWO + "[models.a]\nmodel = 'big'\n[models.b]\nmodel = 'small'\ntwin_of = 'a'")
    assert design(grid, reasons=lambda one: one.name == "a", catalogue=own).subjects[1].kind == "same_base"


def test_sampling_is_the_same_for_all_models() -> None:
    choices = [subject.choice for subject in design_of(TWO + PAIR).subjects]
    # r1 is recommended .6 and .95, qwen-7b .7 and .8: those of the first hold
    assert {(choice.temperature, choice.top_p) for choice in choices} == {(0.6, 0.95)}


def test_what_the_grid_says_of_sampling_holds() -> None:
    made = design_of(TWO + PAIR + "[sampling]\ntemperature = 0.0\nmax_tokens = 700")
    assert {(one.choice.temperature, one.choice.max_tokens) for one in made.subjects} == {(0.0, 700)}


def test_a_single_model_is_sampled_as_its_makers_recommend() -> None:
    choice = design_of(TWO + MODEL).subjects[0].choice
    assert (choice.temperature, choice.top_p) == (None, None)
    assert choice.max_tokens == sampling_of(choice, models()["r1-qwen-7b"]).max_tokens


def test_all_budgets_have_the_room_of_the_largest() -> None:
    made = design_of("[arms]\nplacements = ['edges']\nthink_budgets = [512, 'free', 8000]\n" + MODEL)
    assert made.subjects[0].choice.max_tokens == 8000 + 1024


def test_seed_and_budget_of_a_model_are_left_to_the_arms() -> None:
    grid = with_flags(grid_of(TWO), models=[ModelChoice("r1-qwen-7b", seed=5, think_budget=9)])
    choice = design(grid, reasons=thinks).subjects[0].choice
    assert (choice.seed, choice.think_budget) == (None, None)


def test_a_grid_without_a_model_says_how_to_name_one() -> None:
    with pytest.raises(RequestError, match=r"'position.toml' names no model; give one by --model, or a table \[models"):
        design_of(TWO)


def test_budgets_without_a_model_that_thinks_are_refused() -> None:
    with pytest.raises(RequestError, match=r"none of the models thinks \(x\)"):
        design_of(TWO + "think_budgets = ['free', 512]\n[models.x]\nmodel = 'smollm2'")


@pytest.mark.parametrize("samples", [10_000_000, 2_000_000])
def test_ten_million_cells_are_refused_with_their_count_unless_confirmed_and_not_built(samples: int) -> None:
    grid = grid_of(TWO + f"samples = {samples}\ntwins = false\n" + MODEL)
    with pytest.raises(RequestError, match=f"{2 * samples:,} trials .*more than 100,000; make it smaller, or confirm"):
        design(grid, reasons=thinks)
    assert design(grid, reasons=thinks, confirm_above=None).samples == samples


def test_many_arms_are_counted_before_they_are_made() -> None:
    many = tuple(f"shuffled(seed={seed})" for seed in range(300))
    grid = Grid("big", arms=ArmChoice(many, tuple(Length(tokens=tokens) for tokens in range(1, 400))))
    with pytest.raises(RequestError, match="the flags makes 119,700 trials"):
        design(with_model(grid, "smollm2"), reasons=thinks)


def test_examples_count_as_trials() -> None:
    grid = grid_of(TWO + "repeat = true\ntwins = false\n[data]\nn = 40000" + MODEL)
    with pytest.raises(RequestError, match=r"120,000 trials \(3 arms, 1 samples, 40,000 examples\)"):
        design(grid, reasons=thinks)
    assert len(design(grid, reasons=thinks, examples=100).arms) == 3


def test_no_examples_are_refused() -> None:
    with pytest.raises(RequestError, match="there are no examples to ask"):
        design(grid_of(TWO + MODEL), reasons=thinks, examples=0)


def test_models_whose_names_make_equal_arms_are_refused() -> None:
    grid = grid_of(
        TWO + "passages = [5, 10]\n[models.a]\nmodel = 'smollm2'\n[models.'a best_first']\nmodel = 'qwen-7b'\n"
    )
    made = design(grid, reasons=thinks)
    assert len({arm.name for arm in made.arms}) == len(made.arms)
    clash = replace(
        grid,
        arms=ArmChoice(("edges",), think_budgets=(None, 5), twins=False),
        subjects=(Subject("a", ModelChoice("r1-qwen-7b")), Subject("a think 5", ModelChoice("smollm2"))),
    )
    with pytest.raises(RequestError, match="two arms would both be called 'a think 5'; rename a model"):
        design(clash, reasons=thinks)


@pytest.mark.parametrize(
    ("name", "arms"),
    [
        # (placements × lengths + 2 bounds) × (free, no_think) + A/A
        ("position", (5 * 2 + 2) * 2 + 1),
        ("placement", 11 + 2 + 1),
        ("length", (3 * 4 + 2) * 2 + 1),
        ("budget", (1 + 2) * 5 + 1),
        ("kv", (5 * 2 + 2) * 2 + 1),
    ],
)
def test_ready_grids_make_their_arms_once_a_model_is_given(name: str, arms: int) -> None:
    made = design(with_flags(load_grid(name), models=[ModelChoice("r1-qwen-7b")]), reasons=thinks)
    assert len(made.arms) == arms
    assert Counter(arm.copy for arm in made.arms)[1] == 1
    assert len({arm.name for arm in made.arms}) == arms


def test_clusters_are_those_of_the_grid_and_by_default_each_question() -> None:
    assert design_of(TWO + MODEL).clusters == "question"
    assert design_of(TWO + MODEL + "[metrics]\nclusters = 'source'\n").clusters == "source"


def test_designs_are_the_same_every_time() -> None:
    assert design_of(TWO + PAIR) == design_of(TWO + PAIR)


def test_sampling_choice_of_nothing_leaves_the_flags_of_the_model() -> None:
    grid = with_flags(grid_of(TWO), models=[ModelChoice("smollm2", temperature=0.1, max_tokens=99)])
    assert grid.sampling == SamplingChoice()
    choice = design(grid, reasons=thinks).subjects[0].choice
    assert (choice.temperature, choice.max_tokens) == (0.1, 99)
