"""Numbers as people read them."""

import math

import pytest

from evaluation.analysis.numbers import (
    interval_points,
    number,
    p_value,
    percent,
    points,
    short_p,
    signed_number,
)
from evaluation.statistics.interval import Interval


def test_shares_differences_and_intervals() -> None:
    assert percent(0.541) == "54.1 %"
    assert points(0.011) == "+1.1 points"
    assert points(-0.011) == "−1.1 points"
    assert interval_points(Interval(-0.024, 0.046)) == "[−2.4, 4.6]"


def test_what_rounds_to_0_has_no_sign() -> None:
    assert points(-0.0001) == points(0.0001) == points(0.0) == points(-0.0) == "0.0 points"
    assert interval_points(Interval(-0.0001, 0.0001)) == "[0.0, 0.0]"
    assert signed_number(-0.001) == signed_number(0.001) == "0.0"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.54, "p = .54"),
        (0.05, "p = .050"),
        (0.049, "p = .049"),
        (0.0994, "p = .099"),
        (0.0996, "p = .10"),
        (0.001, "p = .001"),
        (0.00099, "p < .001"),
        (0.994, "p = .99"),
        (0.999, "p > .99"),
        (1.0, "p = 1"),
        (0.0, "p < .001"),
    ],
)
def test_p_values(p: float, text: str) -> None:
    assert p_value(p) == text
    assert short_p(p) == text.removeprefix("p ").removeprefix("= ")


def test_means_of_counts_and_times() -> None:
    assert [number(value) for value in (0, 0.456, 1, 12.34, 99.96, 1234.5)] == [
        "0.0",
        "0.46",
        "1.0",
        "12.3",
        "100",
        "1,234",
    ]
    assert signed_number(-12.34) == "−12.3"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_not_printed(value: float) -> None:
    for draw in (percent, points, number, signed_number):
        with pytest.raises(ValueError, match="finite"):
            draw(value)
