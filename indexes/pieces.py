"""Pieces of a text with their token counts, sentences or less, and how they are packed into passages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from indexes.embedder.protocol import Embedder
from indexes.sections import Section
from indexes.sentences import Span, iter_sentences

_CHARACTERS_PER_TOKEN = 8
"""A tokenizer may read a giant word as one token: a text costs at least one token per so many characters."""

_COUNTED_AT_ONCE = 4_096
_SPACE = re.compile(r"\s")


class Piece(NamedTuple):
    """A sentence, or a part of one that is too long for a passage.

    Attributes:
        section: index of the section that it stands in.
        start: offset of its first character.
        end: offset behind its last.
        cost: tokens, white space before it included.
    """

    section: int
    start: int
    end: int
    cost: int


def costs(texts: Sequence[str], embedder: Embedder) -> list[int]:
    """Tokens of each text, or more for one with giant words."""
    counts = embedder.count_tokens(texts)
    return [max(count, _least(len(text))) for text, count in zip(texts, counts, strict=True)]


def _least(characters: int) -> int:
    return -(-characters // _CHARACTERS_PER_TOKEN)


def pieces(text: str, found: list[Section], budgets: list[int], embedder: Embedder) -> Iterator[Piece]:
    """The sentences of the sections `found`, in order; what costs more than its section's budget is split."""
    spans = (
        (index, span)
        for index, section in enumerate(found)
        for span in iter_sentences(text, section.start, section.end)
    )
    return _counted(text, spans, budgets, embedder)


def packed(sentences: Iterable[Piece], budgets: list[int]) -> Iterator[list[Piece]]:
    """Groups of consecutive pieces of one section, each as many as its section's budget holds."""
    group: list[Piece] = []
    cost = 0
    for piece in sentences:
        cost += piece.cost
        if group and (
            piece.section != group[0].section or max(cost, _least(piece.end - group[0].start)) > budgets[piece.section]
        ):
            yield group
            group, cost = [], piece.cost
        group.append(piece)
    if group:
        yield group


def halves(text: str, group: list[Piece]) -> list[list[Piece]]:
    """The group as two, or as one whose only piece is split."""
    if len(group) > 1:
        return [group[: len(group) // 2], group[len(group) // 2 :]]
    [piece] = group
    return [[piece._replace(start=part.start, end=part.end)] for part in _split(text, piece, 2)]


def _counted(text: str, spans: Iterable[tuple[int, Span]], budgets: list[int], embedder: Embedder) -> Iterator[Piece]:
    spans = iter(spans)
    behind = 0
    while batch := list(islice(spans, _COUNTED_AT_ONCE)):
        texts = []
        for _, span in batch:
            texts.append(text[max(behind, span.start - 2) : span.end])  # some tokenizers count white space
            behind = span.end
        for (section, span), cost in zip(batch, costs(texts, embedder), strict=True):
            if cost > budgets[section] and span.end - span.start > 1:
                parts = _split(text, span, 1 + 4 * cost // budgets[section])  # small, so that they pack well
                yield from _counted(text, ((section, part) for part in parts), budgets, embedder)
            else:
                yield Piece(section, span.start, span.end, cost)


def _split(text: str, whole: Span | Piece, count: int) -> Iterator[Span]:
    """About `count` parts, at line ends or else at white space where there is any, without surrounding white space."""
    size = max(1, (whole.end - whole.start) // count)
    start = whole.start
    while start < whole.end:
        stop = min(start + size, whole.end)
        if stop < whole.end:
            stop = _break(text, start + size // 2, stop)
        part = text[start:stop]
        if visible := part.strip():
            begin = start + len(part) - len(part.lstrip())
            yield Span(begin, begin + len(visible))
        start = stop


def _break(text: str, first: int, last: int) -> int:
    """The best place for a cut between `first` and `last`."""
    line_end = text.rfind("\n", first, last)
    if line_end >= 0:
        return line_end + 1
    return max((match.end() for match in _SPACE.finditer(text, first, last)), default=last)
