import os
import re
import time
from pathlib import Path

import pytest

from indexes.build import build_index
from indexes.errors import UnknownNameError
from rag.checkup.finding import Finding
from rag.checkup.index import check_indexes
from tests.indexes.collection import HASHING


def only(directory: Path, name: str | None = None) -> Finding:
    (finding,) = check_indexes(directory, name)
    assert finding.what == "index"
    return finding


def test_no_index_is_a_warning_that_says_how_to_build_one(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "absent"):
        finding = only(directory)
        assert (finding.state, finding.remedy) == ("warning", "build one with: rag index PATH")
        assert str(directory) in finding.found


def test_an_index_is_described(folder: Path) -> None:
    finding = only(folder.parent)
    assert (finding.state, finding.remedy) == ("ok", None)
    assert finding.found.startswith("docs: ")
    assert re.search(r": \d passages of 3 documents, 0\.\d MB, built ", finding.found)
    assert finding.found.endswith(f"built {time.strftime('%Y-%m-%d', time.gmtime())}")


def test_files_that_changed_or_went_are_named(folder: Path, docs: Path) -> None:
    (docs / "birds.txt").write_text("Owls hunt at night, all of them.\n")
    (docs / "guide" / "france.md").unlink()
    finding = only(folder.parent)
    assert finding.state == "warning"
    assert finding.found.endswith("changed or gone since: birds.txt, guide/france.md")
    assert finding.remedy == "refresh it: rag index --name docs"


def test_a_file_that_only_looks_changed_is_not_named(folder: Path, docs: Path) -> None:
    os.utime(docs / "birds.txt")
    assert only(folder.parent).state == "ok"


def test_a_root_that_is_not_there_is_no_pile_of_deleted_files(folder: Path, docs: Path) -> None:
    docs.rename(docs.with_name("unmounted"))
    finding = only(folder.parent)
    assert finding.state == "warning"
    assert finding.found.endswith(f"not there: {str(docs)!r}")
    assert "--allow-empty" in (finding.remedy or "")


@pytest.mark.parametrize("damage", ["missing", "short", "manifest", "tables"])
def test_damage_is_a_failure_with_the_remedy(folder: Path, damage: str) -> None:
    (store,) = folder.glob("*/store.sqlite")
    match damage:
        case "missing":
            store.unlink()
        case "short":
            store.write_bytes(store.read_bytes()[:-1])
        case "manifest":
            (folder / "manifest.json").write_text("{")
        case "tables":
            store.write_bytes(b"x" * store.stat().st_size)
    finding = only(folder.parent)
    assert finding.state == "failure"
    assert finding.found.startswith("index 'docs' is damaged: ")
    assert (finding.remedy or "").startswith("rebuild it with: rag index ")


def test_of_several_all_are_looked_at_unless_one_is_chosen(folder: Path, docs: Path, cache: Path) -> None:
    build_index(folder.with_name("papers"), [docs], cache=cache, recipe=HASHING)
    first, second, choice = check_indexes(folder.parent, None)
    assert [one.found.partition(":")[0] for one in (first, second)] == ["docs", "papers"]
    assert (choice.state, choice.found) == ("ok", "2 of them, and none is chosen")
    assert only(folder.parent, "papers").found.startswith("papers: ")
    with pytest.raises(UnknownNameError, match="unknown index 'paper'"):
        list(check_indexes(folder.parent, "paper"))
