"""Tests of `indexes.extract.pdf` with PDFs written byte by byte."""

import hashlib
from pathlib import Path

import pytest

from indexes.errors import ExtractionError
from indexes.extract import extract

PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
FILE_ID = bytes(16)


def pdf(pages: list[str], *, password: str | None = None) -> bytes:
    """A PDF with one text line per line of each page, encrypted (RC4, 40 bits) where a password is given."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    objects.append("<</Title(A title)/ModDate(D:20240501120000Z)>>")
    key = encryption_key(password) if password is not None else None
    parts: list[bytes] = []
    kids = []
    for i, text in enumerate(pages):
        number = 5 + 2 * i
        kids.append(f"{number} 0 R")
        lines = "".join(f"({line})Tj 0 -14 Td " for line in text.split("\n"))
        stream = f"BT /F1 12 Tf 72 720 Td {lines}ET".encode("latin-1")
        if key:
            stream = rc4(
                hashlib.md5(key + bytes([number + 1, 0, 0, 0, 0]), usedforsecurity=False).digest()[:10], stream
            )
        parts.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {number + 1} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>".encode()
        )
        parts.append(f"<</Length {len(stream)}>>stream\n".encode() + stream + b"\nendstream")
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>"
    body = b"%PDF-1.4\n"
    offsets = []
    for i, content in enumerate([*(item.encode() for item in objects), *parts], start=1):
        offsets.append(len(body))
        body += f"{i} 0 obj".encode() + content + b"endobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"/Size {len(offsets) + 1}/Root 1 0 R/ID[<{FILE_ID.hex()}><{FILE_ID.hex()}>]"
    if key:
        user = rc4(key, PAD)
        trailer += f"/Encrypt<</Filter/Standard/V 1/R 2/O<{PAD.hex()}>/U<{user.hex()}>/P -4>>"
    else:
        trailer += "/Info 4 0 R"
    end = f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{table}trailer<<{trailer}>>\nstartxref\n{len(body)}\n%%EOF"
    return body + end.encode()


def encryption_key(password: str) -> bytes:
    secret = (password.encode() + PAD)[:32] + PAD + (-4).to_bytes(4, "little", signed=True) + FILE_ID
    return hashlib.md5(secret, usedforsecurity=False).digest()[:5]


def rc4(key: bytes, text: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in text:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def test_pages_are_mapped_and_facts_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["First page\nsecond line", "", "Third page"]))
    (document,) = extract(tmp_path / "a.pdf", "a.pdf")
    assert document.text == "First page\nsecond line\n\nThird page"
    assert document.pages == (0, document.text.index("Third"), document.text.index("Third"))
    assert document.page_at(document.text.index("Third")) == 3
    assert document.page_at(5) == 1
    assert document.title == "A title"
    assert dict(document.metadata) == {"date": "2024-05-01", "type": "pdf"}
    assert not document.own_lines


def test_a_word_hyphenated_at_a_lines_end_is_one_word(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["The infor-\nmation is here"]))
    (document,) = extract(tmp_path / "a.pdf", "a.pdf")
    assert "information" in document.text


def test_a_pdf_without_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["", " "]))
    with pytest.raises(ExtractionError, match=r"^no text on its pages \(2\); a scan has to go through OCR first$"):
        extract(tmp_path / "a.pdf", "a.pdf")


def test_a_pdf_that_needs_a_password_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["secret"], password="open sesame"))
    with pytest.raises(ExtractionError, match=r"^password-protected$"):
        extract(tmp_path / "a.pdf", "a.pdf")


def test_an_encrypted_pdf_that_opens_without_a_password_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["not so secret"], password=""))
    (document,) = extract(tmp_path / "a.pdf", "a.pdf")
    assert document.text == "not so secret"


def test_a_pdf_cut_off_in_the_middle_is_read_or_refused_but_never_crashes(tmp_path: Path) -> None:
    whole = pdf(["First page", "Second page"])
    for length in range(9, len(whole), 97):
        (tmp_path / "a.pdf").write_bytes(whole[:length])
        try:
            (document,) = extract(tmp_path / "a.pdf", "a.pdf")
        except ExtractionError:
            continue
        assert "page" in document.text
