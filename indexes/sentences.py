"""Sentences of a text, as spans: nothing is lost but white space between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sentencex import get_sentence_boundaries

_BLOCK = 32_768
"""Characters handed to the splitter at once: it copies every sentence and is slow on long runs of quotes."""

_SPACE = re.compile(r"\s*")
_OPENS = re.compile(r"[ \t]*(?:#{1,6}[ \t]|[-*+•][ \t]|\d{1,3}[.)][ \t]|>|\||```|~~~)")
"""Begins a line that begins a sentence: heading, list item, quotation, table row, fence of code."""
_WHOLE = re.compile(r"[ \t]*(?:#{1,6}[ \t].*|\|.*|(?:```|~~~).*|[=~^\"'*#+-]{3,}[ \t]*)$")
"""A line that is a sentence of its own: heading, its underline, table row, fence of code."""


class Span(NamedTuple):
    """A stretch of a text: characters ``start`` up to, not including, ``end``."""

    start: int
    end: int


def sentence_spans(text: str, *, language: str = "en") -> list[Span]:
    """Spans of the sentences of `text` in order, without surrounding white space; blank ones are left out.

    Args:
        text: any text; paragraphs end sentences, and so do headings, list items, table rows and fences of code, but
            not the line breaks of wrapped prose.
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
        start, end = boundary["start_index"], boundary["end_index"]
        for first, last in _lines_apart(block[start:end]):
            piece = block[start + first : start + last]
            if visible := piece.strip():
                begin = offset + start + first + len(piece) - len(piece.lstrip())
                yield Span(begin, begin + len(visible))


def _lines_apart(piece: str) -> Iterator[Span]:
    """`piece` cut where a line of it stands for itself."""
    if "\n" not in piece.strip():
        yield Span(0, len(piece))
        return
    start = at = 0
    whole = False
    for line in piece.splitlines(keepends=True):
        if at > start and (whole or _OPENS.match(line)):
            yield Span(start, at)
            start = at
        whole = _WHOLE.match(line.rstrip("\n")) is not None
        at += len(line)
    yield Span(start, at)
