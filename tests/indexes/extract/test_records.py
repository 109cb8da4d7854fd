"""Tests of `indexes.extract.records`: JSON, JSON Lines and BEIR's corpus.jsonl."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.documents import Document
from indexes.errors import ExtractionError
from indexes.extract import RecordFields, extract
from indexes.extract.records import _readable


def read(path: Path, text: str, fields: RecordFields | None = None) -> list[Document]:
    path.write_text(text, encoding="utf-8")
    return list(extract(path, f"data/{path.name}", fields=fields or RecordFields()))


def test_each_line_is_a_document_with_its_id_title_and_metadata(tmp_path: Path) -> None:
    lines = [
        '{"_id": "MED-1", "title": "Of  tea", "text": "Tea\\nis hot.", "metadata": {}, "year": 2020, "open": true}',
        "",
        '{"id": 7, "content": "Second", "date": "2024/05/01", "type": "note"}',
        '{"text": "No id"}',
    ]
    first, second, third = read(tmp_path / "corpus.jsonl", "\n".join(lines))
    assert (first.source, first.title, first.text) == ("data/corpus.jsonl#MED-1", "Of tea", "Tea\nis hot.")
    assert first.metadata == (("open", "true"), ("type", "jsonl"), ("year", "2020"))
    assert (second.source, second.title) == ("data/corpus.jsonl#7", "corpus.jsonl#7")
    assert second.metadata == (("date", "2024-05-01"), ("type", "jsonl"))
    assert third.source == "data/corpus.jsonl#4"
    assert not any(document.own_lines for document in (first, second, third))


def test_fields_can_be_named(tmp_path: Path) -> None:
    fields = RecordFields(text=("abstract",), title=("headline",), id=("doi",))
    (document,) = read(tmp_path / "a.ndjson", '{"doi": "10/1", "headline": "H", "abstract": "A", "text": "t"}', fields)
    assert (document.source, document.title, document.text) == ("data/a.ndjson#10/1", "H", "A")
    assert ("text", "t") in document.metadata


def test_a_record_with_only_a_title_is_its_title_and_an_empty_one_is_left_out(tmp_path: Path) -> None:
    lines = '{"_id": "1", "title": "Just this", "text": " "}\n{"_id": "2", "title": "", "text": ""}'
    assert [document.text for document in read(tmp_path / "a.jsonl", lines)] == ["Just this"]


def test_lines_without_a_text_field_become_readable(tmp_path: Path) -> None:
    (document,) = read(tmp_path / "a.jsonl", '{"_id": "q", "who": {"name": "Ada", "born": [1815, 12]}}')
    assert document.source == "data/a.jsonl#q"
    assert document.text == "_id: q\nwho.name: Ada\nwho.born[0]: 1815\nwho.born[1]: 12"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"text": "a"}\n\n{"text": ', "line 3: not JSON: Expecting value (column 10)"),
        ('{"_id": 1, "text": "a"}\n{"_id": "1", "text": "b"}', "line 2: the id '1' is already that of line 1"),
        ("[" * 100_000, "line 1: JSON nested too deeply"),
    ],
)
def test_errors_name_the_line_and_nothing_of_the_file_is_taken(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ExtractionError) as error:
        read(tmp_path / "a.jsonl", text)
    assert str(error.value) == reason


def test_a_number_of_thousands_of_digits_is_an_error_of_that_line(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="line 1: not readable as JSON: Exceeds the limit"):
        read(tmp_path / "a.jsonl", "9" * 10_000)


def test_a_json_list_of_records_is_read_like_lines(tmp_path: Path) -> None:
    documents = read(tmp_path / "a.json", '[{"id": "x", "text": "one"}, {"text": "two"}]')
    assert [(d.source, d.text) for d in documents] == [("data/a.json#x", "one"), ("data/a.json#2", "two")]


def test_other_json_is_one_readable_document(tmp_path: Path) -> None:
    (document,) = read(
        tmp_path / "a.json", '{"name": "rag", "deps": {"faiss": "1.11", "none": null}, "on": [true, 1.5]}'
    )
    assert document.source == "data/a.json"
    assert document.text == "name: rag\ndeps.faiss: 1.11\non[0]: true\non[1]: 1.5"


def test_broken_json_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match=r"^not JSON: Expecting value \(line 2, column 1\)$"):
        read(tmp_path / "a.json", '{"a":\n}')


def test_lone_surrogates_are_replaced_because_nothing_can_store_them(tmp_path: Path) -> None:
    (document,) = read(tmp_path / "a.jsonl", r'{"text": "a\ud800b \ud83e\udd9c", "title": "\udc00", "\ud801": "v"}')
    assert document.text == "a\ufffdb 🦜"
    assert document.title == "\ufffd"
    json.dumps(document.metadata, ensure_ascii=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_every_value_appears_in_the_readable_text(value: object) -> None:
    text = _readable(value)
    for leaf in _scalars(value):
        assert leaf in text


def _scalars(value: object) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in _scalars(item)]
    return [] if value is None else [value if isinstance(value, str) else json.dumps(value)]


def test_a_beir_corpus_is_read_whole(shared_data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared_data / "nfcorpus.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("corpus.jsonl"))
        (tmp_path / "corpus.jsonl").write_bytes(archive.read(name))
    documents = list(extract(tmp_path / "corpus.jsonl", "corpus.jsonl"))
    assert len(documents) == 3633
    assert documents[0].source.startswith("corpus.jsonl#MED-")
    assert all(document.text and document.title for document in documents)
