from dataclasses import replace

from evaluation.analysis.series import (
    Pair,
    label_of,
    pairs,
    permutations,
    position_series,
    repeated,
    settings_of,
    twins,
)
from evaluation.arms import Arm, Length, Subject
from rag.opening import ModelChoice
from tests.evaluation.building_runs import QWEN, R1, TEN, again, arms, design

POSITIONS = ("gold_at(position=1)", "gold_at(position=5)", "gold_at(position=10)")
FORTY = Length(passages=40)


def named(prefix: str, of: tuple[Arm, ...]) -> tuple[Arm, ...]:
    return tuple(replace(arm, name=f"{prefix} {arm.name}") for arm in of)


def test_placements_are_compared_with_the_baseline() -> None:
    of = arms("best_first", "edges", "middle")
    assert pairs(design(of, baseline="edges")) == (
        Pair("edges", "best_first", "placement"),
        Pair("edges", "middle", "placement"),
    )


def test_bounds_and_repeats_are_not_compared() -> None:
    of = arms("best_first", "edges")
    bounds = arms("closed_book", "gold_only", length=Length())
    assert pairs(design([*of, *bounds, again(of[0])], baseline="best_first")) == (
        Pair("best_first", "edges", "placement"),
    )


def test_partner_differs_in_one_axis_and_has_the_baselines_value_there() -> None:
    thinks, quiet = arms("best_first", "edges"), named("no_think", arms("best_first", "edges", think_budget=0))
    long = named("long", arms("best_first", "edges", length=FORTY))
    found = pairs(design([*thinks, *quiet, *long], baseline="best_first"))
    assert found == (
        Pair("best_first", "edges", "placement"),
        Pair("best_first", "no_think best_first", "think_budget"),
        Pair("no_think best_first", "no_think edges", "placement"),
        Pair("best_first", "long best_first", "length"),
        Pair("long best_first", "long edges", "placement"),
    )


def test_arm_without_such_a_partner_is_not_compared() -> None:
    """It differs in placement and length, and neither step from it is an arm of the design."""
    of = [*arms("best_first"), *named("long", arms("edges", length=FORTY))]
    assert pairs(design(of, baseline="best_first")) == ()


def test_other_model_is_compared_with_the_baselines() -> None:
    of = [*arms("best_first", "edges"), *arms("best_first", "edges", subject="qwen")]
    assert pairs(design(of, subjects=(R1, QWEN), baseline="best_first")) == (
        Pair("best_first", "edges", "placement"),
        Pair("best_first", "qwen best_first", "subject"),
        Pair("qwen best_first", "qwen edges", "placement"),
    )


def test_model_without_budgets_is_compared_at_the_baselines_budget() -> None:
    of = [
        *arms("best_first", think_budget=512),
        *named("no_think", arms("best_first", think_budget=0)),
        *arms("best_first", subject="qwen"),
    ]
    assert pairs(design(of, subjects=(R1, QWEN), baseline="best_first")) == (
        Pair("best_first", "no_think best_first", "think_budget"),
        Pair("best_first", "qwen best_first", "subject"),
    )


def test_without_baseline_each_series_has_its_own_first() -> None:
    of = [*arms("best_first", "edges"), *arms("best_first", "edges", subject="qwen"), *arms("closed_book")]
    assert pairs(design(of, subjects=(R1, QWEN))) == (
        Pair("best_first", "edges", "placement"),
        Pair("best_first", "qwen best_first", "subject"),
        Pair("qwen best_first", "qwen edges", "placement"),
    )


def test_without_baseline_the_first_arms_of_lengths_and_budgets_are_compared_with_the_very_first() -> None:
    of = [
        *arms("best_first", "edges"),
        *named("no_think", arms("best_first", "edges", think_budget=0)),
        *named("long", arms("best_first", "edges", length=FORTY)),
        *named("long no_think", arms("best_first", "edges", length=FORTY, think_budget=0)),
    ]
    found = pairs(design(of))
    assert [pair for pair in found if pair.axis != "placement"] == [
        Pair("best_first", "no_think best_first", "think_budget"),
        Pair("best_first", "long best_first", "length"),
        Pair("long best_first", "long no_think best_first", "think_budget"),
    ]
    assert len(found) == len(of) - 1


def test_models_that_are_no_twins_are_not_compared_without_a_baseline() -> None:
    stranger = Subject("llama", ModelChoice("llama-8b"))
    of = [*arms("best_first", "edges"), *arms("best_first", "edges", subject="llama")]
    assert {pair.axis for pair in pairs(design(of, subjects=(R1, stranger)))} == {"placement"}


def test_a_twin_without_budgets_is_compared_at_the_first_budget() -> None:
    of = [
        *arms("best_first", "edges", think_budget=512),
        *named("no_think", arms("best_first", "edges", think_budget=0)),
        *arms("best_first", "edges", subject="qwen"),
    ]
    assert [pair for pair in pairs(design(of, subjects=(R1, QWEN))) if pair.axis == "subject"] == [
        Pair("best_first", "qwen best_first", "subject"),
    ]


def test_positions_of_one_series_are_in_order() -> None:
    of = arms("gold_at(position=10)", "best_first", "gold_at(position=1)", "gold_at(position=5)")
    (series,) = position_series(design([*of, again(of[0])]))
    assert (series.at, series.arms) == ((1, 5, 10), POSITIONS)
    assert (series.label, series.oracle, series.unit) == ("r1 10 passages", "gold_at", "position")


def test_one_position_is_no_series() -> None:
    assert position_series(design(arms("best_first", "gold_at(position=1)"))) == ()


def test_kinds_of_oracles_and_settings_make_series_of_their_own() -> None:
    deep = arms("gold_at_depth(depth=1e-05)", "gold_at_depth(depth=0.5)")
    of = [*arms(*POSITIONS), *deep, *named("long", arms(*POSITIONS, length=FORTY))]
    found = position_series(design(of))
    assert [one.label for one in found] == [
        "r1 10 passages gold_at",
        "r1 10 passages gold_at_depth",
        "r1 40 passages gold_at",
    ]
    assert found[1].unit == "depth"
    assert found[1].at == (1e-05, 0.5)


def test_twins_are_the_same_model_without_thinking_and_declared_ones() -> None:
    of = [
        *arms(*POSITIONS, think_budget=512),
        *named("no_think", arms(*POSITIONS, think_budget=0)),
        *arms(*POSITIONS, subject="qwen"),
    ]
    whole = design(of, subjects=(R1, QWEN))
    found = twins(whole, position_series(whole))
    assert [(one.reasoning.label, one.twin.label, one.kind) for one in found] == [
        ("r1 10 passages think 512", "r1 10 passages no_think", "no_think"),
        ("r1 10 passages think 512", "qwen 10 passages", "same_base"),
    ]


def test_strangers_other_lengths_and_two_positions_are_no_twins() -> None:
    stranger = Subject("llama", ModelChoice("llama-8b"))
    of = [
        *arms(*POSITIONS),
        *arms(*POSITIONS, subject="llama"),
        *arms(*POSITIONS, subject="qwen", length=FORTY),
        *named("short", arms(*POSITIONS[:2], subject="qwen")),
    ]
    whole = design(of, subjects=(R1, QWEN, stranger))
    assert twins(whole, position_series(whole)) == ()


def test_shuffled_arms_of_one_series_belong_together() -> None:
    shuffles = [f"shuffled(seed={seed})" for seed in range(4)]
    of = design([*arms("best_first", *shuffles), *named("long", arms(*shuffles[:3], length=FORTY))])
    (found,) = permutations(of, least=4)
    assert found.arms == tuple(shuffles)


def test_repeat_is_found_beside_its_original() -> None:
    of = arms("best_first", "edges")
    assert repeated(design([*of, again(of[1])])) == ((of[1], again(of[1])),)


def test_label_says_what_varies() -> None:
    plain = arms("edges")
    before = named("before", arms("edges", layout="question_before"))
    budget = named("budget", arms("edges", think_budget=512))
    assert label_of(settings_of(plain[0]), design(plain)) == "r1 10 passages"
    many = design([*plain, *before, *budget])
    assert label_of(settings_of(before[0]), many) == "r1 10 passages think free question_before"
    assert label_of(settings_of(Arm("a", "r1", "edges", TEN, 512)), many) == "r1 10 passages think 512 question_after"
