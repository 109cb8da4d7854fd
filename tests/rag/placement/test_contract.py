"""The contract that every placement policy keeps, plugins included: whatever is registered is tested."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.passages import Passage, RankedPassage
from rag.placement import parse_placement, place
from rag.placement.registry import all_policies

POLICIES = sorted(all_policies())

dates = st.sampled_from(
    ["", "soon", "2024", "2024-05", "2024-05-01", "2024-05-01T10:00:00+02:00", "0001-01-01T00:00+14:00"]
)
passages = st.builds(
    lambda text, source, start, date: Passage(
        id=text, text=text, source=source, title="", page=None, heading=None, start=start, end=start + len(text),
        metadata=(("date", date),) if date else (),
    ),
    st.sampled_from(["x", "y", "ü", ""]), st.sampled_from("abc"), st.integers(0, 99), dates,
)  # fmt: skip
rankings = st.lists(passages, max_size=60).map(
    lambda found: tuple(RankedPassage(passage, rank, 1 / rank) for rank, passage in enumerate(found, start=1))
)


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=50)
@given(ranked=rankings)
def test_a_policy_only_permutes_and_always_in_the_same_way(name: str, ranked: Sequence[RankedPassage]) -> None:
    spec = parse_placement(name)
    before = list(ranked)
    placed = place(ranked, spec)
    assert sorted(placed, key=lambda item: item.rank) == before
    assert placed == place(ranked, parse_placement(str(spec)))
    assert list(ranked) == before


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_takes_a_list_and_leaves_it_alone(name: str) -> None:
    items = [RankedPassage(Passage(str(n), "", "a", "", None, None, n, n), n, 0.0) for n in range(1, 8)]
    given_items = list(items)
    all_policies()[name].function(given_items)
    assert given_items == items
