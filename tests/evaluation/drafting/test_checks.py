"""What is a good draft, and what is wrong with others."""

from dataclasses import replace
from typing import get_args

import pytest

from evaluation.drafting.checks import ANSWER, WORDS, Reason, checked, confirms
from evaluation.drafting.draft import Draft
from tests.evaluation.drafting.building_drafts import PASSAGE, QUESTION, QUOTE, TEXT

DRAFT = Draft(QUESTION, "Ada Storm", QUOTE)


def test_a_good_draft_passes_as_it_is() -> None:
    assert checked(DRAFT, PASSAGE) == DRAFT


@pytest.mark.parametrize(
    "question",
    [
        "Who built the lighthouse in the bay",
        "The lighthouse was built by Ada Storm.",
        "Who?",
        f"Who {'really ' * 60}built it?",
    ],
)
def test_what_is_no_question_of_reasonable_length_is_dropped(question: str) -> None:
    assert checked(replace(DRAFT, question=question), PASSAGE) == "no_question"


@pytest.mark.parametrize(
    "question",
    [
        "According to the passage, who built the lighthouse?",
        "Who built the lighthouse mentioned in the text?",
        "Based on this document, who built the lighthouse?",
        "Who is the engineer in this excerpt?",
        "What does the author say of the lighthouse?",
        "Which year does the given passage name?",
        "Who built the lighthouse described in the above paragraph?",
    ],
)
def test_a_question_that_speaks_of_its_passage_is_dropped(question: str) -> None:
    assert checked(replace(DRAFT, question=question), PASSAGE) == "names_passage"


@pytest.mark.parametrize(
    "question",
    [
        "Who paid for the passage of the ship?",
        "Which policy puts the best passage first?",
        "Which colour has the text on the door?",
        "Who signs the document before it is sent?",
        "Who is the author of the lighthouse plan?",
        "In the context of shipping, who is the engineer?",
    ],
)
def test_a_question_about_a_text_or_document_is_kept(question: str) -> None:
    assert checked(replace(DRAFT, question=question), PASSAGE) == replace(DRAFT, question=question)


def test_questions_of_other_scripts_end_with_their_own_marks() -> None:
    text = "灯塔位于海湾的岩石上。它由工程师李明于一八六二年建造。每年春天，守塔人都会把门漆成红色。"
    draft = Draft("海湾里的灯塔是谁建造的？", "李明", "它由工程师李明于一八六二年建造。")
    assert checked(draft, replace(PASSAGE, text=text)) == draft


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answer": "lighthouse"}, "gives_away"),
        ({"answer": "The Lighthouse!"}, "gives_away"),
        ({"answer": "Ada Storm " * 9}, "long_answer"),
        ({"answer": "Ada Storm, as the passage says"}, "names_passage"),
        ({"quote": "It was built in 1863 by the engineer Ada Storm."}, "misquoted"),
        ({"quote": "It was built ... by the engineer Ada Storm."}, "misquoted"),
        ({"quote": "Ada Storm"}, "misquoted"),
        ({"quote": "..."}, "misquoted"),
        ({"quote": TEXT}, "quotes_all"),
        ({"quote": TEXT[:-8]}, "quotes_all"),
        ({"answer": "Bob Calm"}, "unsupported"),
        ({"answer": "Ada Storm and Robert Stevenson together"}, "unsupported"),
        ({"answer": "no"}, "unsupported"),
        ({"answer": "the"}, "unsupported"),
        ({"answer": "862"}, "unsupported"),
    ],
)
def test_the_first_thing_that_is_wrong_is_the_reason(change: dict[str, str], reason: Reason) -> None:
    assert checked(replace(DRAFT, **change), PASSAGE) == reason


def test_the_answer_may_be_as_long_as_is_said() -> None:
    text = f"The name is {'x' * ANSWER}. And so on it goes for some more words."
    draft = Draft("What is the name of it?", "x" * ANSWER, f"The name is {'x' * ANSWER}")
    assert checked(draft, replace(PASSAGE, text=text)) == draft
    assert checked(replace(draft, answer="x" * (ANSWER + 1)), replace(PASSAGE, text=text)) == "long_answer"


@pytest.mark.parametrize("answer", ["1862", "In 1862", "Engineer Ada STORM", "burns oil", "the coast", "towers"])
def test_an_answer_stands_in_passage_title_or_heading_or_most_of_its_main_words_do(answer: str) -> None:
    assert checked(replace(DRAFT, answer=answer), PASSAGE) == replace(DRAFT, answer=answer)


@pytest.mark.parametrize(
    ("quote", "kept"),
    [
        ("it was built in 1862", "it was built in 1862"),
        ("Its lamp burns olive oil and shines", "Its lamp burns olive oil and shines"),
        ("…built in 1862 by the engineer…", "built in 1862 by the engineer"),
        ('by the engineer Ada Storm."', "by the engineer Ada Storm"),
    ],
)
def test_a_quote_is_compared_as_quotations_are(quote: str, kept: str) -> None:
    assert checked(replace(DRAFT, quote=quote), PASSAGE) == replace(DRAFT, quote=kept)


@pytest.mark.parametrize(
    ("reply", "answer", "same"),
    [
        ("It was Ada Storm [1].", "Ada Storm", True),
        ("ADA STORM!", "the Ada Storm", True),
        ("1862", "in 1862", True),
        ("in 1862 [1]", "1862", True),
        ("It was Robert Stevenson [1].", "Ada Storm", False),
        ("It was Ada [1].", "Ada Storm", False),
        ("It was built in 18621.", "1862", False),
        ("That is an innovation.", "no", False),
        ("Seven [1].", "1", False),
        ("The.", "Ada Storm", False),
        ("由李明建造。", "李明", True),
    ],
)
def test_a_reply_confirms_an_answer_that_it_holds_or_is_a_part_of(reply: str, answer: str, *, same: bool) -> None:
    assert confirms(reply, answer) is same


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(get_args(Reason))
