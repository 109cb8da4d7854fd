"""Attribution of answers that cite nothing."""

from hypothesis import given
from hypothesis import strategies as st

from indexes.embedder.hashing import HashingEmbedder
from rag.grounding.attribution import attribute
from tests.rag.contexts import context_of, reordered

TEXTS = (
    "Soil is brown. The sky is blue because air scatters short waves.",
    "Grass is green. Chlorophyll absorbs red and blue light.",
)
CONTEXT = context_of(*TEXTS)
EMBEDDER = HashingEmbedder()


def test_a_sentence_is_attributed_to_the_passage_that_backs_it() -> None:
    (citation,) = attribute("Chlorophyll absorbs red light.", CONTEXT, EMBEDDER)
    assert (citation.label, citation.passage_id, citation.origin) == (2, "0000000000000002", "attributed")
    assert citation.quote == "Chlorophyll absorbs red and blue light."
    assert citation.verified is None
    assert citation.reason is None


def test_a_sentence_that_nothing_backs_is_not_attributed() -> None:
    assert attribute("Turtles hatch at night near warm beaches.", CONTEXT, EMBEDDER) == ()


def test_each_sentence_is_attributed_by_itself() -> None:
    answer = "The sky is blue because air scatters. Turtles hatch at night. The grass is green."
    assert [citation.label for citation in attribute(answer, CONTEXT, EMBEDDER)] == [1, 2]


def test_the_same_support_is_given_once() -> None:
    assert len(attribute("Grass is green. Green is the grass.", CONTEXT, EMBEDDER)) == 1


def test_words_without_meaning_are_not_attributed() -> None:
    assert attribute("It is.\n\n---\n\n42", context_of("It is. So it was."), EMBEDDER) == ()


def test_an_empty_context_backs_nothing() -> None:
    assert attribute("Grass is green.", context_of(), EMBEDDER) == ()


def test_the_order_of_passages_does_not_matter() -> None:
    answer = "The grass is green. The sky is blue."
    ids = [c.passage_id for c in attribute(answer, CONTEXT, EMBEDDER)]
    assert ids == [c.passage_id for c in attribute(answer, reordered(CONTEXT, (1, 0)), EMBEDDER)]


@given(st.text(max_size=200))
def test_whatever_a_model_writes_is_read(answer: str) -> None:
    assert all(citation.quote for citation in attribute(answer, CONTEXT, EMBEDDER))
