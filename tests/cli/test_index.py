import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import indexes.build
from tests.indexes.collection import PAGES, write

Rag = Callable[..., Any]
KEYS = {
    "schema_version", "name", "path", "documents", "passages", "added", "changed", "removed", "unchanged", "skipped",
    "seconds", "warnings",
}  # fmt: skip


@pytest.fixture
def docs(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three documents, in the current one; the embedder needs no model."""
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    write(project / "docs", PAGES)
    return project / "docs"


def roots(rag: Rag, name: str) -> list[str]:
    found: list[str] = json.loads(rag("info", name, "--json").out)["roots"]
    return found


def test_an_index_is_named_after_its_first_path(rag: Rag, docs: Path) -> None:
    outcome = rag("index", "docs")
    first, second = outcome.out.splitlines()
    assert (outcome.status, outcome.err) == (0, "")
    assert first.startswith("docs   3 documents, 4 passages   3 added   ")
    assert Path(second).parts[-2:] == ("indexes", "docs")
    assert Path(second, "manifest.json").is_file()


def test_json_is_as_the_contracts_say(rag: Rag, docs: Path) -> None:
    (docs / "empty.txt").touch()
    report = json.loads(rag("index", "docs", "--dir", "here", "--json").out)
    assert report.keys() == KEYS
    assert report["path"] == str(docs.parent / "here" / "docs")
    assert (report["documents"], report["added"], report["unchanged"]) == (3, 3, 0)
    assert report["skipped"] == [{"path": "empty.txt", "reason": "empty"}]


def test_without_path_the_only_index_is_refreshed(rag: Rag, docs: Path) -> None:
    rag("index", "docs")
    assert "nothing changed" in rag("index").out
    (docs / "birds.txt").unlink()
    assert "2 documents, 3 passages   1 removed" in rag("index").out


def test_without_path_and_with_several_indexes_a_name_is_wanted(rag: Rag, docs: Path) -> None:
    rag("index", "docs", "--name", "a")
    rag("index", "docs", "--name", "b")
    outcome = rag("index")
    assert (outcome.status, outcome.out) == (2, "")
    assert "there are: a, b" in outcome.err
    assert rag("index", "--index", "b").status == 0


def test_every_skipped_file_is_one_line_and_is_counted(rag: Rag, docs: Path) -> None:
    (docs / "\x1b[2Jbad\n\x00"[:-1]).touch()
    (docs / "nul.bin").write_bytes(b"\x00\x01\x02")
    outcome = rag("index", "docs")
    assert outcome.err.splitlines() == ["skipped ␛[2Jbad␊: empty", "skipped nul.bin: binary"]
    assert "3 added, 2 skipped" in outcome.out


def test_an_index_of_other_files_that_was_not_named_is_pointed_out(rag: Rag, docs: Path, project: Path) -> None:
    write(project / "other" / "docs", {"a.txt": "Another page."})
    rag("index", "docs")
    outcome = rag("index", "other/docs")
    assert outcome.err == (
        f"adding to the index 'docs' of {str(docs)!r}; for an index of its own give another --name\n"
    )
    assert roots(rag, "docs") == [str(docs), str(project / "other" / "docs")]
    assert rag("index", "other/docs").err == ""
    assert rag("index", "docs", "--replace").err.startswith("replacing the index 'docs' of ")
    assert roots(rag, "docs") == [str(docs)]


def test_a_named_index_takes_more_files_silently(rag: Rag, docs: Path, project: Path) -> None:
    write(project / "more", {"a.txt": "Another page."})
    rag("index", "docs", "--name", "library")
    assert rag("index", "more", "--name", "library").err == ""
    assert len(roots(rag, "library")) == 2


def test_a_changed_embedder_is_refused_and_its_origin_named(
    rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag("index", "docs")
    monkeypatch.setenv("RAG_EMBEDDER", "other/model")
    outcome = rag("index")
    assert outcome.status == 2
    assert "built with embedder 'hashing'" in outcome.err
    assert outcome.err.endswith("comes from RAG_EMBEDDER\n")
    assert "comes from" not in rag("index", "--embedder", "another/model").err


def test_record_fields_can_be_chosen(rag: Rag, docs: Path) -> None:
    record = {"key": "7", "headline": "Ravens", "abstract": "They remember faces."}
    write(docs, {"birds.jsonl": json.dumps(record)})
    rag("index", "docs", "--text-field", "abstract", "--title-field", "headline", "--id-field", "key")
    [found] = json.loads(
        rag("search", "faces", "--mode", "lexical", "-k", "5", "--where", "title=Ravens", "--json").out
    )["passages"]
    assert (found["source"], found["text"]) == ("birds.jsonl#7", "They remember faces.")


def test_interrupted_it_says_what_is_kept(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexes.build, "complete", interrupt)
    outcome = rag("index", "docs")
    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.splitlines() == [
        "what was embedded so far is kept; the same command continues from there",
        "rag: interrupted",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nope"], "no such file or folder: 'nope'"),
        ([], "no index in "),
        (["docs", "--name", "../x"], "'../x' cannot name an index; "),
        (["docs", "--name", ""], "index must have at least 1 character"),
        (["docs", "--passage-tokens", "3"], "cannot cut passages of 3 tokens"),
        (["docs", "--factory", "Nope"], "--factory 'Nope' is no FAISS index"),
        (["docs", "--dir", "docs/birds.txt"], "cannot write index 'docs'"),
        (["docs", "docs/guide"], "lies inside"),
    ],
)
def test_wrong_requests_are_one_line_and_status_2(rag: Rag, docs: Path, arguments: list[str], line: str) -> None:
    outcome = rag("index", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert line in outcome.err
    assert outcome.err.count("\n") == 1


def test_an_empty_folder_is_refused(rag: Rag, docs: Path, project: Path) -> None:
    (project / "empty").mkdir()
    outcome = rag("index", "empty")
    assert outcome.status == 2
    assert "no files to index" in outcome.err


def test_an_unmounted_root_is_refused_unless_allowed(rag: Rag, docs: Path, project: Path) -> None:
    rag("index", "docs", "--name", "a")
    docs.rename(project / "elsewhere")
    assert "--allow-empty" in rag("index").err
    assert "0 documents, 0 passages   3 removed" in rag("index", "--allow-empty").out


def test_a_refresh_without_changes_loads_neither_model_nor_faiss(rag: Rag, docs: Path) -> None:
    rag("index", "docs", "--dir", "here")
    script = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from cli.app import main; sys.argv[0] = 'rag'; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "index", "--dir", "here"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not {"torch", "faiss", "onnxruntime", "tokenizers", "bm25s", "openai", "llama_index"} & loaded
