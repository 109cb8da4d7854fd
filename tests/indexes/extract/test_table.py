"""Tests of `indexes.extract.table`."""

from pathlib import Path

import pytest

from indexes.extract import extract


def table(path: Path, text: str) -> str:
    path.write_text(text, newline="")
    (document,) = extract(path, path.name)
    assert not document.own_lines
    return document.text


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_rows_become_paragraphs_that_name_their_columns(tmp_path: Path, mark: str) -> None:
    rows = [["name", "note"], ["Ada", '"first, and; foremost"'], ["Bob", ""]]
    text = "\r\n".join(mark.join(row) for row in rows)
    assert table(tmp_path / "a.csv", text) == "name: Ada\nnote: first, and; foremost\n\nname: Bob"


def test_a_delimiter_inside_quotes_is_none(tmp_path: Path) -> None:
    assert table(tmp_path / "a.csv", '"a, b, c";d\n1;2\n') == "a, b, c: 1\nd: 2"


def test_rows_longer_than_the_first_keep_their_values(tmp_path: Path) -> None:
    assert table(tmp_path / "a.tsv", "x\ty\n1\t2\t3\n\n4\n") == "x: 1\ny: 2\n3\n\nx: 4"


def test_a_single_row_is_its_own_text(tmp_path: Path) -> None:
    assert table(tmp_path / "a.csv", "only,one\n") == "only\none"


def test_a_quoted_value_keeps_its_line_ends(tmp_path: Path) -> None:
    assert table(tmp_path / "a.csv", 'x,y\n"one\ntwo",3\n') == "x: one\ntwo\ny: 3"
