import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.indexes.collection import PAGES, write

Rag = Callable[..., Any]


@pytest.fixture
def docs(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an index named "docs"."""
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    monkeypatch.setenv("RAG_DIR", str(project / "indexes"))
    write(project / "docs", PAGES)
    (project / "docs" / "empty.txt").touch()
    assert rag("index", "docs").status == 0
    return project / "indexes" / "docs"


def damage(folder: Path, name: str) -> Path:
    folder = folder.parent / name
    folder.mkdir()
    (folder / "manifest.json").write_text("{")
    return folder


def test_no_index_at_all_is_an_empty_list(rag: Rag) -> None:
    outcome = rag("indexes", "--dir", "nowhere")
    assert (outcome.status, outcome.out) == (0, "")
    assert "build one with: rag index PATH" in outcome.err
    assert json.loads(rag("indexes", "--dir", "nowhere", "--json").out)["indexes"] == []


def test_the_list_tells_sizes_model_age_and_place(rag: Rag, docs: Path) -> None:
    outcome = rag("indexes")
    header, row, _, place = outcome.out.splitlines()
    assert header.split() == ["name", "documents", "passages", "size", "model", "age"]
    assert row.split()[:3] == ["docs", "3", "4"]
    assert "hashing" in row
    assert place == f"in {docs.parent}"
    [listed] = json.loads(rag("indexes", "--json").out)["indexes"]
    assert (listed["name"], listed["path"], listed["passages"]) == ("docs", str(docs), 4)
    assert listed["damage"] is None


def test_a_damaged_index_is_listed_as_such(rag: Rag, docs: Path) -> None:
    damage(docs, "broken")
    outcome = rag("indexes")
    assert outcome.status == 0
    assert [line.split()[:2] for line in outcome.out.splitlines()[1:3]] == [["broken", "damaged"], ["docs", "3"]]
    assert outcome.err.startswith("warning: index 'broken' is damaged")
    assert outcome.err.count("\n") == 1


def test_a_folder_name_cannot_paint_the_terminal(rag: Rag, docs: Path) -> None:
    damage(docs, "\x1b[31m\nred")
    outcome = rag("indexes")
    assert "␛[31m␊red" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err


def test_info_tells_what_an_index_was_made_of(rag: Rag, docs: Path, project: Path) -> None:
    outcome = rag("info")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert (outcome.status, outcome.err) == (0, "")
    assert ["from", str(project / "docs")] in lines
    assert ["embedder", "hashing"] in lines
    assert ["skipped", "empty.txt", "empty"] in lines
    assert "recall@10 1.000 against exact search, on 4 passages as queries" in outcome.out


def test_info_names_an_index_by_argument_or_option(rag: Rag, docs: Path) -> None:
    told = json.loads(rag("info", "docs", "--json").out)
    assert told == json.loads(rag("info", "--index", "docs", "--json").out)
    assert told["skipped"] == [{"path": "empty.txt", "reason": "empty"}]
    assert told["vectors"] == {"factory": "Flat", "recall_at_10": 1.0, "sample": 4}
    assert told["embedder"]["name"] == "hashing"
    assert told["schema_version"] == 1
    assert rag("info", "docs", "--index", "other").status == 2


def test_an_intact_index_is_ok(rag: Rag, docs: Path) -> None:
    outcome = rag("verify", "docs")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("ok   docs   ")
    assert "files as built, 4 passages" in outcome.out


def test_a_changed_file_is_named_on_one_line(rag: Rag, docs: Path) -> None:
    [text] = docs.glob("generation-*/text.utf8")
    text.write_bytes(b"x")
    outcome = rag("verify")
    assert (outcome.status, outcome.out) == (2, "")
    assert "text.utf8 has changed" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_damaged_index_is_refused_with_the_remedy(rag: Rag, docs: Path, command: str) -> None:
    damage(docs, "broken")
    outcome = rag(command, "broken")
    assert (outcome.status, outcome.out) == (2, "")
    assert "--replace" in outcome.err


def test_damaged_tables_are_damage(rag: Rag, docs: Path) -> None:
    [tables] = docs.glob("generation-*/store.sqlite")
    tables.write_bytes(b"no database" * 1000)
    outcome = rag("info")
    assert (outcome.status, outcome.out) == (2, "")
    assert "index 'docs' is damaged" in outcome.err


@pytest.mark.parametrize("command", ["info", "verify", "remove"])
def test_an_unknown_index_is_refused_with_the_nearest(rag: Rag, docs: Path, command: str) -> None:
    outcome = rag(command, "dox")
    assert (outcome.status, outcome.out) == (2, "")
    assert "unknown index 'dox'; did you mean 'docs'? known: docs" in outcome.err


def test_removing_has_to_be_confirmed(rag: Rag, docs: Path) -> None:
    outcome = rag("remove", "docs")
    assert outcome.status == 2
    assert "--yes" in outcome.err
    assert docs.exists()


@pytest.mark.parametrize(("answer", "status", "there"), [(True, 0, False), (False, 1, True)])
def test_on_a_terminal_it_asks_before_removing(
    rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, status: int, there: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, **_: answer)
    outcome = rag("remove", "docs")
    assert (outcome.status, outcome.out) == (status, "")
    assert docs.exists() is there


def test_a_removed_index_leaves_the_documents(rag: Rag, docs: Path, project: Path) -> None:
    outcome = rag("remove", "docs", "--yes")
    assert (outcome.status, outcome.err) == (0, "removed the index 'docs' (4 passages)\n")
    assert not docs.exists()
    assert (project / "docs" / "birds.txt").exists()


def test_a_damaged_index_can_be_removed(rag: Rag, docs: Path) -> None:
    folder = damage(docs, "broken")
    assert rag("remove", "broken", "--yes").status == 0
    assert not folder.exists()
