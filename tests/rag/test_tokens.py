"""Tests of token counters."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rag.tokens import CachedCounter, EstimateCounter


def test_the_estimate_calls_itself_one() -> None:
    assert EstimateCounter().name == "estimate"


@given(st.text(), st.text())
def test_an_estimate_is_at_least_a_token_for_each_word_and_grows_with_the_text(one: str, two: str) -> None:
    together, single = EstimateCounter().count([f"{one} {two}", one])
    assert single >= len(one.split())
    assert together >= single


def test_the_estimate_counts_other_scripts_finer_than_latin() -> None:
    latin, chinese = EstimateCounter().count(["abcdefgh", "天空为什么是蓝色"])
    assert chinese > latin


def test_a_cached_counter_asks_once_for_each_text() -> None:
    asked: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return [len(text) for text in texts]

    counter = CachedCounter("letters", count)
    assert counter.name == "letters"
    assert counter.count(["a", "bb", "a"]) == [1, 2, 1]
    assert counter.count(["bb", "ccc"]) == [2, 3]
    assert asked == ["a", "bb", "ccc"]
