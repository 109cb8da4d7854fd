"""Tests of `indexes.extract`'s one function: choosing the reader, titles, types, and errors as one-line reasons."""

from pathlib import Path

import pytest

from indexes.errors import ExtractionError
from indexes.extract import SUFFIXES, extract


def one(path: Path) -> tuple[str, str, dict[str, str]]:
    (document,) = extract(path, path.name)
    return document.text, document.title, dict(document.metadata)


@pytest.mark.parametrize("name", ["notes.txt", "code.py", "Makefile", "app.log", "settings.toml", "NOTES.TXT"])
def test_text_is_taken_verbatim_whatever_its_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("  first\n\n\tsecond  \n")
    text, title, metadata = one(tmp_path / name)
    assert text == "  first\n\n\tsecond  \n"
    assert title == name
    assert metadata == {"type": name.rpartition(".")[2].lower() if "." in name else "txt"}


def test_lines_of_plain_text_are_the_files_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\r\n")
    (document,) = extract(tmp_path / "a.txt", "folder/a.txt")
    assert document.own_lines
    assert document.text.count("\n") == 2
    assert (document.source, document.title) == ("folder/a.txt", "a.txt")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES | {".bin"}))
@pytest.mark.parametrize(
    "content", [b"\0\1\2\3", b"PK\3\4 broken", b"%PDF-1.7 broken \0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 ole \0"]
)
def test_garbage_of_any_format_is_an_error_of_one_line(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as error:
        extract(path, path.name)
    assert 0 < len(str(error.value)) < 300
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_an_empty_file_of_any_format_is_an_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.touch()
    with pytest.raises(ExtractionError):
        extract(path, path.name)


def test_a_missing_file_is_an_extraction_error(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="cannot be read: No such file or directory"):
        extract(tmp_path / "gone.txt", "gone.txt")


@pytest.mark.parametrize("name", ["new\nline.txt", "emoji 🦜.md", "\udcff.html"])
def test_odd_file_names_are_no_obstacle(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("some words")
    assert one(tmp_path / name)[0] == "some words"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".rst", ".csv", ".jsonl"])
@pytest.mark.slow
def test_a_single_line_of_50_mb_is_read_whole(tmp_path: Path, suffix: str) -> None:
    line = "word " * 10_000_000
    path = tmp_path / f"long{suffix}"
    path.write_text(f'{{"text": "{line}"}}' if suffix == ".jsonl" else line)
    (document,) = extract(path, path.name)
    assert document.text.strip() == line.strip()
