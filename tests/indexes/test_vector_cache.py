from contextlib import closing
from pathlib import Path

import pytest

from indexes.build import build_index
from indexes.index import Index
from indexes.ranking import rank
from indexes.vector_cache import VectorCache
from tests.indexes.collection import HASHING, write


def scribble(path: Path, *, first: int) -> None:
    """Writes nonsense over every other page of a file from the page `first` on."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(first * 4096, size, 8192):
            file.seek(at)
            file.write(b"\xff" * min(4096, size - at))


def test_vectors_come_back_in_the_order_asked(tmp_path: Path) -> None:
    with closing(VectorCache(tmp_path / "cache")) as cache:
        cache.add({b"a": b"1", b"b": b"2"})
        assert cache.missing([b"c", b"a", b"c"]) == [b"c"]
        assert list(cache.get([b"b", b"a", b"b"])) == [b"2", b"1", b"2"]
        cache.keep([b"b"])
        assert cache.missing([b"a", b"b"]) == [b"a"]


def test_a_file_that_is_no_cache_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"nonsense " * 1000)
    with closing(VectorCache(tmp_path / "cache")) as cache:
        assert cache.missing([b"a"]) == [b"a"]


def test_keeping_in_a_damaged_cache_starts_it_over(tmp_path: Path) -> None:
    with closing(VectorCache(tmp_path / "cache")) as cache:
        cache.add({bytes([n]) * 32: b"v" * 1536 for n in range(200)})
    scribble(tmp_path / "cache", first=2)
    with closing(VectorCache(tmp_path / "cache")) as cache:
        cache.keep([b"\x01" * 32])
        cache.add({b"new": b"v"})
        assert list(cache.get([b"new"])) == [b"v"]


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_a_damaged_cache_costs_nothing_but_time(tmp_path: Path, first: int) -> None:
    docs, folder, models = tmp_path / "docs", tmp_path / "index", tmp_path / "models"
    write(docs, {f"{n}.txt": f"Page {n} about topic{n}." for n in range(100)})
    build_index(folder, [docs], cache=models, recipe=HASHING)
    scribble(folder / "vectors.sqlite", first=first)
    write(docs, {"new.txt": "A page about ravens."})
    assert build_index(folder, cache=models).documents == 101
    with Index(folder, cache=models) as index:
        assert rank(index, "ravens", mode="dense").passages[0].passage.source == "new.txt"
    write(docs, {"new.txt": "A page about owls."})
    assert build_index(folder, cache=models).changed == 1
