"""Drafts as models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.drafting.draft import PARTS, Draft, draft_grammar, parse_draft
from tests.evaluation.drafting.building_drafts import QUESTION, QUOTE, TEXT, written
from tests.rag.contexts import context_of

DRAFT = Draft(QUESTION, "Ada Storm", QUOTE)


@pytest.mark.parametrize(
    "text",
    [
        written(),
        f"Here it is:\n\n{written()}\n\nI hope this helps!",
        written().replace("\n", "\n\n"),
        f"QUESTION: {QUESTION}\nanswer : Ada Storm\n> Quote: {QUOTE}",
        f"**Question:** {QUESTION}\n**Answer:** **Ada Storm**\n**Quote:** “{QUOTE}”",
        f'1. Question: {QUESTION}\n2. Answer: Ada Storm.\n3. Quote: "{QUOTE}"',
        f"- **Question**: {QUESTION}\n- **Answer**: Ada Storm [1].\n- **Quote**: {QUOTE} [1]",
        f"Question：{QUESTION}\nAnswer：Ada Storm\nQuote：{QUOTE}",
        f"Quote: {QUOTE}\nQuestion: {QUESTION}\nAnswer: Ada\nStorm",
        f"{written()}\n{written('Who else?', 'nobody', 'It was')}",
    ],
)
def test_the_three_parts_are_found_however_they_are_dressed(text: str) -> None:
    assert parse_draft(text) == DRAFT


@pytest.mark.parametrize("missing", PARTS)
def test_a_draft_without_one_of_its_parts_is_none(missing: str) -> None:
    lines = written().splitlines()
    assert parse_draft("\n".join(line for line in lines if not line.lower().startswith(missing))) is None
    emptied = [f"{missing}:" if line.lower().startswith(missing) else line for line in lines]
    assert parse_draft("\n".join(emptied)) is None


def test_an_answer_keeps_dots_that_are_its_own() -> None:
    draft = parse_draft(written(answer="5 p.m."))
    assert draft is not None
    assert draft.answer == "5 p.m."


PIECES = ("Question:", "Answer:", "Quote:", "**", "\n", " ", "[1]", "?", ".", '"', "“", "”", "Who", "x", "- ", "2.")


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_whatever_a_model_writes_is_no_draft_or_one_with_three_parts_on_a_line_each(text: str) -> None:
    draft = parse_draft(text)
    assert draft is None or all(part and "\n" not in part for part in (draft.question, draft.answer, draft.quote))


def test_the_grammar_lets_a_model_quote_the_sentences_as_it_sees_them_and_nothing_else() -> None:
    grammar = draft_grammar(
        context_of('# Heading of it\n\nHe said "no" \\ to\nthe [3] of them. Yes. And then he left.')
    )
    assert grammar is not None
    assert grammar.splitlines()[1] == r'quote ::= "He said \"no\" \\ to the ⟦3⟧ of them." | "And then he left."'


def test_where_there_is_no_choice_of_sentences_the_form_is_left_to_the_model() -> None:
    assert draft_grammar(context_of("One sentence stands here alone.")) is None
    assert draft_grammar(context_of("")) is None
    assert draft_grammar(context_of(TEXT)) is not None
