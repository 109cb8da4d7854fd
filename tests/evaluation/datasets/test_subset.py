"""Parts of datasets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.datasets.subset import subset
from evaluation.examples import Dataset, Example
from indexes.errors import RequestError, UnknownNameError

TAGS = (("a",), ("a", "b"), ("b",), ())
WHOLE = Dataset("tiny", "questions", "00", tuple(Example(f"e{n}", "?", ("!",), tags=TAGS[n % 4]) for n in range(40)))


def ids(dataset: Dataset) -> list[str]:
    return [example.id for example in dataset.examples]


@given(st.integers(1, 40), st.integers(1, 40), st.integers())
def test_a_larger_sample_includes_the_smaller_and_both_keep_the_order(one: int, other: int, seed: int) -> None:
    small, large = (subset(WHOLE, n=n, seed=seed) for n in sorted((one, other)))
    assert len(small.examples) == min(one, other)
    assert set(ids(small)) <= set(ids(large))
    assert ids(large) == [name for name in ids(WHOLE) if name in set(ids(large))]


def test_each_example_is_chosen_about_as_often_and_by_the_seed_alone() -> None:
    samples = [ids(subset(WHOLE, n=10, seed=seed)) for seed in range(400)]
    counts = [sum(name in sample for sample in samples) for name in ids(WHOLE)]
    assert sum(counts) == 4000
    assert all(50 <= count <= 150 for count in counts)  # 100 are to be expected, 8.7 their standard deviation
    assert ids(subset(WHOLE, n=10, seed=7)) == samples[7]


def test_all_tags_must_be_there() -> None:
    assert ids(subset(WHOLE, n=None, seed=0, tags=("a",))) == [f"e{n}" for n in range(40) if n % 4 in (0, 1)]
    assert ids(subset(WHOLE, n=None, seed=0, tags=("b", "a"))) == [f"e{n}" for n in range(40) if n % 4 == 1]
    part = subset(WHOLE, n=3, seed=0, tags=("a",))
    assert {example.tags[0] for example in part.examples} == {"a"}


def test_the_whole_stays_itself_and_a_part_gets_a_name_and_checksum_of_its_own() -> None:
    assert subset(WHOLE, n=None, seed=5) == subset(WHOLE, n=40, seed=5) == WHOLE
    part, other = subset(WHOLE, n=10, seed=5), subset(WHOLE, n=10, seed=6)
    assert part.name == "tiny (10 of 40, seed 5)"
    assert subset(WHOLE, n=None, seed=5, tags=("a",)).name == "tiny (20 of 40, a)"
    assert len({part.checksum, other.checksum, WHOLE.checksum}) == 3
    assert part == subset(WHOLE, n=10, seed=5)


@pytest.mark.parametrize("n", [0, -1, 41])
def test_a_number_of_examples_that_there_is_not_is_refused(n: int) -> None:
    with pytest.raises(RequestError, match=f"tiny has 40 examples; wanted from 1 to so many, found {n}"):
        subset(WHOLE, n=n, seed=0)


def test_tags_that_no_example_has_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown tag 'c'; known: a, b; the tags are those of tiny"):
        subset(WHOLE, n=None, seed=0, tags=("c",))
    with pytest.raises(
        RequestError, match="tiny has 20 examples with the tags 'a'; wanted from 1 to so many, found 21"
    ):
        subset(WHOLE, n=21, seed=0, tags=("a",))
    apart = Dataset("apart", "questions", "00", (WHOLE.examples[0], WHOLE.examples[2]))
    with pytest.raises(RequestError, match="apart has no examples with the tags 'a', 'b'"):
        subset(apart, n=None, seed=0, tags=("a", "b"))
