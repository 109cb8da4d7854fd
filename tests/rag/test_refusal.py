"""The sentence by which a model declines."""

import pytest

from rag.refusal import REFUSAL, is_refusal


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        "the passages do not answer the question",
        '"The passages do not answer the question."',
        "“The passages do not answer the question”.\n",
        "**The passages do not answer the question.** [1]",
    ],
)
def test_the_sentence_is_known_whatever_its_dress(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The passages do answer the question.",
        f"{REFUSAL} However, Paris is in France [2].",
        f"You ask whether {REFUSAL}",
        "The passages do not answer the question of why.",
    ],
)
def test_a_longer_or_other_text_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
