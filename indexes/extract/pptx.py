"""Presentations: a page for each slide, its title as heading, then its texts, tables and notes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pptx

from indexes.extract.archives import check_archive
from indexes.extract.assembly import Assembly
from indexes.extract.dates import dated
from indexes.extract.extracted import Extracted, one_line


def read(path: Path) -> Extracted:
    """The text of all slides; charts, drawings and pictures have none."""
    check_archive(path)
    presentation = pptx.Presentation(str(path))
    assembly = Assembly()
    for slide in presentation.slides:
        assembly.page()
        title = slide.shapes.title
        if title is not None:
            assembly.heading(_clean(title.text_frame.text), 1)
        for text in _texts(slide.shapes, title.shape_id if title is not None else None):
            assembly.add(_clean(text).strip())
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            assembly.add(_clean(slide.notes_slide.notes_text_frame.text).strip())
    facts = presentation.core_properties
    return assembly.extracted(title=one_line(facts.title) or None, metadata=dated(facts.modified, facts.created))


def _texts(shapes: Any, title_id: int | None) -> Iterator[str]:
    for shape in shapes:
        if shape.shape_id == title_id:
            continue
        if shape.has_text_frame:
            yield shape.text_frame.text
        elif shape.has_table:
            yield "\n".join(" | ".join(one_line(c.text) for c in row.cells) for row in shape.table.rows)
        elif hasattr(shape, "shapes"):  # a group
            yield from _texts(shape.shapes, title_id)


def _clean(text: str) -> str:
    return text.replace("\v", "\n")  # how python-pptx writes a line break within a paragraph
