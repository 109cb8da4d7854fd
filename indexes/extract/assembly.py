"""Putting a text together block by block, so that offsets of headings and pages are known, never searched."""

from collections.abc import Iterable
from dataclasses import replace

from indexes.documents import Heading, Metadata
from indexes.extract.extracted import Extracted, one_line

GAP = "\n\n"


class Assembly:
    """A growing text of blocks with a blank line between them."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._length = 0
        self._pages: list[int] = []
        self._headings: list[Heading] = []

    def page(self) -> None:
        """Starts the next page: it begins with the next block."""
        self._pages.append(self._next())

    def add(self, text: str, *, headings: Iterable[Heading] = ()) -> None:
        """Adds a block verbatim, with the headings inside it; a blank one is left out."""
        if not text.strip():
            return
        start = self._next()
        self._headings.extend(replace(heading, start=start + heading.start) for heading in headings)
        self._blocks.append(text)
        self._length = start + len(text)

    def heading(self, text: str, level: int) -> None:
        """Adds a block that is a heading."""
        text = text.strip()
        self.add(text, headings=[Heading(0, level, one_line(text))])

    def extracted(self, *, title: str | None = None, metadata: Metadata = ()) -> Extracted:
        """The whole text with its map."""
        return Extracted(
            GAP.join(self._blocks),
            title=title,
            pages=tuple(min(start, self._length) for start in self._pages),
            headings=tuple(self._headings),
            metadata=metadata,
        )

    def _next(self) -> int:
        return self._length + len(GAP) if self._blocks else 0
