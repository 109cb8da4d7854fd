import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import cli.console
from tests.indexes.collection import PAGES, write

ROOT = Path(__file__).parents[2]
RUN = (
    "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    "from cli.app import main; sys.argv[0] = 'rag'; main()"
)
NEVER = {"torch", "sentence_transformers", "transformers", "openai", "llama_index", "pypdfium2", "lxml", "docx"}

Rag = Callable[..., Any]


@pytest.fixture
def docs(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only index is of this folder."""
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    monkeypatch.setenv("RAG_DIR", str(project / "indexes"))
    write(project / "docs", PAGES)
    assert rag("index", "docs").status == 0
    return project / "docs"


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, width: int = 80) -> io.StringIO:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=width, color_system="standard", legacy_windows=False, highlight=False,
        markup=False, emoji=False,
    )  # fmt: skip
    monkeypatch.setattr(cli.console, "stdout", lambda: console)
    return out


def test_passages_are_shown_with_rank_heading_place_and_text(rag: Rag, docs: Path) -> None:
    outcome = rag("search", "What bread is baked?", "-k", "1")
    assert (outcome.status, outcome.err) == (0, "")
    head, place, *text = outcome.out.splitlines()
    assert head.startswith("1  France > Food   ")
    assert head.endswith("0.0328")
    assert place == "   docs/guide/france.md:5"
    assert text == ["   ## Food", "   Bread is baked daily."]


def test_a_place_elsewhere_is_an_absolute_path(
    rag: Rag, docs: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")
    assert f"\n   {docs}/birds.txt:1\n" in rag("search", "ravens", "-k", "1").out


def test_a_terminal_gets_a_link_and_bold_words(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = on_a_terminal(monkeypatch)
    rag("search", "raven remembering", "-k", "1", "--mode", "lexical")
    assert out.getvalue() == ""  # the words of the query are not stemmed
    rag("search", "ravens", "-k", "1")
    assert f";file://{docs}/birds.txt\x1b\\" in out.getvalue()
    assert "\x1b[1mRavens\x1b[0m are black birds." in out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_no_line_is_wider_than_the_terminal(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    write(docs, {"long.md": "# " + "A long title about 日本語 " * 20 + "\n\n" + "Ravens fly over 東京 at night. " * 90})
    rag("index")
    out = on_a_terminal(monkeypatch, width=width)
    rag("search", "ravens 東京", "-k", "3")
    from rich.cells import cell_len
    from rich.text import Text

    lines = [Text.from_ansi(line).plain for line in out.getvalue().splitlines()]
    assert len(lines) > 5
    assert all(cell_len(line) <= min(width, 100) for line in lines if ".md:" not in line and ".txt:" not in line)


def test_nothing_untrusted_reaches_the_terminal_raw(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(docs, {"a\x1b]0;x\x07\nb.md": "# Magpies \x1b[31m\n\nMagpies \x1b[2J\x9b steal [red]silver[/red].\n"})
    rag("index")
    out = on_a_terminal(monkeypatch)
    rag("search", "magpies silver", "-k", "1")
    assert "\x1b[2J" not in out.getvalue()
    assert "\x1b[31m\n" not in out.getvalue()
    assert "\x1b]0;" not in out.getvalue()
    assert "\x9b" not in out.getvalue()
    assert "docs/a␛]0;x␇␊b.md:" in out.getvalue()
    assert "[red]" in out.getvalue()


def test_json_has_every_passage_with_its_place(rag: Rag, docs: Path) -> None:
    outcome = rag("search", "ravens", "-k", "2", "--json")
    found = json.loads(outcome.out)
    assert {"schema_version", "query", "index", "mode", "reranker", "passages", "warnings", "timings"} == found.keys()
    assert (found["query"], found["index"], found["mode"], found["reranker"]) == ("ravens", "docs", "hybrid", None)
    assert [passage["rank"] for passage in found["passages"]] == [1, 2]
    first = found["passages"][0]
    assert first.keys() == {
        "rank", "score", "passage_id", "source", "path", "title", "page", "heading", "line", "start", "end", "text",
    }  # fmt: skip
    assert (first["source"], first["path"], first["line"]) == ("birds.txt", str(docs / "birds.txt"), 1)
    assert (docs / "birds.txt").read_text()[first["start"] : first["end"]] == first["text"]


def test_files_of_one_name_under_two_roots_are_told_apart(rag: Rag, docs: Path, project: Path) -> None:
    write(project / "more", {"birds.txt": "Penguins swim."})
    rag("index", "more", "--name", "docs")
    assert "   more/birds.txt:1\n" in rag("search", "penguins", "-k", "1").out
    assert "   docs/birds.txt:1\n" in rag("search", "owls", "-k", "1").out


def test_records_are_named_behind_their_file(rag: Rag, docs: Path) -> None:
    write(docs, {"corpus.jsonl": '{"_id": "MED-7", "title": "Oil", "text": "Olive oil."}\n'})
    rag("index")
    assert rag("search", "olive", "-k", "1").out.splitlines()[1] == "   docs/corpus.jsonl#MED-7"


def test_settings_and_filters_are_heeded(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_K", "2")
    monkeypatch.setenv("RAG_MODE", "lexical")
    found = json.loads(rag("search", "capital", "--json", "--where", "source=guide/*", "--where", "type=md").out)
    assert (found["mode"], len(found["passages"])) == ("lexical", 2)
    assert {passage["source"] for passage in found["passages"]} == {"guide/france.md", "guide/germany.md"}


def test_nothing_found_is_no_error(rag: Rag, docs: Path) -> None:
    outcome = rag("search", "xylophone", "--mode", "lexical")
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err == "nothing found in index 'docs'\n"
    assert "--where" in rag("search", "owls", "--where", "source=nope*").err
    assert json.loads(rag("search", "xylophone", "--mode", "lexical", "--json").out)["passages"] == []


def test_changed_files_are_pointed_out(rag: Rag, docs: Path) -> None:
    write(docs, {"birds.txt": "Owls and ravens."})
    (docs / "guide" / "france.md").unlink()
    outcome = rag("search", "owls bread", "-k", "9", "--json")
    [line] = outcome.err.splitlines()
    assert "birds.txt" in line
    assert "guide/france.md" in line
    assert line.endswith("; refresh with: rag index --name docs")
    assert json.loads(outcome.out)["warnings"] == [line]


def test_a_dash_reads_the_query_from_stdin(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ravens\xff\n")))
    assert json.loads(rag("search", "-", "--json").out)["query"] == "ravens�"


@pytest.mark.parametrize("query", ["\udcff owls", "owls " * 20_000, "\x00owls", "日本語", "C++ *?[", "the"])
def test_odd_queries_are_answered(rag: Rag, docs: Path, query: str) -> None:
    assert rag("search", query).status == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([""], "the query is empty"),
        ([" \n"], "the query is empty"),
        ([], "missing argument 'QUERY'"),
        (["x", "-k", "0"], "k must be greater than or equal to 1, found 0 (from -k)"),
        (["x", "--index", "dox"], "unknown index 'dox'; did you mean 'docs'?"),
        (["x", "--mode", "dens"], "unknown mode 'dens'; did you mean 'dense'?"),
        (["x", "--where", "nonsense"], "filter 'nonsense' must have the form key=pattern"),
        (["x", "--where", "sourc=x"], "unknown filter key 'sourc'; did you mean 'source'?"),
        (["x", "--dir", "nowhere"], "build one with: rag index PATH"),
    ],
)
def test_wrong_requests_are_one_line_and_status_2(rag: Rag, docs: Path, arguments: list[str], line: str) -> None:
    outcome = rag("search", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert line in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("part", ["vectors.faiss", "store.sqlite", "text.utf8", "lexical/vocab.index.json"])
def test_damage_that_shows_while_searching_is_named(rag: Rag, docs: Path, part: str) -> None:
    [path] = (docs.parent / "indexes" / "docs").glob(f"generation-*/{part}")
    path.write_bytes(b"\xff" * path.stat().st_size)
    outcome = rag("search", "owls")
    assert (outcome.status, outcome.out) == (2, "")
    assert f"index 'docs' is damaged: {part} has changed" in outcome.err or "file is not a database" in outcome.err
    assert "--replace" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("mode", "more"), [("lexical", {"faiss", "onnxruntime", "tokenizers"}), ("dense", {"bm25s"}), ("hybrid", set())]
)
def test_a_search_loads_only_what_it_needs(rag: Rag, docs: Path, mode: str, more: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "search", "ravens", "--mode", mode],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "docs/birds.txt:1" in done.stdout
    assert not (NEVER | more) & loaded
