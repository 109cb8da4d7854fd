"""The collection that a dataset's own passages make."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.contexts.pool import open_pool
from indexes.errors import RequestError
from indexes.manifest import read_manifest
from tests.evaluation.building_candidates import dataset, example, passage


def test_every_passage_is_in_the_pool_once(tmp_path: Path) -> None:
    data = dataset(example("q1", ["a", "b"]), example("q2", ["b", "c"]), corpus=[passage("c"), passage("d")])
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index as index:
        whole = [collection.whole(one) for one in index.all_passages()]
    assert whole == [passage(name) for name in "abcd"]


def test_a_passage_in_one_piece_is_the_datasets_own(tmp_path: Path) -> None:
    collection = open_pool(dataset(example("q", ["a", "b"])), cache=tmp_path, embedder="hashing")
    with collection.index as index:
        assert [collection.cut(one) for one in index.all_passages()] == [passage("a"), passage("b")]


def test_a_long_passage_is_cut_under_the_names_of_the_dataset_and_leads_back_to_its_whole(tmp_path: Path) -> None:
    long = passage("long", " ".join(f"Sentence {number} is one of many." for number in range(100)), title="Long one")
    collection = open_pool(dataset(corpus=[long]), cache=tmp_path, embedder="hashing")
    with collection.index as index:
        pieces = list(index.all_passages())
    assert len(pieces) > 1
    assert {collection.whole(piece) for piece in pieces} == {long}
    assert {(one.source, one.title) for one in map(collection.cut, pieces)} == {("long", "Long one")}
    assert " ".join(one.text for one in map(collection.cut, pieces)) == long.text


def test_an_untitled_passage_is_embedded_under_its_source_and_stays_untitled(tmp_path: Path) -> None:
    collection = open_pool(dataset(corpus=[passage("a", title=" ")]), cache=tmp_path, embedder="hashing")
    with collection.index as index:
        [one] = index.all_passages()
    assert (one.title, collection.cut(one).title) == ("a", " ")


def test_equal_passages_of_two_sources_answer_to_both(tmp_path: Path) -> None:
    same = passage("a")
    data = dataset(corpus=[same, replace(same, id="other", source="elsewhere")])
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index as index:
        assert index.manifest.passages == 1
    assert collection.sources("a") == collection.sources("elsewhere") != ()
    assert collection.sources("nowhere") == ()


def test_the_pool_is_used_again_for_equal_passages_and_made_anew_for_others(tmp_path: Path) -> None:
    stages: list[str] = []

    def made(*names: str) -> Path:
        stages.clear()
        collection = open_pool(
            dataset(example("q", names)),
            cache=tmp_path,
            embedder="hashing",
            progress=lambda stage, *_: stages.append(stage),
        )
        collection.index.close()
        return collection.index.folder

    first = made("a", "b")
    assert stages
    assert made("a", "b") == first
    assert not stages
    assert made("a", "c") != first


def test_a_damaged_pool_is_made_again(tmp_path: Path) -> None:
    data = dataset(example("q", ["a", "b"]))
    with open_pool(data, cache=tmp_path, embedder="hashing").index as index:
        folder = index.folder
    (folder / read_manifest(folder).generation / "store.sqlite").write_bytes(b"broken")
    with open_pool(data, cache=tmp_path, embedder="hashing").index as index:
        assert len(list(index.all_passages())) == 2


def test_a_dataset_without_passages_needs_an_index(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"'made.jsonl' brings no passages of its own .* name an index"):
        open_pool(dataset(example("q")), cache=tmp_path, embedder="hashing")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "evaluation").write_text("a file where a folder should be")
    with pytest.raises(RequestError, match="cannot keep the passages of the dataset"):
        open_pool(dataset(example("q", ["a"])), cache=tmp_path, embedder="hashing")
