"""What a thinking looked at: passages by label, name, title and words; quotations found or not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Consultation, ThoughtQuote
from rag.context import Context
from rag.grounding.citations import check_citations
from rag.grounding.consultation import consult
from rag.prompt import build_prompt
from rag.refusal import REFUSAL
from tests.rag.contexts import context_of

CONTEXT = context_of(
    "The first Nobel Prize in Physics was given in 1901 to Wilhelm Conrad Röntgen of Germany, who got 150,782 SEK.",
    "A prize is a prize [1]. The award is given every year by the academy, and the king hands it over in December.",
    "Ravens remember faces. The award is given every year by the academy, and nobody knows why.",
    "Curie was the first woman among them. She said: “Nothing in life is to be feared.”",
    titles=("Physics prizes", "rules.md", "Birds", "Marie Curie"),
)


def looked(reasoning: str, answer: str = "") -> list[tuple[int, int]]:
    """Position and mentions of what was looked at, in order."""
    passages = consult(reasoning, CONTEXT, check_citations(answer, CONTEXT)).passages
    assert [passage.order for passage in passages] == list(range(1, len(passages) + 1))
    return [(passage.position, passage.mentions) for passage in passages]


def quoted(reasoning: str) -> list[tuple[str, int | None]]:
    return [(quote.text, quote.position) for quote in consult(reasoning, CONTEXT, ()).quotes]


@pytest.mark.parametrize(
    ("reasoning", "expected"),
    [
        ("First [3], then [1], again [3].", [(3, 2), (1, 1)]),
        ("Passages [1, 2] and [2-4].", [(1, 1), (2, 2), (3, 1), (4, 1)]),
        ("See [3, 1].", [(3, 1), (1, 1)]),
        ("Passage [3] is about birds.", [(3, 1)]),
        ("Passage 4 helps; passages 1 and 2 do not, nor does the third passage.", [(4, 1), (1, 1), (2, 1), (3, 1)]),
        ("The last document says more.", [(4, 1)]),
        ("Nothing in [7] or [0] or passage 12.", []),
        ("In 1901, 3 years later, [1901].\n1. one\n2. two\n(3) three", []),
        ("", []),
    ],
)
def test_labels_and_numbers_name_passages(reasoning: str, expected: list[tuple[int, int]]) -> None:
    assert looked(reasoning) == expected


@pytest.mark.parametrize(
    ("reasoning", "expected"),
    [
        ("The text on Marie Curie and rules.md, then Marie\nCurie again.", [(4, 2), (2, 1)]),
        ("The page doc3.md on birds.", [(3, 1)]),
        ("Birds are no help, and marie curie neither.", []),
    ],
)
def test_titles_and_file_names_name_passages(reasoning: str, expected: list[tuple[int, int]]) -> None:
    assert looked(reasoning) == expected


def test_a_title_that_is_not_one_passages_own_names_none() -> None:
    both = context_of("Of radium.", "Of polonium.", titles=("Marie Curie", "Marie Curie"))
    elsewhere = context_of("Of radium.", "Marie Curie found it.", titles=("Marie Curie", "Polonium"))
    for context in (both, elsewhere):
        assert consult("I recall Marie Curie.", context, ()).passages == ()


def test_a_title_that_the_question_has_names_none() -> None:
    reasoning = "Who was Marie Curie? Passage 2 is no help."
    assert looked_at(reasoning, CONTEXT) == [4, 2]
    assert looked_at(reasoning, CONTEXT, asked="Who was Marie Curie?") == [2]


def test_repeated_words_show_what_was_read() -> None:
    assert looked("So it was given in 1901 to Wilhelm Conrad\nRöntgen of Germany, I think.") == [(1, 1)]
    assert looked("It was, given in 1901, to Wilhelm Conrad Röntgen.") == [(1, 1)]
    assert looked("Given in 1901 to Wilhelm Conrad Röntgen.") == []


def test_words_that_several_passages_have_show_nothing() -> None:
    assert looked("The award is given every year by the academy, and I wonder.") == []
    assert looked("The award is given every year by the academy, and nobody knows why.") == [(3, 1)]


def test_words_of_the_question_show_nothing() -> None:
    question = "Why was the first Nobel Prize in Physics given in 1901?"
    context = context_of(f"They ask: {question} It was a long story.")
    assert looked_at(question, context) == [1]
    assert looked_at(question, context, asked=question) == []
    assert looked_at("They ask why was the first Nobel Prize in Physics given in 1901.", context, asked=question) == [1]


def looked_at(reasoning: str, context: Context, *, asked: str | None = None) -> list[int]:
    prompt = build_prompt(asked, context) if asked else None
    return [passage.position for passage in consult(reasoning, context, (), prompt=prompt).passages]


def test_a_quotation_counts_where_it_stands_and_once() -> None:
    assert looked('It says "Ravens remember faces" there.') == [(3, 1)]
    assert looked('"given in 1901 to Wilhelm Conrad Röntgen of Germany, who got 150,782 SEK"') == [(1, 1)]
    assert looked('[3] says "Ravens remember faces".') == [(3, 2)]


def test_what_the_answer_cites_is_told_from_what_was_only_consulted() -> None:
    passages = consult("Look at [3], [1] and [2].", CONTEXT, check_citations("So it is [1][9].", CONTEXT)).passages
    assert [(p.position, p.passage_id, p.cited) for p in passages] == [
        (3, "0000000000000003", False),
        (1, "0000000000000001", True),
        (2, "0000000000000002", False),
    ]


def test_what_we_attributed_the_model_did_not_cite() -> None:
    citations = [replace(citation, origin="attributed") for citation in check_citations("So it is [1].", CONTEXT)]
    (passage,) = consult("Look at [1].", CONTEXT, citations).passages
    assert not passage.cited


@pytest.mark.parametrize(
    ("reasoning", "expected"),
    [
        ('It says "Ravens remember faces."', [("Ravens remember faces.", 3)]),
        ("It says “ravens remember faces”", [("ravens remember faces", 3)]),
        ('"Ravens … faces" "ravens remember voices"', [("Ravens … faces", 3), ("ravens remember voices", None)]),
        ('"Ravens remember faces" and "Ravens remember  faces"', [("Ravens remember faces", 3)]),
        ('"A prize is a prize ⟦1⟧"', [("A prize is a prize ⟦1⟧", 2)]),
        ('"Ravens remember faces [3]."', [("Ravens remember faces.", 3)]),
        ('The "first" of 5" and 6" pipes', []),
        (f'Or "{REFUSAL}"', []),
        ('"... --- ... --- ..."', []),
    ],
)
def test_quotations_are_looked_up(reasoning: str, expected: list[tuple[str, int | None]]) -> None:
    assert quoted(reasoning) == expected


def test_a_quotation_of_several_passages_goes_to_the_one_looked_at_last() -> None:
    words = "The award is given every year by the academy"
    assert quoted(f'"{words}"') == [(words, 2)]
    assert quoted(f'[2] and [3] say "{words}"') == [(words, 3)]
    assert looked(f'[3] says "{words}"') == [(3, 1)]


def test_quotations_of_question_and_instructions_are_left_out() -> None:
    prompt = build_prompt("Who got the prize in 1905?", CONTEXT)
    reasoning = 'Asked is "who got the prize in 1905"; "Use only what the passages say". "Ravens remember faces".'
    assert consult(reasoning, CONTEXT, (), prompt=prompt).quotes == (ThoughtQuote("Ravens remember faces", 3),)


def test_without_passages_nothing_is_consulted() -> None:
    assert consult("Look at [1].", context_of(), ()) == Consultation()


@given(st.text(alphabet='Ravens remember faces [1234]"“”«».\n#passage,'))
def test_whatever_a_model_thinks_is_read(reasoning: str) -> None:
    consultation = consult(reasoning, CONTEXT, ())
    assert len({p.position for p in consultation.passages}) == len(consultation.passages)
    assert all(1 <= p.position <= 4 and p.mentions >= 1 for p in consultation.passages)
