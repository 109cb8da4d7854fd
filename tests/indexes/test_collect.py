from pathlib import Path

from indexes.changes import find_changes
from indexes.collect import FRESH_LIMIT, Collector
from indexes.cutting import Cutting
from indexes.embedder.hashing import HashingEmbedder
from indexes.extract import RecordFields
from indexes.roots import scan
from indexes.store import StoreWriter
from tests.indexes.collection import write


def test_a_large_new_collection_is_mostly_fresh_although_only_some_are_looked_at(tmp_path: Path) -> None:
    """More than twice the limit: the number looked at must not stand for the number read."""
    count = 2 * FRESH_LIMIT + 50
    write(tmp_path / "docs", {f"{n}.txt": f"Page {n}." for n in range(count)})
    (tmp_path / "store").mkdir()
    with StoreWriter(tmp_path / "store") as writer:
        collector = Collector(
            writer, old=None, cutting=Cutting(), fields=RecordFields(), embedder=lambda: HashingEmbedder()
        )
        collected = collector.collect(find_changes(scan([tmp_path / "docs"]), {}), {}, lambda *_: None)
    assert (collected.read, len(collected.fresh)) == (count, FRESH_LIMIT)
    assert collected.mostly_fresh
