"""BEIR folders and zips."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evaluation.datasets import open_dataset
from evaluation.examples import Gold
from indexes.errors import RequestError, UnknownNameError
from tests.evaluation.datasets.writing import write_beir

HEADER = "query-id\tcorpus-id\tscore\n"


def test_only_judged_queries_become_examples_with_what_is_relevant_as_gold(tmp_path: Path) -> None:
    found = open_dataset(write_beir(tmp_path / "tiny"))
    assert (found.name, found.format, found.warnings) == ("tiny", "beir", ())
    assert [(example.id, example.question, example.answers) for example in found.examples] == [
        ("q2", "second?", None),
        ("q1", "first?", None),
    ]
    assert [example.gold for example in found.examples] == [
        (Gold("corpus.jsonl#d3", grade=1),),
        (Gold("corpus.jsonl#d1", grade=2),),
    ]


def test_documents_keep_title_and_text_and_are_called_what_an_index_calls_them(tmp_path: Path) -> None:
    found = open_dataset(write_beir(tmp_path / "tiny"))
    assert [(one.source, one.title, one.text) for one in found.corpus] == [
        ("corpus.jsonl#d1", "One", "The first."),
        ("corpus.jsonl#d2", "Only a title", "Only a title"),
        ("corpus.jsonl#d3", "", "The third."),
    ]


@pytest.mark.parametrize("prefix", ["", "tiny/"])
def test_a_zip_equals_the_folder_in_it(tmp_path: Path, prefix: str) -> None:
    folder = write_beir(tmp_path / "tiny")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, prefix + path.relative_to(folder).as_posix())
    one, other = open_dataset(folder), open_dataset(tmp_path / "packed.zip")
    assert (one.examples, one.corpus, one.checksum) == (other.examples, other.corpus, other.checksum)


def test_another_split_has_other_examples_and_another_checksum(tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "tiny")
    (folder / "qrels" / "dev.tsv").write_text(f"{HEADER}q3\td1\t1\n")
    test, dev = open_dataset(folder), open_dataset(folder, split="dev")
    assert [example.id for example in dev.examples] == ["q3"]
    assert test.checksum != dev.checksum
    with pytest.raises(UnknownNameError, match=r"unknown split 'train'; .*known: dev, test"):
        open_dataset(folder, split="train")
    with pytest.raises(UnknownNameError, match="unknown split"):
        open_dataset(folder, split="../qrels/test")


def test_queries_without_a_relevant_document_are_left_out_and_counted(tmp_path: Path) -> None:
    found = open_dataset(write_beir(tmp_path / "tiny", judgements=f"{HEADER}q1\td1\t0\nq2\td9\t1\n"))
    assert [example.id for example in found.examples] == ["q2"]
    assert found.warnings == (
        "1 of 2 judged queries have no relevant document and are left out",
        "relevant documents that are not in the corpus: 1, such as 'corpus.jsonl#d9'",
    )


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"judgements": HEADER}, "judges no document relevant"),
        ({"judgements": f"{HEADER}q1\td1\t0\n"}, "judges no document relevant"),
        ({"judgements": f"{HEADER}q1 d1 1\n"}, r"test\.tsv, line 2: wanted query-id, corpus-id and a whole number"),
        ({"judgements": f"{HEADER}q1\td1\thigh\n"}, "line 2: wanted"),
        ({"judgements": f"{HEADER}q1\td1\t1\nq1\td1\t2\n"}, "line 3: 'd1' is judged again"),
        ({"judgements": f"{HEADER}q9\td1\t1\n"}, r"judges the query 'q9', which queries\.jsonl does not have"),
        ({"corpus": [{"_id": "d1", "text": "x"}] * 2}, r"corpus\.jsonl, line 2: the id 'd1' is already"),
        ({"queries": [{"_id": "q1", "text": "x"}] * 2}, r"queries\.jsonl, line 2: the id 'q1' is already"),
        ({"queries": [{"_id": "q1"}]}, r"queries\.jsonl, line 1: 'text' is missing"),
        ({"corpus": [{"text": "x"}]}, r"corpus\.jsonl, line 1: '_id' is missing"),
        ({"corpus": []}, r"corpus\.jsonl holds no records"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, parts: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        open_dataset(write_beir(tmp_path / "tiny", **parts))


def test_a_folder_or_zip_that_is_something_else_is_refused(tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "tiny")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(RequestError, match=r"queries\.jsonl is missing; wanted corpus\.jsonl"):
        open_dataset(folder)
    shutil.rmtree(folder / "qrels")
    with pytest.raises(RequestError, match="is no BEIR dataset"):
        open_dataset(tmp_path)
    (tmp_path / "no.zip").write_bytes(b"PK not really")
    with pytest.raises(RequestError, match=r"no\.zip cannot be unpacked"):
        open_dataset(tmp_path / "no.zip")
