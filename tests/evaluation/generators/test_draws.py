"""Random choices."""

from collections import Counter
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from evaluation.generators.draws import chosen, numbers


@given(st.integers(), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_what_is_chosen_differs_is_in_range_and_begins_as_what_is_chosen_of_more(
    seed: int, more: int, one: int, other: int
) -> None:
    among = max(one, other) + more
    few, many = (chosen(seed, "x", among, count) for count in sorted((one, other)))
    assert many[: len(few)] == few
    assert len(set(many)) == len(many) == max(one, other)
    assert set(many) <= set(range(among))


def test_every_order_comes_about_as_often() -> None:
    found = Counter(tuple(chosen(seed, "x", 4, 4)) for seed in range(2400))
    assert set(found) == set(permutations(range(4)))
    assert all(60 <= count <= 140 for count in found.values())  # 100 are to be expected, 9.8 their standard deviation


def test_seed_and_purpose_both_matter_and_nothing_else() -> None:
    assert numbers(1, "x", 2) == numbers(1, "x", 3)[:2]
    assert len({numbers(1, "x", 2), numbers(2, "x", 2), numbers(1, "y", 2)}) == 3
    assert numbers(0, "pinned", 1) == (18035995446271252472,)
