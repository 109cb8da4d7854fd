import pytest

from evaluation.analysis.values import Comparison, Interaction, OrderSensitivity, PositionEffect, PositionPoint
from evaluation.analysis.verdict import (
    comparison_sentence,
    comparison_verdict,
    direction,
    interaction_sentence,
    interaction_verdict,
    is_extractive,
    order_sentence,
    order_verdict,
    position_sentence,
    position_verdict,
    shape,
)
from evaluation.statistics.interval import Interval
from evaluation.statistics.missing import INCOMPLETE
from rag.opening import ModelChoice

NARROW, WIDE = Interval(-0.024, 0.046), Interval(-0.2, 0.2)


def comparison(**more: object) -> Comparison:
    fields: dict[str, object] = {
        "baseline": "best_first",
        "arm": "edges",
        "metric": "sub_span",
        "n": 441,
        "difference": 0.011,
        "interval": NARROW,
        "p": 0.54,
        "p_exact": 0.6,
        "p_adjusted": 0.54,
        "gained": 30,
        "lost": 25,
        "detectable": 0.05,
        "verdict": comparison_verdict("no difference shown", detectable=0.05, interval=NARROW),
    }
    return Comparison(**{**fields, **more})  # type: ignore[arg-type]


def test_comparison_reads_as_promised() -> None:
    assert comparison_sentence(comparison()) == (
        "edges vs best_first: +1.1 points [−2.4, 4.6], p = .54, n = 441: no difference shown; "
        "this run could have shown 5.0 points"
    )


def test_sentence_gives_the_adjusted_p_where_it_is_another() -> None:
    sentence = comparison_sentence(comparison(p=0.03, p_adjusted=0.09))
    assert "p = .030, adjusted p = .090, n" in sentence


def test_without_questions_there_are_no_numbers() -> None:
    empty = comparison(n=0, difference=None, interval=None, p=None, verdict="nothing to compare")
    assert comparison_sentence(empty) == "edges vs best_first: nothing to compare"


def test_costs_are_no_points() -> None:
    verdict = comparison_verdict("no difference shown", detectable=31.2, interval=Interval(-60, 10), share=False)
    assert verdict == "no difference shown; this run could have shown 31.2"
    sentence = comparison_sentence(
        comparison(difference=-25.0, interval=Interval(-60.0, 10.0), verdict=verdict), share=False
    )
    assert sentence.startswith("edges vs best_first: −25.0 [−60.0, 10.0], p = .54, n = 441: no difference")


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (0.1, 0.049, "higher"),
        (-0.1, 0.049, "lower"),
        (0.1, 0.05, "no difference shown"),
        (0.0, 1.0, "no difference shown"),
    ],
)
def test_direction_follows_p(difference: float, p: float, words: str) -> None:
    assert direction(difference, p) == words


def test_underpowered_contrasts_are_labelled() -> None:
    assert comparison_verdict("no difference shown", detectable=0.051, interval=NARROW).endswith("; underpowered")
    assert "underpowered" not in comparison_verdict("no difference shown", detectable=0.05, interval=NARROW)
    assert "underpowered" not in comparison_verdict("higher", detectable=0.05, interval=NARROW)
    assert "tend to look larger" in comparison_verdict("higher", detectable=0.2, interval=WIDE)


def test_where_too_little_differs_the_interval_tells_the_power() -> None:
    assert "underpowered" in comparison_verdict("no difference shown", detectable=None, interval=WIDE)
    identical = comparison_verdict("no difference shown", detectable=None, interval=Interval(-0.01, 0.01))
    assert identical == "no difference shown"


def test_secondary_metrics_are_labelled() -> None:
    verdict = comparison_verdict("higher", detectable=0.04, interval=NARROW, primary=False)
    assert verdict == "higher (secondary metric)"


def test_incomplete_comparison_says_what_to_do() -> None:
    verdict = comparison_verdict(INCOMPLETE, detectable=0.01, interval=NARROW)
    assert verdict == "incomplete: the verdict hangs on outcomes that are missing; run it again to ask for them"


@pytest.mark.parametrize(
    ("p", "flat", "words"),
    [
        (0.01, False, "not flat"),
        (0.01, True, "not flat, but by less than the margin"),
        (0.5, True, "flat"),
        (0.5, False, "neither shown"),
    ],
)
def test_shape_says_what_both_tests_say(p: float, flat: bool, words: str) -> None:
    assert shape(p, flat=flat) == words


@pytest.mark.parametrize(
    ("stands", "words"),
    [
        ("flat", "flat within 5.0 points (at most 4.1 points between any two positions)"),
        ("not flat", "not flat: the position of the evidence matters"),
        (
            "not flat, but by less than the margin",
            "not flat, but by less than 5.0 points (at most 4.1 points between any two positions)",
        ),
        (
            "neither shown",
            "neither an effect of the position nor flatness within 5.0 points is shown, which takes about 1,820 "
            "questions; underpowered",
        ),
        (INCOMPLETE, "incomplete: whether it is flat hangs on outcomes that are missing; run it again to ask for them"),
    ],
)
def test_position_verdicts(stands: str, words: str) -> None:
    assert position_verdict(stands, margin=0.05, bound=0.041, n=400, needed=1820) == words


def test_enough_questions_are_not_called_too_few() -> None:
    words = position_verdict("neither shown", margin=0.05, bound=0.06, n=400, needed=300)
    assert words == "neither an effect of the position nor flatness within 5.0 points is shown"


def test_where_nothing_differs_the_verdict_on_positions_is_underpowered() -> None:
    words = position_verdict("neither shown", margin=0.05, bound=0.575, n=2, needed=None)
    assert words.endswith("is shown; underpowered: too little differs to say how many questions it takes")


def test_position_sentence() -> None:
    points = tuple(PositionPoint(at, str(at), f"arm {at}", 0.5, NARROW, 400) for at in (1, 5, 10))
    effect = PositionEffect(
        series="r1 10 passages",
        subject="r1",
        length="10 passages",
        points=points,
        n=400,
        spread=0.071,
        flat_spread=0.03,
        p=0.02,
        p_adjusted=0.04,
        margin=0.05,
        flat=False,
        bound=0.1,
        edge_minus_middle=0.04,
        edge_interval=Interval(0.005, 0.075),
        edge_p=0.03,
        primacy=0.0,
        recency=0.0,
        slope=0.0,
        verdict="not flat",
    )
    assert position_sentence(effect) == (
        "r1 10 passages: spread 7.1 points over 3 positions (3.0 points if flat), p = .020, adjusted p = .040; "
        "edges − middle +4.0 points [0.5, 7.5]; n = 400: not flat"
    )


def interaction(**more: object) -> Interaction:
    fields: dict[str, object] = {
        "reasoning": "r1 10 passages",
        "twin": "qwen 10 passages",
        "kind": "same_base",
        "length": "10 passages",
        "n": 820,
        "difference": -0.06,
        "interval": Interval(-0.11, -0.01),
        "p": 0.02,
        "p_adjusted": None,
        "p_logit": 0.03,
        "detectable": 0.049,
        "verdict": "smaller",
    }
    return Interaction(**{**fields, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["no_think", "same_base", "related"])
def test_interaction_always_names_the_kind_of_twin(kind: str) -> None:
    sentence = interaction_sentence(interaction(kind=kind))
    assert f"({kind}): −6.0 points [−11.0, −1.0], p = .020 (logit p = .030), n = 820: smaller" in sentence


def test_interaction_verdicts() -> None:
    def words(stands: str, p_logit: float | None = 0.01, detectable: float | None = 0.04) -> str:
        return interaction_verdict(stands, p_logit=p_logit, detectable=detectable, interval=NARROW)

    assert words("lower") == "the edge–middle gap of the reasoning model is smaller"
    assert words("higher") == "the edge–middle gap of the reasoning model is larger"
    assert words("lower", 0.2).endswith("; not shown on the logit scale (p = .20), so a ceiling may make it")
    assert words("lower", None).endswith("; on the logit scale it could not be fitted")
    assert words("no difference shown") == "no interaction shown; this run could have shown 4.0 points"
    assert words("no difference shown", 0.2, 0.08).endswith("8.0 points; underpowered")
    assert words(INCOMPLETE).startswith("incomplete")


def test_order_verdicts() -> None:
    assert order_verdict(0.01, missing=0) == "the order changes outcomes, over complete questions"
    assert (
        order_verdict(0.2, missing=0) == "no effect of the order beyond the noise of repeats, over complete questions"
    )
    assert order_verdict(0.01, missing=3).startswith("incomplete")
    order = OrderSensitivity("r1 10 passages", 200, 4, 2, 0.15, 0.11, 0.01, "the order changes outcomes")
    assert order_sentence(order) == (
        "r1 10 passages, 4 orders × 2 samples: 15.0 % of pairs differ between orders, 11.0 % within one, p = .010, "
        "n = 200: the order changes outcomes"
    )


@pytest.mark.parametrize(
    ("choice", "extracts"),
    [
        (ModelChoice(), True),
        (ModelChoice("extractive"), True),
        (ModelChoice("qwen-7b"), False),
        (ModelChoice(base_url="http://localhost:8000/v1"), False),
    ],
)
def test_extractive_is_no_language_model(choice: ModelChoice, extracts: bool) -> None:
    assert is_extractive(choice) is extracts
