"""Passages named by number in a model's own words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.naming import find_names


def named(text: str) -> list[int]:
    return [label for name in find_names(text, count=9) for label in name.labels]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("passage 3", [3]),
        ("PASSAGE 3:", [3]),
        ("Passage 3's author", [3]),
        ("passage #3", [3]),
        ("passage (3)", [3]),
        ("passage number 3", [3]),
        ("passage no. 3", [3]),
        ("passage_3", [3]),
        ("Passage 10.", [10]),
        ("passage 3 further explains", [3]),
        ("passages 2 and 5", [2, 5]),
        ("passages 1, 2, and 4", [1, 2, 4]),
        ("passages 1 and 2 further explain", [1, 2]),
        ("Passages 2-4", [2, 3, 4]),
        ("Passages 2 through 4", [2, 3, 4]),
        ("documents (1) and (2)", [1, 2]),
        ("sources: 1, 2", [1, 2]),
        ("passage 3 and 4", [3, 4]),
        ("document 2", [2]),
        ("Doc 7", [7]),
        ("source 4", [4]),
        ("in #2", [2]),
        ("see #2, #3", [2, 3]),
        ("from (3)", [3]),
        ("the third passage", [3]),
        ("The 3rd document", [3]),
        ("the first and third passages", [1, 3]),
        ("the first, second and fourth documents", [1, 2, 4]),
        ("the first two passages", [1, 2]),
        ("the last passage", [9]),
        ("the last two documents", [8, 9]),
    ],
)
def test_passages_are_named_in_many_ways(text: str, labels: list[int]) -> None:
    assert named(f"So, {text} it is.") == labels


@pytest.mark.parametrize(
    "text",
    [
        "1. First I read",
        "in 1987",
        "document 1987",
        "3 years",
        "source 3 years old",
        "text 3.5",
        "source 1,000",
        "(3)",
        "the #1 hit",
        "version 3 of the text",
        "the first prize",
        "several passages",
        "a subtext 3 layers deep",
    ],
)
def test_other_numbers_name_none(text: str) -> None:
    assert named(f"So\n{text} it is.") == []


@pytest.mark.parametrize(
    "text", ["passage 3, 2 of them", "passage 3 and 2 others", "passage 3. 2 men", "passage 3 (2)"]
)
def test_a_number_behind_the_name_is_another(text: str) -> None:
    assert named(text) == [3]


@pytest.mark.parametrize("piece", ["first, ", "first and ", "passages 1, ", "in #1 ", "1, ", "passage 1-", "passages "])
def test_endless_lists_are_read_in_time(piece: str) -> None:
    """In less than a second; quadratic reading takes minutes."""
    started = time.perf_counter()
    sum(1 for _ in find_names(piece * 20_000, count=9))
    assert time.perf_counter() - started < 20


@given(st.text(alphabet="passage 123,-and#()thirdlst\n"))
def test_names_lie_in_the_text(text: str) -> None:
    for name in find_names(text, count=3):
        assert 0 <= name.start < name.end <= len(text)
        assert name.labels
