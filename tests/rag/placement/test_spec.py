"""Placement specs: how they are written, checked and printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import RequestError, UnknownNameError
from rag.placement import drawing, parse_placement


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("edges", "edges"),
        ("edges()", "edges"),
        ("shuffled", "shuffled(seed=0)"),
        (" shuffled ( seed = -7 ) ", "shuffled(seed=-7)"),
        ("best_at(depth=1)", "best_at(depth=1.0)"),
        ('newest_last(key="year")', "newest_last(key='year')"),
    ],
)
def test_a_spec_prints_in_one_form_that_parses_back(written: str, printed: str) -> None:
    spec = parse_placement(written)
    assert str(spec) == printed
    assert parse_placement(printed) == spec


@given(st.integers(), st.floats(0, 1), st.text())
def test_every_parameter_survives_the_round_trip(seed: int, depth: float, key: str) -> None:
    for written in (f"shuffled(seed={seed})", f"best_at(depth={depth!r})", f"newest_last(key={key!r})"):
        assert parse_placement(str(parse_placement(written))) == parse_placement(written)


def test_defaults_are_part_of_a_spec() -> None:
    assert parse_placement("shuffled") == parse_placement("shuffled(seed=0)") != parse_placement("shuffled(seed=1)")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("best_at(depth=2)", r"'best_at\(depth=2.0\)': depth must be from 0"),
        ("best_at(depth=-0.1)", "depth must be from 0"),
        ("best_at(depth=1e999)", "must be of type float"),
        ("best_at(depth='deep')", "must be of type float, found 'deep'"),
        ("shuffled(seed=1.5)", "must be of type int, found 1.5"),
        ("shuffled(seed=True)", "must be of type int, found True"),
        ("shuffled(depth=1)", "no parameter 'depth'; it takes seed"),
        ("edges(depth=1)", "no parameter 'depth'; it takes none"),
        ("shuffled(7)", "cannot be read"),
        ("shuffled(seed=", "cannot be read"),
        ("shuffled(seed=1, seed=2)", "cannot be read"),
        ("shuffled(**{'seed': 1})", "cannot be read"),
        ("shuffled(seed=print())", "cannot be read"),
        ("shuffled(seed=1).x", "cannot be read"),
        ("shuffled(seed=\0)", "cannot be read"),
    ],
)
def test_a_wrong_spec_says_what_is_wrong(written: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        parse_placement(written)


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown placement 'middel'; did you mean 'middle'.*best_first"):
        parse_placement("middel")
    with pytest.raises(UnknownNameError):
        parse_placement("")


def test_a_drawing_of_nothing_is_refused() -> None:
    with pytest.raises(RequestError, match="k must be at least 1, found 0"):
        drawing(0)
