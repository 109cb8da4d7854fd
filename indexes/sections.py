"""The sections of a document: what stands between two headings, with the headings that enclose it."""

from itertools import pairwise
from typing import NamedTuple

from indexes.documents import Document, Heading

_MERE_HEADING = 400
"""Characters: what is longer is never taken for a mere heading."""


class Section(NamedTuple):
    """A stretch of a document's text that no passage reaches beyond.

    Attributes:
        path: titles of the enclosing headings, outermost first.
    """

    start: int
    end: int
    path: tuple[str, ...]


def sections(document: Document) -> list[Section]:
    """The sections of `document` in order; together they are its text.

    A section that is a mere heading joins the section below it, which it encloses anyway.
    """
    starts = [heading.start for heading in document.headings]
    found = [Section(0, starts[0] if starts else len(document.text), ())]
    path: list[Heading] = []
    begun: int | None = None  # where the mere headings before this one begin
    for heading, (start, end) in zip(document.headings, pairwise([*starts, len(document.text)]), strict=True):
        if begun is not None and heading.level <= path[-1].level:
            found.append(_section(begun, start, path))
            begun = None
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
        begun = start if begun is None else begun
        if not _is_mere_heading(document.text, start, end):
            found.append(_section(begun, end, path))
            begun = None
    if begun is not None:
        found.append(_section(begun, len(document.text), path))
    return found


def _section(start: int, end: int, path: list[Heading]) -> Section:
    return Section(start, end, tuple(heading.title for heading in path))


def _is_mere_heading(text: str, start: int, end: int) -> bool:
    """Whether there is one line of words at most (an underlining has no words)."""
    if end - start > _MERE_HEADING:
        return False
    return sum(any(map(str.isalnum, line)) for line in text[start:end].splitlines()) <= 1
