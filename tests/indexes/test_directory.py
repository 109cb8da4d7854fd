import shutil
from pathlib import Path

import pytest

from indexes.build import build_index
from indexes.directory import default_name, find_index, index_folder, list_indexes, remove_index
from indexes.errors import IndexBusyError, IndexMissingError, RequestError, UnknownNameError
from indexes.generation import writing
from indexes.manifest import Manifest, read_manifest
from tests.indexes.collection import HASHING


def test_only_index_is_found_without_a_name(folder: Path) -> None:
    assert find_index(folder.parent, None) == folder


def test_several_indexes_need_a_name(folder: Path, docs: Path, cache: Path) -> None:
    build_index(folder.parent / "other", [docs], cache=cache, recipe=HASHING)
    with pytest.raises(RequestError, match="docs, other"):
        find_index(folder.parent, None)
    assert find_index(folder.parent, "other").name == "other"


def test_unknown_name_lists_the_known_and_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'docs'\? known: docs"):
        find_index(folder.parent, "dosc")


def test_no_index_at_all_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="rag index PATH"):
        find_index(tmp_path / "nowhere", None)


def test_list_shows_damage_instead_of_failing(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")
    (entry,) = list_indexes(folder.parent)
    assert entry.manifest is None
    assert entry.damage is not None
    assert "damaged" in entry.damage


def test_list_measures_size(folder: Path) -> None:
    (entry,) = list_indexes(folder.parent)
    assert entry.manifest is not None
    assert entry.bytes > 1000


def test_removed_index_is_gone_and_its_documents_stay(folder: Path, docs: Path) -> None:
    remove_index(folder)
    assert not folder.exists()
    assert (docs / "birds.txt").exists()


def test_removal_that_is_interrupted_leaves_no_half_index(
    folder: Path, docs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", interrupt)
        with pytest.raises(KeyboardInterrupt):
            remove_index(folder)
    assert list_indexes(folder.parent) == []
    assert not folder.exists()
    build_index(folder, [docs], cache=cache, recipe=HASHING)
    remove_index(folder)
    assert list(folder.parent.iterdir()) == []


def test_index_that_is_being_written_is_not_removed(folder: Path) -> None:
    with writing(folder), pytest.raises(IndexBusyError):
        remove_index(folder)
    assert find_index(folder.parent, None) == folder


def test_finding_reads_no_manifest(folder: Path, docs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexes.directory.read_manifest", lambda folder: pytest.fail(f"read {folder}"))
    assert find_index(folder.parent, "docs") == folder


def test_index_that_vanishes_meanwhile_is_not_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(folder: Path) -> Manifest:
        shutil.rmtree(folder)
        return read_manifest(folder)

    monkeypatch.setattr("indexes.directory.read_manifest", vanish)
    assert list_indexes(folder.parent) == []


def test_files_that_vanish_meanwhile_do_not_break_the_list(folder: Path) -> None:
    shutil.rmtree(folder / read_manifest(folder).generation)
    (entry,) = list_indexes(folder.parent)
    assert entry.name == "docs"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", ".hidden", "a\nb"])
def test_names_that_are_no_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="cannot name an index"):
        index_folder(tmp_path, name)


def test_default_name_is_the_folders(tmp_path: Path) -> None:
    (tmp_path / "my notes").mkdir()
    assert default_name(tmp_path / "my notes") == "my notes"
    (tmp_path / "report.final.pdf").write_text("x")
    assert default_name(tmp_path / "report.final.pdf") == "report.final"
    assert default_name(Path("/")) == "index"
