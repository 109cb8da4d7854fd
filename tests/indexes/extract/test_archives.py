"""Tests of `indexes.extract.archives`: zip bombs and locked archives."""

import zipfile
from pathlib import Path

import pytest

from indexes.errors import ExtractionError
from indexes.extract import extract
from indexes.extract.archives import check_archive


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".epub"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.xml", bytes(50_000_000))
    with pytest.raises(ExtractionError, match="more than is safe"):
        extract(path, path.name)


def test_what_is_small_or_hardly_packed_may_have_any_shape(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(1_000_000))
    check_archive(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("film", bytes(20_000_000))
    check_archive(tmp_path / "b.zip")


def test_a_locked_archive_is_named_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "text")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag "encrypted" of the directory's entry
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ExtractionError, match=r"^password-protected$"):
        check_archive(tmp_path / "a.zip")
