"""Sentences of a text, as spans: nothing is lost but white space between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sentencex import get_sentence_boundaries

_BLOCK = 32_768
"""Characters handed to the splitter at once: it copies every sentence and is slow on long runs of quotes."""

_SPACE = re.compile(r"\s*")


class Span(NamedTuple):
    """A stretch of a text: characters ``start`` up to, not including, ``end``."""

    start: int
    end: int


def sentence_spans(text: str, *, language: str = "en") -> list[Span]:
    """Spans of the sentences of `text` in order, without surrounding white space; blank ones are left out.

    Args:
        text: any text; paragraphs end sentences, single line breaks do not.
        language: ISO 639-1 code that chooses abbreviations and punctuation; unknown ones fall back.
    """
    return list(iter_sentences(text, 0, len(text), language=language))


def iter_sentences(text: str, start: int, end: int, *, language: str = "en") -> Iterator[Span]:
    """Like `sentence_spans` for ``text[start:end]``, with offsets in `text` and in bounded memory.

    A sentence that is longer than 32,768 characters comes in several spans.
    """
    while (start := _first_visible(text, start)) < end:
        stop = _block_end(text, start, end)
        spans = list(_spans(text[start:stop], start, language))
        if stop < end and len(spans) > 1:
            stop = spans.pop().start  # the last may go on behind the block: read it again
        yield from spans
        start = stop


def _first_visible(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return match.end() if match else start


def _block_end(text: str, start: int, end: int) -> int:
    """Where the block from `start` ends: at `end`, or at white space, or inside a giant word."""
    if end - start <= _BLOCK:
        return end
    limit = start + _BLOCK
    return max(text.rfind(" ", start, limit), text.rfind("\n", start, limit)) + 1 or limit


def _spans(block: str, offset: int, language: str) -> Iterator[Span]:
    for boundary in get_sentence_boundaries(language, block):
        piece = block[boundary["start_index"] : boundary["end_index"]]
        if visible := piece.strip():
            start = offset + boundary["start_index"] + len(piece) - len(piece.lstrip())
            yield Span(start, start + len(visible))
