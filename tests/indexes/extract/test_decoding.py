"""Tests of `indexes.extract.decoding`: encodings met in the wild, and what is no text."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import ExtractionError
from indexes.extract.decoding import decoded, read_text

FRENCH = "Le café était fermé, déjà vu. Où êtes-vous ? À bientôt, mon élève préféré."
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю."
JAPANESE = "これは日本語の文章です。漢字とかなを含みます。"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decoded(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_marks_say_the_encoding_and_are_no_text(mark: bytes, encoding: str) -> None:
    assert decoded(mark + FRENCH.encode(encoding)) == FRENCH


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "latin-1"),
        ("café", "latin-1"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_an_encoding_is_guessed_from_where_the_first_odd_byte_stands() -> None:
    ascii_lines = b"plain line\n" * 100_000
    assert decoded(ascii_lines + FRENCH.encode("latin-1")).endswith(FRENCH)


def test_damaged_utf8_keeps_its_sound_characters() -> None:
    damaged = FRENCH.encode() + b" \xff " + RUSSIAN.encode()
    assert decoded(damaged) == f"{FRENCH} \ufffd {RUSSIAN}"


@pytest.mark.parametrize(
    "content", [b"text\0text", bytes(range(1, 256)), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x01\x02\x03a"]
)
def test_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ExtractionError, match=r"^binary$"):
        read_text(tmp_path / "file")


def test_a_nul_byte_far_into_the_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text " * 10_000 + b"\0")
    with pytest.raises(ExtractionError, match=r"^binary$"):
        read_text(tmp_path / "file")


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n ", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_files_without_text_are_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ExtractionError, match=r"^empty$"):
        read_text(tmp_path / "file")


def test_only_windows_line_ends_change(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\r\nb\rc\n\x0cd\x1b[0m")
    assert read_text(tmp_path / "file") == "a\nb\rc\n\x0cd\x1b[0m"
