"""PDF: the text of each page as PDFium reads it, with the map of pages."""

from contextlib import closing
from pathlib import Path

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from indexes.errors import ExtractionError
from indexes.extract.assembly import Assembly
from indexes.extract.dates import dated
from indexes.extract.extracted import Extracted, one_line

MAX_PAGES = 50_000
# PDFium marks a hyphen at a line's end by U+0002 or U+FFFE; no other control character is text either
_NO_TEXT = dict.fromkeys([*(set(range(32)) - {9, 10}), 0x7F, 0xFFFE, 0xFFFF])


def read(path: Path) -> Extracted:
    """The text of all pages.

    Raises:
        ExtractionError: it needs a password, has no text, or has absurdly many pages.
    """
    try:
        pdf = pypdfium2.PdfDocument(path.read_bytes())
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise ExtractionError("password-protected") from error
        raise
    with closing(pdf):
        count = len(pdf)
        if count > MAX_PAGES:
            raise ExtractionError(f"claims {count:,} pages, more than the {MAX_PAGES:,} that are read")
        assembly = Assembly()
        for number in range(count):
            assembly.page()
            assembly.add(_page_text(pdf, number))
        facts = pdf.get_metadata_dict()
    extracted = assembly.extracted(
        title=one_line(facts["Title"]) or None, metadata=dated(facts["ModDate"], facts["CreationDate"])
    )
    if not extracted.text:
        raise ExtractionError(f"no text on its pages ({count}); a scan has to go through OCR first")
    return extracted


def _page_text(pdf: pypdfium2.PdfDocument, number: int) -> str:
    with closing(pdf[number]) as page, closing(page.get_textpage()) as text:
        words: str = text.get_text_bounded()
    return words.translate(_NO_TEXT).strip()
