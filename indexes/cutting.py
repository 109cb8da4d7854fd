"""Cuts a document into passages: whole sentences of one section, as many as the embedder reads at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from indexes.documents import Document
from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError
from indexes.pieces import Piece, costs, halves, packed, pieces
from indexes.sections import Section, sections

CUTTING_VERSION = 1
"""Raised whenever the same document would be cut otherwise than before."""

_LONGEST = 256
"""Tokens of a passage where the embedder reads more: longer passages blur in one vector."""
_SMALLEST = 16
_CHECKED_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Cutting:
    """How documents are cut. Equal specs, with equal embedders, give equal passages.

    Attributes:
        max_tokens: longest passage with its context line; None for what the embedder reads, 256 at most.
    """

    max_tokens: int | None = None

    @property
    def spec(self) -> str:
        """What an index records, e.g. ``sentences(max_tokens=None)/1``."""
        return f"sentences(max_tokens={self.max_tokens})/{CUTTING_VERSION}"

    def limit(self, embedder: Embedder) -> int:
        """Tokens of `embedder` that a passage may have, its context line included.

        Raises:
            RequestError: too few, or more than the embedder reads.
        """
        room = embedder.room()
        limit = min(room, _LONGEST) if self.max_tokens is None else self.max_tokens
        if not _SMALLEST <= limit <= room:
            raise RequestError(
                f"cannot cut passages of {limit} tokens for embedder {embedder.spec.name!r}: "
                f"give between {_SMALLEST} and {room} tokens, or another embedder"
            )
        return limit


class Cut(NamedTuple):
    """Where a passage stands in its document's text, and what its vector is made of.

    Attributes:
        start: offset of its first character.
        end: offset behind its last.
        heading: enclosing headings, outermost first, joined by " > "; None without.
        embedded: the context line (title and headings), then the passage.
    """

    start: int
    end: int
    heading: str | None
    embedded: str

    @property
    def lead(self) -> str:
        """The context line with its line break: what is embedded before the passage."""
        return self.embedded[: len(self.embedded) - (self.end - self.start)]


def cut(document: Document, embedder: Embedder, cutting: Cutting = Cutting()) -> list[Cut]:
    """The passages of `document` in order, verbatim; they leave out and share nothing but white space.

    Raises:
        RequestError: `cutting` and `embedder` do not fit together.
    """
    limit = cutting.limit(embedder)
    found = sections(document)
    leads = _leads(document.title, found, embedder, limit // 3)
    budgets = [limit - cost for cost in costs(leads, embedder)]
    groups = packed(pieces(document.text, found, budgets, embedder), budgets)
    return list(_cuts(document.text, found, leads, groups, embedder, limit))


def _leads(title: str, found: list[Section], embedder: Embedder, most: int) -> list[str]:
    """The context line of each section: title and headings, of `most` tokens, the outermost given up first."""
    title = " ".join(title.split())
    lines = [[title, *section.path] if title not in section.path[:1] else [*section.path] for section in found]
    leads = [_line(line) for line in lines]
    for index, cost in enumerate(costs(leads, embedder)):
        while cost > most:
            line = lines[index]
            if len(line) > 1:
                del line[0]
            else:
                line[0] = line[0][: len(line[0]) * most // cost]
            leads[index] = _line(line)
            [cost] = costs(leads[index : index + 1], embedder)
    return leads


def _line(titles: list[str]) -> str:
    line = " > ".join(title for title in titles if title)
    return line + "\n" if line else ""


def _cuts(
    text: str,
    found: list[Section],
    leads: list[str],
    groups: Iterable[list[Piece]],
    embedder: Embedder,
    limit: int,
) -> Iterator[Cut]:
    """Makes the passages, and halves those that are too long although the tokens of their pieces add up to less."""
    groups = iter(groups)
    while batch := list(islice(groups, _CHECKED_AT_ONCE)):
        texts = [leads[group[0].section] + text[group[0].start : group[-1].end] for group in batch]
        for group, embedded, tokens in zip(batch, texts, embedder.count_tokens(texts), strict=True):
            if tokens > limit:
                yield from _cuts(text, found, leads, halves(text, group), embedder, limit)
            else:
                heading = " > ".join(found[group[0].section].path) or None
                yield Cut(group[0].start, group[-1].end, heading, embedded)
