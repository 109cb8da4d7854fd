"""A draft: a question, its answer and the quote that holds it, in the three lines in which a model writes them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.context import Context
from rag.grounding.labels import find_marks, is_quotable
from rag.grounding.support import sentences_of
from rag.neutral import neutralise

PARTS = ("question", "answer", "quote")

_LABEL = re.compile(r"^[ \t>*_#•-]*(?:\d[.)])?[ \t*_]*(question|answer|quote)[ \t*_]*[:：][*_]*", re.I | re.M)
_OPENING, _CLOSING = "\"'“„«‘‚", "\"'”“»’‘"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})
_HEAD = r'root ::= "Question: " [^\n?]{10,240} "?\nAnswer: " [^\n]{1,80} "\nQuote: " quote'


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote about a passage.

    Attributes:
        question: to be understood without the passage.
        answer: a few words.
        quote: the words of the passage that hold the answer.
    """

    question: str
    answer: str
    quote: str


def parse_draft(text: str) -> Draft | None:
    """The draft in a model's reply; None where a part is missing.

    Emphasis, list marks and quotation marks around the parts, and text before and behind them, do no harm. Of several
    drafts the first counts. Marks such as ``[1]`` are dropped: the passages have none.

    >>> parse_draft("Sure!\\n**Question:** Who?\\n**Answer:** Ada.\\n**Quote:** “It was Ada.”")
    Draft(question='Who?', answer='Ada', quote='It was Ada.')
    """
    labels = list(_LABEL.finditer(text))
    ends = [label.start() for label in labels[1:]] + [len(text)]
    parts: dict[str, str] = {}
    for label, end in zip(labels, ends, strict=False):
        parts.setdefault(label[1].casefold(), _value(text[label.end() : end]))
    if not all(parts.get(part) for part in PARTS):
        return None
    answer = parts["answer"]
    if answer.endswith(".") and answer.count(".") == 1:
        answer = answer[:-1].rstrip() or answer
    return Draft(parts["question"], answer, parts["quote"])


def draft_grammar(context: Context) -> str | None:
    """The grammar (GBNF) of the drafts whose quote is a sentence of `context` as the model sees it.

    None where there are fewer than two sentences to choose from: tables and code are quoted freely.
    """
    quotes = []
    for sentence in sentences_of(context.slots):
        seen = neutralise(sentence.slot.ranked.passage.text)
        quotes.append(" ".join(seen[sentence.start : sentence.end].split()))
    quotable = list(dict.fromkeys(text for text in quotes if is_quotable(text) and not text.startswith("#")))
    if len(quotable) < 2:
        return None
    return f"{_HEAD}\nquote ::= {_choice(quotable)}\n"


def without_marks(text: str) -> str:
    """`text` without marks that cite passages."""
    for mark in reversed(find_marks(text)):
        text = f"{text[: mark.start].rstrip()} {text[mark.end :].lstrip()}"
    return text.strip()


def _value(text: str) -> str:
    """The first paragraph on one line, without emphasis and quotation marks around it."""
    paragraph = re.split(r"\n[ \t]*\n", text.strip(), maxsplit=1)[0]
    value = " ".join(without_marks(paragraph).split()).strip("*_ ")
    while len(value) > 1 and value[0] in _OPENING and value[-1] in _CLOSING:
        value = value[1:-1].strip()
    return value


def _choice(texts: Iterable[str]) -> str:
    return " | ".join(f'"{text.translate(_ESCAPES)}"' for text in texts)
