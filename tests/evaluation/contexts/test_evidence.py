"""Which passages hold the evidence of a question."""

import time
from pathlib import Path

import pytest

from evaluation.contexts.evidence import Evidence, Piece, compare, locate, own_evidence
from evaluation.contexts.pool import Collection, open_pool
from evaluation.examples import Example, Gold
from indexes.build import build_index
from indexes.errors import RequestError
from indexes.index import Index
from tests.evaluation.building_candidates import dataset, example, index_of, passage
from tests.indexes.collection import HASHING, PAGES, write


def found(collection: Collection, *gold: Gold) -> Evidence:
    with collection.index:
        return locate([example("q", gold=gold)], collection)["q"]


def test_without_a_quote_every_passage_of_the_document_is_gold(tmp_path: Path) -> None:
    evidence = found(index_of(tmp_path, PAGES), Gold("guide/france.md"))
    assert {one.source for one in evidence.passages} == {"guide/france.md"}
    assert " ".join(one.text for one in evidence.passages).count("Bread is baked daily") == 1
    assert (evidence.missing, evidence.everywhere) == ((), True)


def test_a_quote_is_found_whatever_its_case_and_white_space(tmp_path: Path) -> None:
    evidence = found(index_of(tmp_path, PAGES), Gold("guide/france.md", "the CAPITAL of\n France is Paris", grade=2))
    [piece] = evidence.pieces
    [one] = piece.passages
    assert ("Paris" in one.text, "Bread" in one.text, piece.grade) == (True, False, 2)


def test_gold_that_is_nowhere_is_listed_as_it_was_given(tmp_path: Path) -> None:
    evidence = found(
        index_of(tmp_path, PAGES),
        Gold("gone.md"),
        Gold("birds.txt", "penguins fly"),
        Gold("birds.txt", "owls hunt at night"),
        Gold("birds.txt", "**"),
    )
    assert evidence.missing == ("gone.md", "birds.txt: penguins fly", "birds.txt: **")
    assert len(evidence.pieces) == 1


def test_a_source_below_two_roots_is_ambiguous_and_both_are_named(tmp_path: Path) -> None:
    for root in ("one", "two"):
        write(tmp_path / root, {"a.md": f"Text of {root}."})
    build_index(tmp_path / "index", [tmp_path / "one", tmp_path / "two"], cache=tmp_path, recipe=HASHING)
    collection = Collection(Index(tmp_path / "index", cache=tmp_path))
    with pytest.raises(RequestError, match=r"gold source 'a.md' of question 'q' is ambiguous: .*one', .*two'; index"):
        found(collection, Gold("a.md"))


def test_a_file_of_records_is_ambiguous_and_one_record_is_not(tmp_path: Path) -> None:
    records = "".join(f'{{"id": "{number}", "text": "Record number {number}."}}\n' for number in range(5))
    with pytest.raises(
        RequestError, match=r"holds 5 documents .*: 'all.jsonl#0', 'all.jsonl#1', 'all.jsonl#2', …; name"
    ):
        found(index_of(tmp_path, {"all.jsonl": records}), Gold("all.jsonl"))
    [one] = found(index_of(tmp_path, {"all.jsonl": records}), Gold("all.jsonl#3")).passages
    assert one.text == "Record number 3."


def test_own_gold_passages_are_found_in_the_pool_of_their_dataset(tmp_path: Path) -> None:
    asked = example("q", ["a", "b", "c"], ["b"])
    collection = open_pool(dataset(asked), cache=tmp_path, embedder="hashing")
    with collection.index:
        evidence = locate([asked], collection)["q"]
    assert evidence == Evidence((Piece((passage("b"),)),), everywhere=True)


def test_a_pool_knows_documents_by_the_names_of_the_dataset(tmp_path: Path) -> None:
    asked = example("q", gold=[Gold("corpus.jsonl#b", grade=2), Gold("corpus.jsonl#x")])
    named = Example("other", "?", ())
    corpus = [passage("corpus.jsonl#a"), passage("corpus.jsonl#b")]
    collection = open_pool(dataset(asked, named, corpus=corpus), cache=tmp_path, embedder="hashing")
    with collection.index:
        evidence = locate([asked, named], collection)
    assert evidence["q"] == Evidence((Piece((corpus[1],), 2),), ("corpus.jsonl#x",), everywhere=True)
    assert evidence["other"] == Evidence()


def test_own_gold_passages_stand_for_themselves_in_an_index_of_other_documents(tmp_path: Path) -> None:
    asked = example("q", ["a", "b"], ["b"])
    collection = index_of(tmp_path, PAGES)
    with collection.index:
        evidence = locate([asked], collection)["q"]
    assert evidence == Evidence(own_evidence(asked), everywhere=False)


def test_what_nearly_repeats_gold_is_gold_with_its_grade() -> None:
    evidence = Evidence((Piece((passage("a"),), 1), Piece((passage("b"),), 2), Piece((passage("c"),), 1)))
    shouted = passage("x", passage("b").text.upper() + " !")
    likeness = compare([passage("z"), shouted, passage("a")], evidence)
    assert likeness.grades == (0, 2, 1)
    assert likeness.unmet == (Piece((passage("c"),), 1),)


def test_evidence_given_twice_is_met_twice_and_has_the_better_grade() -> None:
    evidence = Evidence((Piece((passage("a"),), 1), Piece((passage("again", passage("a").text),), 2)))
    assert compare([passage("a")], evidence) == compare([passage("again", passage("a").text)], evidence)
    assert compare([passage("a")], evidence).grades == (2,)
    assert compare([passage("a")], evidence).unmet == ()


def test_without_evidence_nothing_is_gold() -> None:
    assert compare([passage("a")], Evidence()).grades == (0,)


def test_the_gold_of_a_thousand_questions_is_found_by_reading_the_index_once(tmp_path: Path) -> None:
    files = {f"{number}.txt": f"Fact {number} is that the value of item {number} is {number}." for number in range(300)}
    collection = index_of(tmp_path, files)
    asked = [
        Example(str(number), "?", (), gold=(Gold(f"{number % 300}.txt", f"Fact {number % 300} is"),))
        for number in range(1_000)
    ]
    with collection.index:
        started = time.perf_counter()
        evidence = locate(asked, collection)
        assert time.perf_counter() - started < 10  # it takes tenths of a second; read for each question, minutes
    assert all(len(one.passages) == 1 for one in evidence.values())
