"""Tests of `indexes.extract.docx` with documents written by python-docx."""

from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from indexes.errors import ExtractionError
from indexes.extract import extract


def test_paragraphs_headings_and_tables_in_the_order_of_the_document(tmp_path: Path) -> None:
    written = docx.Document()
    written.core_properties.modified = datetime(2024, 5, 1)
    written.add_heading("The title", 0)
    written.add_heading("One", 1)
    written.add_paragraph("First paragraph\nwith a break.")
    table = written.add_table(2, 2)
    for cell, words in zip(table._cells, ["a", "b", "c", "d\ne"], strict=True):
        cell.text = words
    written.add_heading("Two  and a half", 2)
    own = written.styles.add_style("Chapter", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = written.styles["Heading 1"]
    written.add_paragraph("Three", style="Chapter")
    written.save(str(tmp_path / "a.docx"))

    (document,) = extract(tmp_path / "a.docx", "a.docx")
    assert document.text == (
        "The title\n\nOne\n\nFirst paragraph\nwith a break.\n\na | b\nc | d e\n\nTwo  and a half\n\nThree"
    )
    assert [(h.level, h.title) for h in document.headings] == [(1, "One"), (2, "Two and a half"), (1, "Three")]
    for heading in document.headings:
        assert " ".join(document.text[heading.start :].split()).startswith(heading.title)
    assert document.title == "The title"
    assert dict(document.metadata) == {"date": "2024-05-01", "type": "docx"}
    assert not document.own_lines


def test_insertions_links_and_content_controls_are_text_and_deletions_are_not(tmp_path: Path) -> None:
    written = docx.Document()
    written.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:pPr><w:tabs><w:tab w:val='left' w:pos='1'/></w:tabs></w:pPr>"
            "<w:r><w:t>kept </w:t></w:r><w:ins><w:r><w:t>inserted </w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>deleted </w:delText></w:r></w:del>"
            "<w:hyperlink><w:r><w:t>linked</w:t><w:tab/><w:t>end</w:t></w:r></w:hyperlink>"
            "</w:p></w:sdtContent></w:sdt>"
        ),
    )
    written.save(str(tmp_path / "a.docx"))
    (document,) = extract(tmp_path / "a.docx", "a.docx")
    assert document.text == "kept inserted linked\tend"


def test_the_format_word_uses_for_passwords_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000))
    with pytest.raises(ExtractionError, match=r"^password-protected, or of an Office format older than 2007$"):
        extract(tmp_path / "a.docx", "a.docx")


def test_a_document_without_words_is_empty(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))
    with pytest.raises(ExtractionError, match=r"^empty$"):
        extract(tmp_path / "a.docx", "a.docx")
