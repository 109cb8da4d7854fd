"""The checks of a draft: form, question, quote and answer, and whether its question is answered from the passage."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from evaluation.drafting.draft import Draft, without_marks
from evaluation.metrics.normalise import normalised, tokens
from indexes.passages import Passage
from rag.grounding.citations import comparable
from rag.grounding.labels import is_quotable

Reason = Literal[
    "failed",
    "malformed",
    "no_question",
    "names_passage",
    "gives_away",
    "long_answer",
    "misquoted",
    "quotes_all",
    "unsupported",
    "repeated",
    "unanswerable",
]
"""Why nothing came of a passage."""

WORDS: Mapping[Reason, str] = {
    "failed": "the model did not reply",
    "malformed": "question, answer or quote is missing",
    "no_question": "no question of a reasonable length",
    "names_passage": "it speaks of its passage",
    "gives_away": "the question holds its answer",
    "long_answer": "the answer is too long",
    "misquoted": "the quote is not in the passage",
    "quotes_all": "the quote is the whole passage",
    "unsupported": "the answer is not in the passage",
    "repeated": "nearly the same question as another",
    "unanswerable": "asked with the passage alone, the model answered otherwise",
}
"""The reasons for people."""

QUESTION = range(8, 301)
"""Characters of a question."""
ANSWER = 80
"""Most characters of an answer: longer ones are found in no reply."""
WHOLE = 0.9
"""Share of a passage's characters from which on a quote is all of it."""
MAIN = 4
"""Letters of a word that makes a difference; words with a digit do, whatever their length."""

_KINDS = r"(?:passages?|text|excerpt|paragraph|snippet|document|article|section|author|context|quote)\b"
_THIS = r"\b(?:the|this|that|these)\s+(?:\w+\s+)?"
_NAMES = re.compile(
    rf"\b(?:according\s+to|based\s+on|(?:mention|describ|stat|provid|discuss|giv|list)\w*\s+(?:in|by))\s+{_THIS}{_KINDS}"
    rf"|\b(?:in|from|by)\s+this\s+{_KINDS}"
    r"|\b(?:the|this|that)\s+(?:(?:above|given|following|preceding|provided)\s+)?(?:passage|excerpt|snippet)\b"
    r"(?!\s+(?:of|through|from|to|between)\b)"
    r"|\b(?:does|did|do)\s+(?:the|this)\s+(?:text|author|article)\b",
    re.IGNORECASE,
)
_MARKS = ("?", "？", "؟", ";")
_EDGES = " .,;:!?…-–\"'“”„«»‘’"


def checked(draft: Draft, passage: Passage) -> Draft | Reason:
    """The draft with its quote as it stands in the passage, or the first reason against it.

    The quote is compared as quotations are (`rag.grounding.citations.comparable`), its case aside, as where gold is
    looked for. Most of the answer's main words must stand in the passage or its title and headings.
    """
    question = draft.question
    if len(question) not in QUESTION or not question.endswith(_MARKS):
        return "no_question"
    if _NAMES.search(question) or _NAMES.search(draft.answer):
        return "names_passage"
    if len(draft.answer) > ANSWER:
        return "long_answer"
    if _stands(normalised(draft.answer), normalised(question)):
        return "gives_away"
    text = comparable(passage.text).casefold()
    quote = next((one for one in (draft.quote, draft.quote.strip(_EDGES)) if comparable(one).casefold() in text), "")
    if not is_quotable(quote):
        return "misquoted"
    if len(comparable(quote)) >= WHOLE * len(text):
        return "quotes_all"
    if not _supported(draft.answer, " ".join(filter(None, [passage.title, passage.heading, passage.text]))):
        return "unsupported"
    return replace(draft, quote=quote)


def confirms(reply: str, answer: str) -> bool:
    """Whether `reply`, to the draft's question with its passage alone, holds `answer`, or is a part of it.

    Both normalised as by the accuracy metrics, and compared by whole words.
    """
    found, wanted = normalised(without_marks(reply)), normalised(answer)
    return _stands(wanted, found) or _stands(found, wanted)


def _supported(answer: str, text: str) -> bool:
    if _stands(normalised(answer), normalised(text)):
        return True
    there = set(tokens(text))
    main = [word for word in tokens(answer) if len(word) >= MAIN or any(char.isdigit() for char in word)]
    return bool(main) and 3 * sum(word in there for word in main) >= 2 * len(main)


def _stands(part: str, whole: str) -> bool:
    """Whether `part`, which must not be empty, stands in `whole`, between the ends of words where it has such."""
    return bool(part) and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole, re.ASCII) is not None
