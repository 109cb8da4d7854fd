"""Verbatim answers: a grammar by which a model can only quote its context, and a check where nothing enforces it."""

import re
from collections.abc import Iterable, Iterator

from indexes.sentences import sentence_spans
from rag.context import Context, Slot
from rag.grounding.citations import comparable, places
from rag.grounding.labels import find_marks, is_quotable
from rag.grounding.support import sentences_of
from rag.neutral import neutralise
from rag.refusal import REFUSAL, is_refusal

TEMPLATE = "verbatim"
"""The prompt's template that asks for what the grammar allows."""

_LINES = 'line ("\\n" line ("\\n" line)?)?'
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ITEM = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+", re.MULTILINE)
_WORD = re.compile(r"\w")


def verbatim_grammar(context: Context) -> str:
    """The grammar (GBNF as both llama.cpp and xgrammar read it) of the answers that do nothing but quote `context`.

    One to three lines, each a sentence of a passage as the model sees it and the passage's label, ``Text. [2]``; or
    the refusal. Of sentences longer than 400 characters, as tables and code give, the parts can be quoted; headings
    and scraps of a word or two cannot.
    """
    quotable = {slot.position: quotes for slot in context.slots if (quotes := _quotes(slot))}
    if not quotable:
        return f"root ::= {_literal(REFUSAL)}\n"
    rules = [
        f"root ::= {_literal(REFUSAL)} | {_LINES}",
        f"line ::= {' | '.join(f'passage{position}' for position in quotable)}",
        # a rule for each passage: xgrammar's time to compile grows with the square of a rule's choices
        *(f'passage{position} ::= ({_choice(quotes)}) " [{position}]"' for position, quotes in quotable.items()),
    ]
    return "\n".join(rules) + "\n"


def not_verbatim(answer_text: str, context: Context) -> tuple[str, ...]:
    """The sentences of an answer that do not stand word for word in a passage whose label follows them.

    Compared as quotations are (`rag.grounding.citations`), except that nothing may be left out. The refusal is none.
    """
    texts = {slot.position: comparable(slot.ranked.passage.text) for slot in context.slots}
    return tuple(
        " ".join(sentence.split())
        for stretch, labels in _stretches(answer_text)
        for sentence in _unfound(stretch, [texts[label] for label in labels if label in texts])
    )


def _quotes(slot: Slot) -> list[str]:
    """The sentences of a passage that can be quoted, each once, as they stand in the prompt."""
    seen = neutralise(slot.ranked.passage.text)
    texts = [" ".join(seen[sentence.start : sentence.end].split()) for sentence in sentences_of([slot])]
    return list(dict.fromkeys(text for text in texts if _is_sentence(text) and not text.startswith("#")))


def _is_sentence(text: str) -> bool:
    return is_quotable(text) or text.endswith(("。", "！", "？"))


def _choice(texts: Iterable[str]) -> str:
    return " | ".join(map(_literal, texts))


def _literal(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _stretches(answer_text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What stands before each mark, with its labels; and what stands behind the last, with none."""
    start = 0
    for mark in find_marks(answer_text):
        yield answer_text[start : mark.start], mark.labels
        start = mark.end
    yield answer_text[start:], ()


def _unfound(stretch: str, texts: list[str]) -> Iterator[str]:
    unnumbered = _ITEM.sub("", stretch)
    if any(_stands(whole, text) for whole in (stretch, unnumbered) for text in texts):
        return
    for span in sentence_spans(unnumbered):
        sentence = unnumbered[span.start : span.end]
        if _WORD.search(sentence) and not is_refusal(sentence) and not any(_stands(sentence, text) for text in texts):
            yield sentence


def _stands(sentence: str, text: str) -> bool:
    """Whether `sentence` is in a `comparable` text; an ellipsis only where the text has it."""
    return _is_sentence(sentence.strip()) and (len(places(sentence, text)) == 1 or comparable(sentence) in text)
