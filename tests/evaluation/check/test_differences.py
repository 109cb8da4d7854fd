"""Which questions differ from the baseline: in what words, worse or better, and in which order."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.check.differences import Difference, differences
from evaluation.check.values import Outcome, Reply, Slot
from tests.evaluation.check.building_checks import baseline, failed, outcome, reply, result, slot


def context(*names: str, gold: Sequence[str] = ("a",)) -> tuple[Slot, ...]:
    """Passages in rank order."""
    return tuple(slot(name, rank=rank, gold=name in gold) for rank, name in enumerate(names, 1))


def difference(before: Outcome, now: Outcome, *, exact: bool = False) -> Difference:
    """The only one there is between two outcomes."""
    (one,) = differences(baseline(before, exact=exact), result(now, exact=exact))
    return one


def changes(before: Sequence[Reply | float], now: Sequence[Reply | float], *, exact: bool = False) -> tuple[str, ...]:
    """What is said of replies that differ."""
    return difference(outcome(replies=before), outcome(replies=now), exact=exact).changes


def scored(name: str, value: float | None) -> Outcome:
    return outcome(scores={name: value})


def test_questions_without_a_difference_are_not_listed() -> None:
    before = outcome(replies=[reply(answer="Paris", tokens=7, seconds=1.0), reply(0.0)], frozen=[1.0])
    now = outcome(replies=[reply(answer="It is Paris", cited=("b.md",), tokens=9), reply(0.0)])
    assert differences(baseline(before), result(now)) == ()


def test_a_lost_passage_and_a_lost_answer_are_told_from_the_documents_to_the_answers() -> None:
    before = outcome(context=context("a", "b"), replies=[1.0] * 3)
    now = outcome(recall=0.0, in_context=0.0, context=context("b", "c"), replies=[reply(0.0, answer="Lyon")])
    assert difference(before, now) == Difference(
        id="q1",
        question="What is q1?",
        kind="worse",
        changes=(
            "recall@10 1 → 0",
            "mrr@10 1 → 0",
            "gold left the context",
            "context: 1 of 2 passages is another",
            "sub_span 3 of 3 → 0 of 1",
        ),
        baseline_context=before.context,
        context=now.context,
        baseline_replies=before.replies,
        replies=now.replies,
    )
    back = difference(now, before)
    assert back.kind == "better"
    assert "gold reached the context" in back.changes


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (1.0, 1 / 3, "recall@10 1 → 0.33"),
        (0.5, 0.75, "recall@10 0.5 → 0.75"),
        (0.3333, 0.3331, "recall@10 0.3333 → 0.3331"),
        (None, 0.0, "recall@10 none → 0"),
    ],
)
def test_a_score_has_the_decimals_that_tell_it_apart(before: float | None, now: float | None, words: str) -> None:
    assert difference(scored("recall@10", before), scored("recall@10", now)).changes == (words,)


def test_a_score_that_differs_by_rounding_is_the_same() -> None:
    assert differences(baseline(scored("ndcg@10", 0.3)), result(scored("ndcg@10", 0.1 + 0.2))) == ()


@pytest.mark.parametrize(
    ("name", "before", "now", "kind"),
    [
        ("recall@10", 1.0, 0.0, "worse"),
        ("recall@10", 0.0, 1.0, "better"),
        ("refused", 0.0, 1.0, "worse"),
        ("refused", 1.0, 0.0, "better"),
        ("of_a_plugin", 1.0, 0.0, "worse"),
        ("gold_position", 1.0, 5.0, "other"),
        ("recall@10", None, 1.0, "other"),
    ],
)
def test_what_is_worse_depends_on_the_metric(name: str, before: float | None, now: float | None, kind: str) -> None:
    assert difference(scored(name, before), scored(name, now)).kind == kind


def test_a_metric_that_only_one_side_measured_is_no_difference() -> None:
    assert differences(baseline(scored("recall@10", 1.0)), result(scored("recall@5", 0.0))) == ()
    assert differences(baseline(outcome(replies=[1.0])), result(outcome(replies=()))) == ()
    assert differences(baseline(outcome(replies=())), result(outcome(replies=[0.0]))) == ()


@pytest.mark.parametrize(
    ("gold", "now", "words"),
    [
        ("a", "bcdefa", "gold moved from position 1 to 6"),
        ("ab", "cab", "gold moved from positions 1, 2 to positions 2, 3"),
        ("ad", "cda", "gold moved from position 1 to positions 2, 3"),
    ],
)
def test_gold_that_stands_elsewhere_is_neither_worse_nor_better(gold: str, now: str, words: str) -> None:
    one = difference(outcome(context=context(*"abc", gold=gold)), outcome(context=context(*now, gold=gold)))
    assert one.changes[0] == words
    assert one.kind == "other"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("abcd", "abef", "context: 2 of 4 passages are others"),
        ("abcd", "abdc", "context: the same passages in another order"),
        ("abcd", "abc", "context: 4 → 3 passages"),
        ("abcd", "adx", "context: 4 → 3 passages, 1 of 3 passages is another"),
        ("a", "axy", "context: 1 → 3 passages, 2 of 3 passages are others"),
    ],
)
def test_what_a_context_holds_is_counted(before: str, now: str, words: str) -> None:
    assert difference(outcome(context=context(*before)), outcome(context=context(*now))).changes == (words,)


def test_gold_that_is_gone_from_the_documents_is_worse_and_its_return_better() -> None:
    there, gone = outcome(), outcome(missing=("guide.md: the quote",))
    lost, back = difference(there, gone), difference(gone, there)
    assert (lost.kind, lost.changes) == ("worse", ("gold no longer in the documents: guide.md: the quote",))
    assert (back.kind, back.changes) == ("better", ("gold in the documents again: guide.md: the quote",))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([1.0, 1.0, 0.0], [1.0], ("sub_span 2 of 3 → 1 of 1",)),
        ([1.0], [0.0], ("sub_span 1 → 0",)),
        ([0.5, 1.0], [0.25], ("sub_span 0.75 → 0.25",)),
        ([reply(0.0, finish="refused")], [reply(0.0)], ("refused → answered",)),
        ([0.0, 0.0], [reply(0.0), reply(0.0, finish="empty")], ("answered → 1 answered, 1 empty",)),
        ([0.0], [reply(0.0, finish="unfinished_thinking")], ("answered → unfinished thinking",)),
        ([1.0, 1.0], [failed()], ("answered → failed",)),
        ([reply(None)], [reply(None, finish="refused")], ("answered → refused",)),
    ],
)
def test_replies_are_counted_and_their_ends_told(
    before: Sequence[Reply | float], now: Sequence[Reply | float], words: tuple[str, ...]
) -> None:
    assert changes(before, now) == words


def test_a_reply_that_failed_is_neither_worse_nor_better() -> None:
    assert difference(outcome(replies=[1.0]), outcome(replies=[failed()])).kind == "other"


def test_tokens_and_seconds_are_no_difference() -> None:
    before, now = (Reply("answered", {"answer_tokens": tokens}) for tokens in (10.0, 90.0))
    assert differences(baseline(outcome(replies=[before])), result(outcome(replies=[now]))) == ()


def test_words_and_citations_count_where_answers_come_without_chance() -> None:
    before, now = reply(answer="Paris", cited=("a.md",)), reply(answer="It is Paris")
    assert changes([before], [now], exact=True) == ("answer in other words", "cites a.md → nothing")
    assert changes([reply(answer=None, cited=("a.md",))], [reply(cited=("b.md", "c.md"))], exact=True) == (
        "cites a.md → b.md, c.md",
    )
    assert differences(baseline(outcome(replies=[before]), exact=True), result(outcome(replies=[now]))) == ()


def test_an_edited_question_is_another_and_neither_worse_nor_better() -> None:
    before = outcome(replies=[1.0])
    edited = difference(before, outcome(question="What else?", digest="new", replies=[0.0]))
    assert (edited.kind, edited.question) == ("other", "What else?")
    assert edited.changes == ("question edited", "sub_span 1 → 0")
    assert difference(before, outcome(digest="new", replies=[1.0])).changes == ("its answers or gold edited",)


def test_added_and_removed_questions_have_one_side() -> None:
    added, removed = outcome("new", replies=[0.0]), outcome("old", replies=[1.0])
    assert differences(baseline(removed), result(added)) == (
        Difference("new", "What is new?", "other", ("added",), context=added.context, replies=added.replies),
        Difference(
            "old",
            "What is old?",
            "other",
            ("removed",),
            baseline_context=removed.context,
            baseline_replies=removed.replies,
        ),
    )


BEFORE = baseline(
    *(outcome(name, recall=0.5) for name in ("same", "rose", "rose_more", "fell", "fell_more", "mixed")),
    outcome("moved", context=context(*"ab")),
    outcome("gone"),
)
NOW = result(
    outcome("new"),
    outcome("same", recall=0.5),
    outcome("rose", recall=0.6),
    outcome("rose_more", recall=0.7),
    outcome("moved", context=context(*"ba")),
    outcome("fell", recall=0.4),
    outcome("fell_more", recall=0.0),
    outcome("mixed", scores={"recall@10": 0.3, "mrr@10": 1.0}),
)


def test_the_worst_come_first_then_what_rose_then_the_rest() -> None:
    ids = [one.id for one in differences(BEFORE, NOW)]
    assert ids == ["fell_more", "mixed", "fell", "rose_more", "rose", "new", "moved", "gone"]


def test_the_order_of_the_file_can_be_had() -> None:
    ids = [one.id for one in differences(BEFORE, NOW, order="file")]
    assert ids == ["new", "rose", "rose_more", "moved", "fell", "fell_more", "mixed", "gone"]


VALUES = st.sampled_from((0.0, 0.5, 1.0))
QUESTIONS = st.lists(
    st.builds(
        lambda name, recall, names, replies: outcome(name, recall=recall, context=context(*names), replies=replies),
        st.sampled_from("pqrst"),
        VALUES,
        st.permutations("abc"),
        st.lists(VALUES, max_size=3),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)


@given(QUESTIONS, QUESTIONS)
def test_there_and_back_are_mirrored_and_nothing_differs_from_itself(
    some: list[Outcome], others: list[Outcome]
) -> None:
    assert differences(baseline(*some), result(*some)) == ()
    there = {one.id: one for one in differences(baseline(*some), result(*others))}
    back = {one.id: one for one in differences(baseline(*others), result(*some))}
    assert there.keys() == back.keys()
    mirrored = {"better": {"worse"}, "other": {"other"}, "worse": {"better", "worse"}}
    for name, one in there.items():
        assert one.changes
        assert back[name].kind in mirrored[one.kind]
        assert (one.baseline_context, one.baseline_replies) == (back[name].context, back[name].replies)
