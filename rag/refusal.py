"""The sentence by which a model says that the passages do not answer; shared by the prompt and its reader."""

import re

REFUSAL = "The passages do not answer the question."

_WORDS = re.compile(r"[^\W\d_]+")


def is_refusal(text: str) -> bool:
    """Whether `text` is that sentence and nothing else, whatever its case, punctuation, quotation and citation marks.

    A longer text that contains it is an answer: it goes on to say something.

    >>> is_refusal("“The passages do not answer the question” [1]")
    True
    """
    return _WORDS.findall(text.casefold()) == _WORDS.findall(REFUSAL.casefold())
