"""reStructuredText: the file's own text, verbatim; headings by their lines of punctuation."""

import re
from pathlib import Path

from indexes.documents import Heading
from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted, one_line

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+[ \t]*")


def read(path: Path) -> Extracted:
    """The text with its headings; one with an overline starts with the overline."""
    text = read_text(path)
    return Extracted(text, headings=_headings(text), own_lines=True)


def _headings(text: str) -> tuple[Heading, ...]:
    """Levels are numbered as they first appear: reStructuredText has no fixed marks."""
    headings: list[Heading] = []
    styles: list[tuple[str, bool]] = []
    lines = text.split("\n")
    start = 0  # of the line `title`
    for i, title in enumerate(lines):
        above = lines[i - 1] if i else ""
        below = lines[i + 1] if i + 1 < len(lines) else ""
        overlined = bool(_ADORNMENT.fullmatch(above)) and above.rstrip() == below.rstrip()
        stands_apart = overlined or (not above.strip() and not title[:1].isspace())
        if stands_apart and _underlines(below, title):
            style = (below[0], overlined)
            if style not in styles:
                styles.append(style)
            first = start - len(above) - 1 if overlined else start
            headings.append(Heading(first, styles.index(style) + 1, one_line(title)))
        start += len(title) + 1
    return tuple(headings)


def _underlines(below: str, title: str) -> bool:
    return (
        bool(title.strip())
        and _ADORNMENT.fullmatch(below) is not None
        and len(below.rstrip()) >= min(len(title.strip()), 4)
        and _ADORNMENT.fullmatch(title) is None
    )
