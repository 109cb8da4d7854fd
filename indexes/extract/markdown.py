"""Markdown: the file's own text, verbatim; headings by markdown-it, title and date from front matter."""

import re
from itertools import accumulate, pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from indexes.documents import Heading
from indexes.extract.dates import dated
from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted, one_line

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"(title|date)[ \t]*:[ \t]+(\S.*)")
_LONGEST = 1000  # characters of a line that can tell what it is; the rest would only cost time
_BLOCKS = MarkdownIt("commonmark").disable(["inline", "reference"])
_INLINE = MarkdownIt("commonmark")


def read(path: Path) -> Extracted:
    """The text with its headings; a heading starts with its marks (``## ``)."""
    text = read_text(path)
    front = _FRONT.match(text)
    fields = _fields(front[0]) if front else {}
    return Extracted(
        text,
        title=fields.get("title"),
        headings=_headings(text, skipped_lines=front[0].count("\n") if front else 0),
        metadata=dated(fields.get("date")),
        own_lines=True,
    )


def _fields(front: str) -> dict[str, str]:
    found = (_FIELD.fullmatch(line.rstrip()) for line in front.split("\n"))
    return {field[1]: field[2].strip("\"'") for field in found if field}


def _headings(text: str, *, skipped_lines: int) -> tuple[Heading, ...]:
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    # markdown-it takes a lone carriage return for a line's end, which would shift its line map
    shown = [line[:_LONGEST].replace("\r", " ") for line in lines]
    shown[:skipped_lines] = [""] * skipped_lines
    tokens = _BLOCKS.parse("\n".join(shown))
    headings = []
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            title = _words(content.content)
            if title:
                line = lines[token.map[0]]
                start = starts[token.map[0]] + len(line) - len(line.lstrip())
                headings.append(Heading(start, int(token.tag[1:]), title))
    return tuple(headings)


def _words(content: str) -> str:
    """The words of a heading without their markup."""
    children = (child for token in _INLINE.parseInline(content) for child in token.children or [])
    return one_line(
        "".join("\n" if "break" in child.type else child.content for child in children if child.type != "html_inline")
    )
