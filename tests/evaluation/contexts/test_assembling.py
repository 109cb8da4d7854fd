"""The contexts of the arms of one question: which passages they share, and in which order each has them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.arms import Length
from evaluation.candidates import Candidate, Candidates, Kind
from evaluation.contexts.assembling import context_for, select_lengths
from evaluation.design.oracle import parse_arm_placement
from indexes.errors import RequestError
from indexes.passages import Ranking
from rag.context import Context
from rag.placement.registry import all_policies
from rag.prompt import build_prompt, render_passage
from rag.selection import select
from tests.evaluation.building_candidates import Words, candidates, passage

ROOM = 10_000
FOUR = Length(passages=4)
TEN_TOKENS = 10
"""Of each passage in the prompt: label, title, eight words."""

PLACEMENTS = [
    *(f"{name}" for name in all_policies()),
    *("shuffled(seed=7)", "gold_at(position=1)", "gold_at_depth(depth=0.5)", "gold_at_depth(depth=1)"),
]


def settled(made: Candidates, *lengths: Length, room: int = ROOM) -> Candidates:
    return replace(made, selections=select_lengths(made, lengths, count=Words().count, room=room))


def context(made: Candidates, placement: str, length: Length = FOUR, *, room: int = ROOM) -> Context:
    found = context_or_reason(made, placement, length, room=room)
    assert isinstance(found, Context), found
    return found


def context_or_reason(made: Candidates, placement: str, length: Length = FOUR, *, room: int = ROOM) -> Context | str:
    chosen = parse_arm_placement(placement)
    return context_for(settled(made, length, room=room), length, chosen, counter=Words(), room=room)


def ranks(found: Context) -> list[int]:
    return [slot.ranked.rank for slot in found.slots]


FIVE: list[Kind] = ["retrieved"] * 5
ALL_GOLD: list[Kind] = ["gold"] * 5
KINDS: st.SearchStrategy[list[Kind]] = st.lists(st.sampled_from(("gold", "retrieved")), min_size=1, max_size=20)
LENGTHS = st.one_of(
    st.integers(1, 25).map(lambda n: Length(passages=n)), st.integers(5, 250).map(lambda n: Length(tokens=n))
)


@given(KINDS, LENGTHS, st.integers(8, 250))
def test_all_arms_of_a_length_have_the_same_passages(kinds: list[Kind], length: Length, room: int) -> None:
    made = candidates(kinds)
    found = [context_or_reason(made, placement, length, room=room) for placement in PLACEMENTS]
    contexts = [one for one in found if isinstance(one, Context)]
    assert len({frozenset(slot.ranked.passage.id for slot in one.slots) for one in contexts}) <= 1
    assert len({one.tokens for one in contexts}) <= 1
    for one in contexts:
        assert [slot.position for slot in one.slots] == list(range(1, len(one.slots) + 1))
        assert one.tokens == sum(slot.tokens for slot in one.slots) <= min(room, length.tokens or room)


@given(KINDS)
def test_nothing_of_ranks_scores_or_gold_enters_the_prompt(kinds: list[Kind]) -> None:
    """Where order does not depend on the gold, other scores and gold give the same prompt, letter by letter."""
    made = candidates(kinds)
    other = replace(
        made,
        candidates=tuple(
            Candidate(replace(one.ranked, score=-one.ranked.score), "retrieved" if one.kind == "gold" else "gold", 2)
            for one in made.candidates
        ),
    )
    for placement in ("best_last", "edges", "shuffled(seed=3)"):
        prompts = [build_prompt("why?", context(one, placement, Length(passages=9))).messages for one in (made, other)]
        assert prompts[0] == prompts[1]
    [message] = build_prompt("why?", context(made, "best_last", Length(passages=9))).messages
    labels = [f"[{position}] p{rank}\n" for position, rank in enumerate(range(min(9, len(kinds)), 0, -1), start=1)]
    assert all(label in message.content for label in labels)


@given(
    st.lists(st.sampled_from(["one two", "One two!", "three", "four five six", "seven " * 7]), min_size=1, max_size=12),
    st.lists(LENGTHS, min_size=1, max_size=4, unique=True),
)
def test_selections_are_those_of_the_product(texts: list[str], lengths: list[Length]) -> None:
    """Words do not show how wide a label is, so each length can be compared with a selection of its own."""
    made = candidates([("retrieved", text) for text in texts])
    ranking = Ranking("", tuple(one.ranked for one in made.candidates), "hybrid")
    for length, selected in zip(lengths, settled(made, *lengths, room=60).selections, strict=True):
        budget = min(length.tokens or 60, 60)
        if not selected.ranks:
            with pytest.raises(RequestError, match="no room for the best passage"):
                select(ranking, k=length.passages or len(texts), budget=budget, count=Words().count)
            assert selected.cut[0] == 1
            continue
        expected = select(ranking, k=length.passages or len(texts), budget=budget, count=Words().count)
        assert selected.length == str(length)
        assert selected.ranks == tuple(one.rank for one in expected.passages)
        assert selected.tokens == expected.tokens
        assert selected.duplicates == tuple(one.rank for one in expected.dropped.duplicate)
        assert selected.cut == tuple(one.rank for one in expected.dropped.budget)


def test_tokens_are_counted_once_for_all_lengths() -> None:
    counter = Words()
    lengths = [Length(passages=5), Length(passages=20), Length(tokens=100)]
    select_lengths(candidates(["retrieved"] * 30), lengths, count=counter.count, room=ROOM)
    assert counter.asked == 30
    counter = Words()
    select_lengths(candidates(["retrieved"] * 30), lengths[:2], count=counter.count, room=ROOM)
    assert counter.asked == 20


def test_of_nothing_nothing_is_selected_and_the_context_is_empty() -> None:
    made = candidates([])
    assert context(made, "edges").slots == ()
    assert context_or_reason(made, "gold_at") == "no gold is known for this question"


def test_the_gold_of_contexts_of_the_dataset_stands_where_the_arm_says() -> None:
    made = candidates(["gold", "gold", "dataset", "dataset", "dataset"])
    assert ranks(context(made, "gold_at(position=1)")) == [1, 2, 3, 4]
    assert ranks(context(made, "gold_at(position=2)")) == [3, 1, 2, 4]
    assert ranks(context(made, "gold_at(position=4)")) == [3, 4, 1, 2]
    assert context(made, "gold_at(position=2)").placement == "gold_at(position=2)"


def test_a_bound_has_the_gold_alone_or_nothing() -> None:
    made = candidates(["retrieved", "gold", "retrieved", "retrieved", "retrieved", "gold", "unretrieved"])
    only = context(made, "gold_only")
    assert (ranks(only), only.tokens, only.placement) == ([2, 6, 7], 3 * TEN_TOKENS, "gold_only")
    assert context(made, "closed_book") == Context((), "closed_book", 0, "words")
    without_selection = context_for(made, FOUR, parse_arm_placement("gold_only"), counter=Words(), room=ROOM)
    assert without_selection == only


def test_gold_alone_leaves_near_duplicates_and_what_does_not_fit() -> None:
    words = passage("p1").text
    made = candidates(["gold", ("gold", words.upper()), "gold", "gold"])
    assert ranks(context(made, "gold_only")) == [1, 3, 4]
    assert ranks(context(made, "gold_only", room=25)) == [1, 3]
    assert context_or_reason(made, "gold_only", room=5) == (
        "not even the first gold passage fits: it takes more than 5 tokens"
    )


def test_gold_that_was_not_retrieved_is_in_no_context_by_itself() -> None:
    made = candidates(["retrieved", "retrieved", "unretrieved"])
    assert ranks(context(made, "best_first", Length(passages=10))) == [1, 2]
    assert [one.ranked.rank for one in made.ranking] == [1, 2]


@pytest.mark.parametrize(
    ("kinds", "missing", "placement", "reason"),
    [
        (FIVE, [], "gold_at", "no gold is known for this question"),
        (FIVE, [], "gold_only", "no gold is known for this question"),
        (FIVE, ["a.md: owls"], "gold_at", "gold is nowhere in the collection: 'a.md: owls'"),
        (FIVE, ["a.md: owls"], "gold_injected", "gold is nowhere in the collection: 'a.md: owls'"),
        ([*FIVE, "unretrieved"], [], "gold_at", "gold was not retrieved among the first 5"),
        (
            [*FIVE, "gold"],
            [],
            "gold_at",
            "gold was retrieved with rank 6, but the context ends after 4 passages",
        ),
        (["gold", "retrieved"], [], "gold_at(position=3)", "the context has 2 passages, so none stands at position 3"),
        (ALL_GOLD, [], "gold_at", "the gold does not fit: 4 passages of it fill the context"),
    ],
)
def test_an_arm_that_cannot_be_had_says_why(
    kinds: Sequence[Kind], missing: Sequence[str], placement: str, reason: str
) -> None:
    assert context_or_reason(candidates(kinds, missing=missing), placement) == reason


def test_a_length_without_room_for_a_passage_says_so_in_all_arms_that_need_one() -> None:
    made = candidates(["gold", "dataset"])
    for placement in ("best_first", "gold_at", "gold_injected"):
        reason = context_or_reason(made, placement, Length(tokens=9))
        assert reason == "not even the best passage fits: it takes more than 9 tokens"
    assert context(made, "closed_book", Length(tokens=9)).slots == ()


def test_injected_gold_takes_the_places_of_the_lowest_ranked() -> None:
    made = candidates([*FIVE, "unretrieved"])
    injected = context(made, "gold_injected(position=2)")
    assert ranks(injected) == [1, 6, 2, 3]
    assert injected.tokens == 4 * TEN_TOKENS
    assert [one.rank for one in injected.dropped.budget] == [4]
    both = candidates(["retrieved", "gold", "retrieved", "retrieved", "gold", "retrieved", "unretrieved"])
    assert ranks(context(both, "gold_injected(position=1)")) == [2, 5, 7, 1]


def test_gold_that_is_there_already_is_not_injected() -> None:
    made = candidates(["retrieved", "gold", "retrieved", "retrieved", "retrieved"])
    assert ranks(context(made, "gold_injected(position=3)")) == ranks(context(made, "gold_at(position=3)"))


def test_a_long_injected_passage_takes_the_places_that_it_needs() -> None:
    made = candidates([*FIVE[:4], ("unretrieved", "word " * 18)])
    assert ranks(context(made, "gold_injected(position=1)", room=40)) == [5, 1, 2]
    assert ranks(context(made, "gold_injected(position=1)", room=50)) == [5, 1, 2, 3]
    longer = candidates([*FIVE[:4], ("unretrieved", "word " * 40)])
    reason = context_or_reason(longer, "gold_injected(position=1)", room=40)
    assert reason == "the gold passages do not fit: they take more than 40 tokens"
    shorter = context_or_reason(made, "gold_injected(position=4)", room=40)
    assert shorter == "the context has 3 passages, so none stands at position 4"


@given(st.lists(st.sampled_from(("gold", "retrieved", "unretrieved")), min_size=1, max_size=12), LENGTHS)
def test_injection_keeps_the_budget_and_brings_all_the_gold_that_has_room(kinds: list[Kind], length: Length) -> None:
    made = candidates(sorted(kinds, key=lambda kind: kind == "unretrieved"))
    found = context_or_reason(made, "gold_injected(position=1)", length, room=120)
    gold = [one.ranked.rank for one in made.candidates if one.kind != "retrieved"]
    size = len(settled(made, length, room=120).selections[0].ranks)
    if isinstance(found, str):
        assert not gold or len(gold) > size
        return
    assert found.tokens <= min(length.tokens or 120, 120)
    assert len(found.slots) == size
    assert ranks(found)[: len(gold)] == gold
    for slot in found.slots:
        assert Words().count([render_passage(slot.ranked.passage, slot.position)]) == [slot.tokens]
