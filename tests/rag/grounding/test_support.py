"""Support: sentences of a context, compared with a text."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.embedder.hashing import HashingEmbedder
from rag.grounding.support import LONGEST, Support, sentences_of, terms
from tests.rag.contexts import context_of, reordered


def test_sentences_come_by_rank_and_in_reading_order() -> None:
    context = reordered(context_of("A first. A second.", "B first."), (1, 0))
    assert [sentence.text for sentence in sentences_of(context.slots)] == ["A first.", "A second.", "B first."]


def test_what_has_no_letter_is_no_sentence() -> None:
    assert sentences_of(context_of("42\n\n---\n\n| 1 | 2 |").slots) == []


@given(st.text(alphabet="ab 1.\n", max_size=1500))
def test_sentences_are_verbatim_bounded_and_in_order(text: str) -> None:
    sentences = sentences_of(context_of(text).slots)
    assert all(0 < sentence.end - sentence.start <= LONGEST for sentence in sentences)
    assert all(one.end <= other.start for one, other in pairwise(sentences))
    assert all(sentence.text == " ".join(text[sentence.start : sentence.end].split()) for sentence in sentences)
    assert sum(char.isalpha() for char in text) == sum(
        char.isalpha() for sentence in sentences for char in sentence.text
    )


def test_a_long_sentence_is_cut_at_the_end_of_a_line() -> None:
    lines = [f"cell {'x' * 90} end" for _ in range(20)]
    sentences = sentences_of(context_of("\n".join(lines)).slots)
    assert all(sentence.text.endswith("end") for sentence in sentences)


def test_coverage_is_the_weighted_share_of_words_found() -> None:
    """Three sentences; "tall" is in one, "tree" in all: log1p(3 / 1.5) and log1p(3 / 3.5)."""
    context = context_of("tall trees", "trees grow", "trees fall", titles=("", "", ""))
    tall, tree = np.log1p(3 / 1.5), np.log1p(3 / 3.5)
    coverage = Support(context.slots, HashingEmbedder()).coverage("the tall tree")
    assert coverage == pytest.approx([1, tree / (tall + tree), tree / (tall + tree)])


def test_words_of_the_title_count() -> None:
    context = context_of("It grows.", "It falls.", titles=("Oak", "Rain"))
    coverage = Support(context.slots, HashingEmbedder()).coverage("oak")
    assert list(coverage) == [1, 0]


def test_a_text_without_words_is_covered_by_nothing() -> None:
    assert list(Support(context_of("It grows.").slots, HashingEmbedder()).coverage("?")) == [0]


def test_no_slots_give_no_figures() -> None:
    support = Support((), HashingEmbedder())
    assert support.backing("oak").shape == (0,)


def test_terms_are_words_with_meaning_without_endings() -> None:
    assert terms("Who painted the trees' leaves? It's Monet's.") == ["paint", "tre", "leav", "monet"]
