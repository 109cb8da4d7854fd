import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexes import changes
from indexes.build import build_index
from indexes.errors import IndexDamagedError
from indexes.index import Index
from indexes.manifest import read_manifest
from indexes.ranking import rank
from tests.indexes.collection import HASHING, write


@pytest.mark.skipif(sys.platform == "win32", reason="no locks on folders there")
def test_open_index_outlives_many_refreshes_and_then_is_pruned(folder: Path, docs: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index:
        for number in range(3):
            write(docs, {"birds.txt": f"Now about fish, part {number}."})
            build_index(folder, cache=cache)
        for mode in ("lexical", "dense"):  # each opens its files only now
            found = [ranked.passage.text for ranked in rank(index, "ravens black birds", mode=mode).passages]
            assert any("Ravens" in text for text in found)
        held = folder / index.manifest.generation
        assert held.is_dir()
    write(docs, {"birds.txt": "Now about snakes."})
    build_index(folder, cache=cache)
    assert not held.exists()
    assert len(list(folder.glob("generation-*"))) == 2


def test_opening_survives_a_swap_between_the_manifest_and_its_generation(
    folder: Path, docs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first manifest read is that of a generation that was pruned right after."""
    old = read_manifest(folder)
    for number in range(2):
        write(docs, {"birds.txt": f"Now about fish, part {number}."})
        build_index(folder, cache=cache)
    assert not (folder / old.generation).exists()
    manifests = iter([old, read_manifest(folder)])
    monkeypatch.setattr("indexes.generation.read_manifest", lambda _: next(manifests))
    with Index(folder, cache=cache) as index:
        assert next(iter(index.all_passages())).text == "Now about fish, part 1."


def test_a_generation_that_is_gone_for_good_is_damage(folder: Path, cache: Path) -> None:
    (folder / read_manifest(folder).generation).rename(folder / "elsewhere")
    with pytest.raises(IndexDamagedError, match="--replace"):
        Index(folder, cache=cache)


def test_damage_that_shows_while_listing_what_was_skipped_is_damage(folder: Path, cache: Path) -> None:
    tables = folder / read_manifest(folder).generation / "store.sqlite"
    with closing(sqlite3.connect(tables)) as database:
        [(page,)] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'files'")
    with tables.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with Index(folder, cache=cache) as index, pytest.raises(IndexDamagedError, match="--replace"):
        index.skipped()


def test_touched_file_of_many_records_is_read_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = "\n".join(json.dumps({"id": str(n), "text": f"Record {n}."}) for n in range(5))
    write(tmp_path / "docs", {"all.jsonl": records})
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING)
    os.utime(tmp_path / "docs/all.jsonl")
    read: list[Path] = []
    content_hash = changes.content_hash

    def count(path: Path) -> str | None:
        read.append(path)
        return content_hash(path)

    monkeypatch.setattr(changes, "content_hash", count)
    with Index(tmp_path / "index", cache=cache) as index:
        sources = [passage.source for passage in index.all_passages()]
        assert len(sources) == 5
        assert index.stale_sources(sources) == []
        assert len(read) == 1
        write(tmp_path / "docs", {"all.jsonl": records.replace("Record", "Report")})
        assert index.stale_sources(sources) == sources
