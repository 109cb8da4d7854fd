"""Word documents: paragraphs and tables in the order of the document, headings from their styles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.styles.style import ParagraphStyle
from lxml.etree import XPath, _Element

from indexes.extract.archives import check_archive
from indexes.extract.assembly import Assembly
from indexes.extract.dates import dated
from indexes.extract.extracted import Extracted, one_line

# All that is written in a paragraph: also in links, content controls and insertions, which Paragraph.text
# leaves out; text boxes stand there twice, once as a fallback for older programs.
_WRITTEN: Any = XPath(
    ".//w:r/*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"
    "[not(ancestor::*[local-name()='Fallback'])]",
    namespaces={"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"},
)
_WHITE = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_WRAPPERS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")}


def read(path: Path) -> Extracted:
    """The body's text; headers, footers, footnotes and comments are left out."""
    check_archive(path)
    document = docx.Document(str(path))
    levels = _heading_levels(document)
    assembly = Assembly()
    title = None
    for block in _unwrapped(document.element.body):
        if block.tag == _TABLE:
            assembly.add("\n".join(_rows(block)))
            continue
        text, style = _text(block), _style(block)
        if style in levels:
            assembly.heading(text, levels[style])
        else:
            assembly.add(text)
        if style == "Title" and title is None:
            title = one_line(text)
    facts = document.core_properties
    return assembly.extracted(
        title=one_line(facts.title) or title or None, metadata=dated(facts.modified, facts.created)
    )


def _unwrapped(parent: _Element) -> Iterator[_Element]:
    """The paragraphs and tables (or rows, or cells) directly in `parent`, out of any wrappers."""
    for child in parent:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        elif child.tag in (_PARAGRAPH, _TABLE, _ROW, _CELL):
            yield child


def _rows(table: _Element) -> Iterator[str]:
    for row in _unwrapped(table):
        yield " | ".join(one_line(" ".join(_cell_texts(cell))) for cell in _unwrapped(row))


def _cell_texts(cell: _Element) -> Iterator[str]:
    for block in _unwrapped(cell):
        yield from _rows(block) if block.tag == _TABLE else [_text(block)]


def _text(paragraph: _Element) -> str:
    return "".join(_WHITE.get(piece.tag) or piece.text or "" for piece in _WRITTEN(paragraph)).strip()


def _style(paragraph: _Element) -> str | None:
    found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return None if found is None else found.get(qn("w:val"))


def _heading_levels(document: Document) -> dict[str | None, int]:
    """Heading levels by style id, for styles named "Heading 1" to "Heading 9" and those based on them."""
    levels: dict[str | None, int] = {}
    for style in document.styles:
        base = style if style.type == WD_STYLE_TYPE.PARAGRAPH else None
        for _ in range(10):  # a damaged file may base styles on each other in a circle
            if not isinstance(base, ParagraphStyle):
                break
            word, _space, digit = (base.name or "").partition(" ")
            if word == "Heading" and digit.isdecimal():
                levels[style.style_id] = int(digit)
                break
            base = base.base_style
    return levels
