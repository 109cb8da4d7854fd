"""The other metrics: refusals, citations, the context, costs, finishes."""

import pytest

from evaluation.metrics import parse_metric
from evaluation.scores import Case
from evaluation.trials import TrialFinish
from rag.answer import Usage
from tests.evaluation.building_cases import case, passage

GOLD = passage("gold", "The lighthouse was built in 1875 by two brothers.")
OTHER = passage("other", "Ships pass the cape at night.")
THIRD = passage("third", "The second keeper arrived in spring.")


def result(name: str, given: Case) -> tuple[float | None, str]:
    score = parse_metric(name).score(given)
    return score.value, score.status


def cited(text: str, finish: TrialFinish = "answered") -> Case:
    return case(text, "1875", finish=finish, context=(OTHER, GOLD, THIRD), grades={"gold": 1, "third": 1, "far": 1})


@pytest.mark.parametrize(
    ("finish", "to_refuse", "correct", "precision", "recall"),
    [
        ("refused", True, (1, "ok"), (1, "ok"), (1, "ok")),
        ("refused", False, (0, "ok"), (0, "ok"), (None, "not_applicable")),
        ("answered", True, (0, "ok"), (None, "not_applicable"), (0, "ok")),
        ("answered", False, (1, "ok"), (None, "not_applicable"), (None, "not_applicable")),
        ("empty", True, (0, "no_answer"), (None, "not_applicable"), (0, "no_answer")),
        ("unfinished_thinking", False, (0, "no_answer"), (None, "not_applicable"), (None, "not_applicable")),
    ],
)
def test_refusals(
    finish: TrialFinish,
    to_refuse: bool,
    correct: tuple[float | None, str],
    precision: tuple[float | None, str],
    recall: tuple[float | None, str],
) -> None:
    given = case("text" if finish == "answered" else None, *([] if to_refuse else ["1875"]), finish=finish)
    assert result("refusal_correct", given) == correct
    assert result("refusal_precision", given) == precision
    assert result("refusal_recall", given) == recall


def test_citations_against_gold() -> None:
    """Labels 1, 2 and 9 are cited: one of three is gold. Of the two gold passages in the context one is cited."""
    given = cited("It was built in 1875 [2][1]. Ships pass [9], and again [2].")
    assert result("citation_precision", given) == (1 / 3, "ok")
    assert result("citation_recall", given) == (0.5, "ok")


def test_each_label_that_no_passage_has_counts_as_wrong() -> None:
    assert result("citation_precision", cited("In 1875 [2]. So [8]. And so [9].")) == (1 / 3, "ok")


def test_nothing_cited_has_no_precision_but_a_recall() -> None:
    assert result("citation_precision", cited("In 1875.")) == (None, "not_applicable")
    assert result("citation_recall", cited("In 1875.")) == (0, "ok")
    assert result("citation_recall", cited("", "empty")) == (0, "no_answer")


def test_citations_without_gold_are_not_judged() -> None:
    given = case("In 1875 [1].", "1875", context=(OTHER,))
    assert result("citation_precision", given) == (None, "not_applicable")
    assert result("citation_recall", given) == (None, "not_applicable")
    absent = case("In 1875 [1].", "1875", context=(OTHER,), grades={"gold": 1})
    assert result("citation_precision", absent) == (0, "ok")
    assert result("citation_recall", absent) == (None, "not_applicable")


def test_quotations_are_compared_word_by_word() -> None:
    true = '"The lighthouse was built in 1875" [2].'
    false = '"The lighthouse was built in 1999" [2].'
    assert result("verbatim_quote_rate", cited(true)) == (1, "ok")
    assert result("verbatim_quote_rate", cited(f"{true} And {false}")) == (0.5, "ok")
    assert result("verbatim_quote_rate", cited("In 1875 [2].")) == (None, "not_applicable")


def test_a_quotation_from_another_passage_than_the_one_cited_is_not_verified() -> None:
    assert result("verbatim_quote_rate", cited('"The lighthouse was built in 1875" [1].')) == (0, "ok")


def test_where_gold_stands() -> None:
    assert result("gold_in_context", cited("")) == (1, "ok")
    assert result("gold_position", cited("")) == (2, "ok")
    outside = case("x", "y", context=(OTHER,), grades={"gold": 1})
    assert result("gold_in_context", outside) == (0, "ok")
    assert result("gold_position", outside) == (None, "not_applicable")
    assert result("gold_in_context", case("x", "y", context=(OTHER,))) == (None, "not_applicable")


def test_gold_is_dropped_where_it_was_ranked_but_left_out() -> None:
    outside = case("x", "y", context=(OTHER,), ranking=("other", "gold"), grades={"gold": 1})
    assert result("gold_dropped@2", outside) == (1, "ok")
    assert result("gold_dropped@1", outside) == (0, "ok")  # it was not among those asked for
    assert result("gold_dropped@2", case("x", "y", context=(OTHER,), ranking=("other",), grades={"gold": 1})) == (
        0,
        "ok",
    )
    assert result("gold_dropped@2", cited("")) == (0, "ok")
    assert result("gold_dropped@2", case("x", "y", context=(OTHER,))) == (None, "not_applicable")


def test_costs() -> None:
    given = case(
        "x", "y", reasoning="hm", seconds=1.5, usage=Usage(prompt=200, completion=50, reasoning=30, cached=150)
    )
    assert result("thinking_tokens", given) == (30, "ok")
    assert result("answer_tokens", given) == (20, "ok")
    assert result("latency", given) == (1.5, "ok")
    assert result("cached_share", given) == (0.75, "ok")


def test_costs_that_are_not_known_are_none() -> None:
    given = case("x", "y", reasoning="hm", usage=Usage(completion=50))
    for name in ("thinking_tokens", "answer_tokens", "latency", "cached_share"):
        assert result(name, given) == (None, "not_applicable")
    assert result("thinking_tokens", case("x", "y")) == (0, "ok")
    assert result("answer_tokens", case("x", "y", usage=Usage(completion=50))) == (50, "ok")


def test_finish_states() -> None:
    states: dict[str, TrialFinish] = {
        "unfinished_thinking": "unfinished_thinking",
        "truncated": "truncated_answer",
        "refused": "refused",
        "empty": "empty",
    }
    for name, finish in states.items():
        assert result(name, case(None, "y", finish=finish)) == (1, "ok")
        assert result(name, case("x", "y")) == (0, "ok")
