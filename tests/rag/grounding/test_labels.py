"""Labels in an answer: which words each mark stands behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.labels import Claim, Mark, find_claims, find_marks


def claims(answer: str) -> list[Claim]:
    return find_claims(answer, find_marks(answer))


def test_labels_side_by_side_are_one_mark() -> None:
    assert find_marks("So [1][2], [3] it is.") == [Mark(3, 14, (1, 2, 3))]


def test_a_label_given_twice_counts_once() -> None:
    assert [mark.labels for mark in find_marks("So [2, 1, 2].")] == [(2, 1)]


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert [claim.sentence for claim in claims("Sky is blue. [1] Grass is green. [2]")] == [
        "Sky is blue.",
        "Grass is green.",
    ]


def test_a_mark_in_a_sentence_stands_behind_what_was_said_so_far() -> None:
    first, second = claims("Note this. Sky is blue [1] and grass green [2].")
    assert first.statements == ("Note this. Sky is blue", "Sky is blue")
    assert second.statements == ("and grass green",)
    assert first.neighbours == (2,)


def test_a_mark_that_opens_a_line_stands_behind_what_follows() -> None:
    first, second = claims("[1] Sky is blue.\n[2] Grass is green.")
    assert first.statements == ("Sky is blue.",)
    assert second.statements == ("Grass is green.",)


def test_a_quotation_of_several_sentences_is_one() -> None:
    (claim,) = claims('It says "Sky is blue. Grass is green." [1]')
    assert [quote.text for quote in claim.quotes] == ["Sky is blue. Grass is green."]
    assert claim.quotes[0].adjacent


def test_a_mark_alone_stands_behind_nothing() -> None:
    (claim,) = claims("[1]")
    assert (claim.sentence, claim.statements) == ("", ("",))


@pytest.mark.parametrize(
    ("answer", "labels"),
    [
        ("Type ` to quote. [1] Or ` again. [2]", [(1,), (2,)]),
        ("Type ` to quote [1]. Or ` again [2].", [(1,), (2,)]),
        ("Both `cells[1]` and `a [2] b` are code. [3]", [(3,)]),
        ("A fence is ``` in Markdown. [1] It ends so, too. [2]", [(1,), (2,)]),
        ("So:\n```python\nx = cells[1]\n\ny = cells[2]\n```\nThat is all. [3]", [(3,)]),
        ("Cut in its code:\n```\nx = cells[1]\ny = cells[2]", []),
        ("Never closed:\n```\nx = cells[1]\n\nIt is green. [2]", [(2,)]),
    ],
)
def test_code_holds_no_marks_but_swallows_none_either(answer: str, labels: list[tuple[int, ...]]) -> None:
    assert [mark.labels for mark in find_marks(answer)] == labels


@given(st.text(alphabet='ab .\n"“”[]12,-`', max_size=80))
def test_every_mark_has_its_claim_and_every_quotation_stands_in_the_answer(answer: str) -> None:
    marks = find_marks(answer)
    found = find_claims(answer, marks)
    assert [claim.labels for claim in found] == [mark.labels for mark in marks]
    plain = answer
    for mark in marks:
        plain = plain[: mark.start] + " " * (mark.end - mark.start) + plain[mark.end :]
    assert all(quote.text in plain for claim in found for quote in claim.quotes)
    assert all(statement in plain for claim in found for statement in claim.statements)
