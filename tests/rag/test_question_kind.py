"""Cues: what a question asks for, and what a sentence holds."""

import pytest

from rag.grounding.support import terms
from rag.question_kind import QuestionKind, holds_kind, wanted_kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was it built?", "time"),
        ("in what year did it open", "time"),
        ("How many people live there?", "number"),
        ("who wrote Dune", "name"),
        ("Where is it?", "name"),
        ("Why is the sky blue?", None),
        ("whenever", None),
        ("", None),
    ],
)
def test_the_words_of_a_question_tell_its_kind(question: str, kind: QuestionKind | None) -> None:
    assert wanted_kind(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "holds"),
    [
        ("time", "It opened in March 1931.", True),
        ("time", "It opened early.", False),
        ("number", "There are twelve of them.", True),
        ("number", "There are some of them.", False),
        ("name", "The novel Dune was written by Frank Herbert.", True),
        ("name", "The novel Dune was written early.", False),
        ("name", "Written early, it sold well.", False),
        (None, "Frank Herbert wrote 6 of them in 1965.", False),
    ],
)
def test_a_sentence_holds_the_kind_or_not(kind: QuestionKind | None, sentence: str, holds: bool) -> None:
    assert holds_kind(kind, sentence, frozenset(terms("who wrote Dune"))) is holds
