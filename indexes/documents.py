"""The document: extracted text with a map of its pages and headings, before it is cut into passages."""

from bisect import bisect_right
from dataclasses import dataclass

Metadata = tuple[tuple[str, str], ...]
"""Key and value pairs, sorted by key; keys are unique."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a document's text.

    Attributes:
        start: offset of its first character in the document's text.
        level: 1 for the topmost.
        title: its words, on one line, without markup.
    """

    start: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it is stored and cut. All offsets, here and in passages, are characters of `text`.

    Attributes:
        source: the path relative to its root, with ``/``; records of a file add ``#id``.
        text: the extracted text, never empty.
        title: from the document itself (metadata, first heading, record field), else the file's name.
        pages: offset at which each page starts, page 1 first; empty where there are no pages.
        headings: in order of `start`.
        metadata: what filters and placements may use: "type" always, record fields, dates where known.
        own_lines: the text is the file's own, so that lines counted in it are lines of the file.
    """

    source: str
    text: str
    title: str
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Metadata = ()
    own_lines: bool = False

    def page_at(self, offset: int) -> int | None:
        """The page, counted from 1, that holds the character at `offset`; None without pages."""
        return bisect_right(self.pages, offset) or 1 if self.pages else None
