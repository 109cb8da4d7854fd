"""Tests of `indexes.extract.epub` with books zipped here."""

import zipfile
from pathlib import Path

import pytest

from indexes.errors import ExtractionError
from indexes.extract import extract

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The book</dc:title>
<dc:date>2024-05-01</dc:date></metadata>
<manifest><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/a%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="i" href="i.png" media-type="image/png"/></manifest>
<spine><itemref idref="a"/><itemref idref="i"/><itemref idref="b"/><itemref idref="gone"/></spine></package>"""


def write_book(path: Path, **more: str) -> None:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("OEBPS/book.opf", more.pop("package", PACKAGE))
        book.writestr(
            "OEBPS/text/a b.xhtml", "<?xml version='1.0' encoding='utf-8'?><h1>One</h1><p>Première partie</p>"
        )
        book.writestr("OEBPS/b.xhtml", "<p> </p><h1>Two</h1><p>End</p><h2>Last  part</h2>")
        for name, content in more.items():
            book.writestr(f"META-INF/{name}.xml", content)


def test_chapters_come_in_reading_order_with_their_headings(tmp_path: Path) -> None:
    write_book(tmp_path / "a.epub")
    (document,) = extract(tmp_path / "a.epub", "a.epub")
    assert " ".join(document.text.split()) == "One Première partie Two End Last part"
    assert [(h.level, h.title) for h in document.headings] == [(1, "One"), (1, "Two"), (2, "Last part")]
    for heading in document.headings:
        assert " ".join(document.text[heading.start :].split()).startswith(heading.title)
    assert document.title == "The book"
    assert dict(document.metadata) == {"date": "2024-05-01", "type": "epub"}


@pytest.mark.parametrize(("locked", "readable"), [("OEBPS/b.xhtml", False), ("OEBPS/font.otf", True)])
def test_encrypted_chapters_are_an_error_and_encrypted_fonts_are_not(
    tmp_path: Path, *, locked: str, readable: bool
) -> None:
    cipher = f'<encryption><a xmlns="urn:x"><CipherReference URI="{locked}"/></a></encryption>'
    write_book(tmp_path / "a.epub", encryption=cipher)
    if readable:
        assert list(extract(tmp_path / "a.epub", "a.epub"))
    else:
        with pytest.raises(ExtractionError, match="password-protected"):
            extract(tmp_path / "a.epub", "a.epub")


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    entity = f'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    package = PACKAGE.replace('<?xml version="1.0"?>', entity).replace("The book", "The &x; book")
    write_book(tmp_path / "a.epub", package=package)
    (document,) = extract(tmp_path / "a.epub", "a.epub")
    assert "secret" not in document.title
