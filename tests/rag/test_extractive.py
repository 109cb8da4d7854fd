"""Answers drawn verbatim from the passages."""

import asyncio
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.embedder.hashing import HashingEmbedder
from rag.answer import Reply
from rag.answerer import Answerer, Delta
from rag.context import Context
from rag.extractive import ExtractiveAnswerer
from rag.grounding.citations import check_citations
from rag.neutral import fold
from rag.prompt import Prompt
from rag.refusal import REFUSAL
from tests.rag.contexts import context_of, reordered

TEXTS = (
    "Soil is brown. The sky is blue because air scatters short waves. It was Rayleigh who explained it in 1871.",
    "Grass is green. Chlorophyll absorbs red and blue\n  light, and reflects the rest.",
    "The sea looks blue. Water absorbs the red part of the light.",
)
CONTEXT = context_of(*TEXTS)


def items(question: str, context: Context, *, sentences: int = 2) -> list[Delta | Reply]:
    async def collect() -> list[Delta | Reply]:
        answerer: Answerer = ExtractiveAnswerer(HashingEmbedder(), sentences=sentences)
        return [item async for item in answerer.reply(Prompt((), question, "cited", ""), context)]

    return asyncio.run(collect())


def answer(question: str, context: Context, *, sentences: int = 2) -> str:
    reply = items(question, context, sentences=sentences)[-1]
    assert isinstance(reply, Reply)
    assert reply.text is not None
    return reply.text


def test_the_best_sentence_is_given_with_its_label() -> None:
    assert answer("What absorbs red and blue light?", CONTEXT, sentences=1) == (
        "Chlorophyll absorbs red and blue light, and reflects the rest. [2]"
    )


def test_two_sentences_by_default() -> None:
    assert len(check_citations(answer("Why is the sky blue?", CONTEXT), CONTEXT)) == 2


def test_the_deltas_are_the_reply() -> None:
    *deltas, reply = items("Why is the sky blue?", CONTEXT)
    assert isinstance(reply, Reply)
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == reply.text
    assert all(isinstance(delta, Delta) and delta.kind == "answer" for delta in deltas)
    assert (reply.finish, reply.reasoning) == ("answered", None)


def test_its_citations_verify_as_quotations() -> None:
    citations = check_citations(answer("Why is the sky blue?", CONTEXT), CONTEXT)
    for citation in citations:
        assert citation.verified is True
        assert citation.quote is not None
        assert fold(citation.quote) in fold(TEXTS[citation.label - 1])


@pytest.mark.parametrize(
    "texts",
    [
        ("Type ` for blue code.", "Another ` ends the blue code."),
        ("A blue fence is ``` in Markdown.", "A blue fence ends with a line of its own."),
        ("Rust gives blue safety.", 'They say "blue safety. [1]" and "more blue'),
    ],
)
def test_it_knows_its_citations_whatever_the_sentences_hold(texts: tuple[str, ...]) -> None:
    context = context_of(*texts)
    reply = items("What is blue?", context)[-1]
    assert isinstance(reply, Reply)
    assert reply.citations is not None
    assert {(c.label, c.origin, c.verified) for c in reply.citations} == {(1, "model", True), (2, "model", True)}
    for citation in reply.citations:
        assert citation.quote is not None
        assert citation.quote in texts[citation.label - 1]


@pytest.mark.parametrize("context", [context_of(), context_of("---\n\n42")])
def test_nothing_to_quote_is_a_refusal(context: Context) -> None:
    *_, reply = items("Why?", context)
    assert isinstance(reply, Reply)
    assert (reply.finish, reply.text) == ("refused", REFUSAL)


def test_the_order_of_passages_changes_the_labels_only() -> None:
    answers = set()
    for order in permutations(range(len(TEXTS))):
        context = reordered(CONTEXT, order)
        citations = check_citations(answer("Why is the blue sky or sea blue?", context), context)
        answers.add(tuple((citation.passage_id, citation.quote) for citation in citations))
    assert len(answers) == 1


@given(
    st.lists(st.sampled_from(["A b.", "A b c d.", "B a.", "The b. The a.", "C"]), min_size=1, max_size=5),
    st.data(),
)
def test_ties_are_broken_by_rank_and_not_by_position(texts: list[str], data: st.DataObject) -> None:
    context = context_of(*texts, titles=("Same",) * len(texts))
    other = reordered(context, tuple(data.draw(st.permutations(range(len(texts))))))
    by_passage = [
        [(c.passage_id, c.quote) for c in check_citations(answer("What is a b?", each), each)]
        for each in (context, other)
    ]
    assert by_passage[0] == by_passage[1]


def test_a_sentence_is_not_said_twice() -> None:
    twice = context_of("Grass is green.", "Grass is green. So there.")
    assert answer("What is grass?", twice).count("Grass is green") == 1


@pytest.mark.parametrize("near", ["# Why is the sky blue", "Why is the sky blue?", "| sky | blue |", "Blue sky"])
def test_what_states_nothing_is_quoted_last(near: str) -> None:
    context = context_of(f"{near}\n\nThe air scatters short waves more than long ones.")
    assert (
        answer("Why is the sky blue?", context, sentences=1) == "The air scatters short waves more than long ones. [1]"
    )
    assert answer("Why is the sky blue?", context_of(near), sentences=1) == f"{near} [1]"


def test_a_bracketed_number_in_a_passage_cannot_pass_for_a_citation() -> None:
    context = context_of("Grass is green, as shown in [2] before.", "Nothing at all here.")
    text = answer("What is green grass?", context, sentences=1)
    (citation,) = check_citations(text, context)
    assert (citation.label, citation.verified) == (1, True)
    assert "[2]" not in text


def test_a_table_is_not_quoted_whole() -> None:
    table = "\n".join(f"row {number} | grass | green" for number in range(200))
    (citation,) = check_citations(answer("grass?", context_of(table), sentences=1), context_of(table))
    assert citation.quote is not None
    assert len(citation.quote) <= 400


def test_a_text_longer_than_the_embedder_reads_is_still_quoted() -> None:
    context = context_of("a b c d " * 300, titles=("t " * 400,))
    assert check_citations(answer("b " * 400, context), context)


def test_it_says_what_it_is() -> None:
    answerer = ExtractiveAnswerer(HashingEmbedder())
    assert (answerer.model, answerer.where, answerer.context_window) == ("extractive", "in process", None)
    assert answerer.counter.name == "hashing"
    assert not answerer.follows_prompts
