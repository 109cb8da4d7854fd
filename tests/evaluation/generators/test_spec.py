"""Generator specs: how they are written, checked and printed; and how generators are registered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.examples import Example
from evaluation.generators import generator, parse_generator
from indexes.errors import RequestError, UnknownNameError


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("kv", "kv(keys=75, examples=100, seed=0)"),
        ("kv()", "kv(keys=75, examples=100, seed=0)"),
        (" kv ( seed = -7 , keys=5 ) ", "kv(keys=5, examples=100, seed=-7)"),
        ("chain(hops=3)", "chain(hops=3, passages=20, examples=100, words=100, seed=0)"),
    ],
)
def test_a_spec_prints_in_one_form_that_parses_back(written: str, printed: str) -> None:
    spec = parse_generator(written)
    assert str(spec) == printed
    assert parse_generator(printed) == spec


@given(st.integers(), st.integers())
def test_every_parameter_survives_the_round_trip(keys: int, seed: int) -> None:
    spec = parse_generator(f"kv(seed={seed}, keys={keys})")
    assert parse_generator(str(spec)) == spec
    assert dict(spec.parameters) == {"keys": keys, "examples": 100, "seed": seed}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("kvv", "unknown generator 'kvv'; did you mean 'kv'"),
        ("", "unknown generator ''"),
        ("kv(key=5)", "generator 'kv' has no parameter 'key'; it takes keys, examples, seed"),
        ("kv(keys=5.0)", "generator 'kv': keys must be of type int, found 5.0"),
        ("kv(keys=True)", "keys must be of type int, found True"),
        ("kv(keys='5')", "keys must be of type int, found '5'"),
        ("kv(keys=open('x'))", "cannot be read; write a name"),
        ("kv(keys=5", "cannot be read"),
        ("kv(5)", "cannot be read"),
        ("kv(keys=5)(seed=1)", "cannot be read"),
        ("kv(keys=5, keys=6)", "cannot be read"),
        ("kv(**{'keys': 5})", "cannot be read"),
        ("kv(keys=" + "(" * 10_000, "cannot be read"),
        ("kv(keys=" + "9" * 10_000 + ")", "cannot be read"),
    ],
)
def test_what_cannot_be_a_spec_is_refused_briefly(written: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        parse_generator(written)
    assert len(str(caught.value)) < 300


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        parse_generator("haystack(n=1)")
    assert {"chain", "kv", "needle"} <= set(caught.value.known)


def test_a_generator_is_registered_once_and_with_defaults_only() -> None:
    def kv() -> tuple[Example, ...]:
        return ()

    def positional(n: int = 1) -> tuple[Example, ...]:
        return ()

    def undefined(*, n: int) -> tuple[Example, ...]:
        return ()

    with pytest.raises(RequestError, match="generator 'kv' is registered twice"):
        generator(kv)
    for function in (positional, undefined):
        with pytest.raises(RequestError, match="must be keyword-only and have an int, float or str as default"):
            generator(function)
