"""Where a passage can be opened: its file, as a path that works from the current folder, and a link to it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from cli.printable import filename, one_line

if TYPE_CHECKING:
    from indexes.index import Index
    from indexes.passages import Passage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands.

    Attributes:
        path: its file.
        record: its record within the file, as ``#id``; empty without.
        line: line of the file; None where the text is not the file's own.
        page: page of the file; None without.
    """

    path: Path
    record: str
    line: int | None
    page: int | None

    def text(self) -> Text:
        """E.g. ``guide/a.md:12`` or ``paper.pdf page 3``, a hyperlink on terminals that know such."""
        fragment = f"#page={self.page}" if self.page else ""
        link = Style(link=self.path.as_uri() + fragment, color="cyan")
        shown = filename(str(_from_here(self.path))) + one_line(self.record)
        if self.line:
            shown += f":{self.line}"
        text = Text().append(shown, link)
        return text.append(f" page {self.page}", "dim") if self.page else text


def places_of(index: "Index", passages: Iterable["Passage"]) -> list[Place]:
    """The places of passages of an open index, in their order."""
    return [_place(index, passage) for passage in passages]


def _place(index: "Index", passage: "Passage") -> Place:
    file = index.file_of(passage)
    return Place(
        path=Path(os.fsdecode(file.path)),
        record=passage.source.removeprefix(file.source),
        line=passage.line,
        page=passage.page,
    )


def _from_here(path: Path) -> Path:
    """`path` relative to the current folder where it lies below that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
