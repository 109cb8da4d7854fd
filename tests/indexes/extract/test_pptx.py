"""Tests of `indexes.extract.pptx` with presentations written by python-pptx."""

from datetime import datetime
from pathlib import Path

import pptx
from pptx.util import Inches

from indexes.extract import extract


def test_every_slide_is_a_page_with_its_title_texts_tables_and_notes(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    deck.core_properties.title = "The deck"
    deck.core_properties.modified = datetime(2024, 5, 1)
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "First\vslide"
    first.placeholders[1].text = "Point one\nPoint two"
    first.notes_slide.notes_text_frame.text = "Say hello"
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Third slide"
    table = third.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(1), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(1), Inches(1), Inches(1)).text_frame.text = "grouped"
    deck.save(str(tmp_path / "a.pptx"))

    (document,) = extract(tmp_path / "a.pptx", "a.pptx")
    assert document.text == (
        "First\nslide\n\nPoint one\nPoint two\n\nSay hello\n\nThird slide\n\nleft | right\n\ngrouped"
    )
    third_start = document.text.index("Third slide")
    assert document.pages == (0, third_start, third_start)
    assert [(h.start, h.title) for h in document.headings] == [(0, "First slide"), (third_start, "Third slide")]
    assert document.page_at(third_start) == 3
    assert document.title == "The deck"
    assert dict(document.metadata) == {"date": "2024-05-01", "type": "pptx"}
