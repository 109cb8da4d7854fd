"""Which distractors come next, and when there are enough."""

from itertools import islice
from pathlib import Path

from evaluation.arms import Length
from evaluation.contexts.distractors import filled, hard, need_of, random
from evaluation.contexts.pool import Collection, open_pool
from evaluation.examples import Example
from rag.prompt import render_passage
from tests.evaluation.building_candidates import Words, dataset, example, index_of, passage
from tests.indexes.collection import PAGES

DRAWN = ["d38x", "d67x", "d65x", "d27x", "d83x", "d116x", "d44x", "d2x", "d54x", "d107x"]
"""For seed 0 and the example q1, as shuffling a list of all names by the same hashes gives them too."""
MANY = [f"d{number}x" for number in range(120)]


def pool(folder: Path) -> Collection:
    return open_pool(dataset(corpus=list(map(passage, MANY))), cache=folder, embedder="hashing")


def test_hard_distractors_come_best_first_each_once_until_none_is_left(tmp_path: Path) -> None:
    collection = pool(tmp_path)
    question = passage("d7x").text
    with collection.index:
        names = [one.id for one in hard(question, collection, mode="hybrid", reranker=None, depth=10)]
    assert names[0] == "d7x"
    assert sorted(names) == sorted(MANY)


def test_hard_distractors_are_whole_passages_of_the_dataset(tmp_path: Path) -> None:
    long = passage("long", " ".join(f"Sentence {number} is one of many." for number in range(100)))
    collection = open_pool(dataset(corpus=[long, passage("a")]), cache=tmp_path, embedder="hashing")
    with collection.index:
        found = list(hard("sentence of many", collection, mode="dense", reranker=None))
    assert sorted(found, key=lambda one: one.id) == [passage("a"), long]


def test_random_distractors_are_drawn_for_each_example_and_seed_the_same_every_time(tmp_path: Path) -> None:
    collection = pool(tmp_path)

    def drawn(name: str, seed: int) -> list[str]:
        return [one.id for one in islice(random(Example(name, "?", ()), collection, seed=seed), 10)]

    with collection.index:
        first = drawn("q1", 0)
        assert drawn("q1", 0) == first
        assert drawn("q1", 1) != first
        assert drawn("q2", 0) != first
        everything = [one.id for one in random(Example("q1", "?", ()), collection, seed=0)]
    assert first == DRAWN
    assert sorted(everything) == sorted(MANY)


def test_random_distractors_are_none_of_the_examples_own(tmp_path: Path) -> None:
    collection = pool(tmp_path)
    with collection.index:
        drawn = [one.id for one in random(example("q", MANY[:100]), collection, seed=0)]
    assert sorted(drawn) == sorted(MANY[100:])


def test_a_users_index_gives_random_passages_too(tmp_path: Path) -> None:
    collection = index_of(tmp_path, PAGES)
    with collection.index as index:
        drawn = list(random(Example("q", "?", ()), collection, seed=3))
        assert sorted(one.id for one in drawn) == sorted(one.id for one in index.all_passages())


def test_near_duplicates_do_not_fill_a_context() -> None:
    need = need_of([Length(passages=3), Length(passages=2)], Words().count)
    again = passage("again", passage("a").text.upper())
    given = (passage("a"), again)
    taken = filled(given, iter([again, passage("b"), again, passage("c"), passage("d")]), need)
    assert [one.id for one in taken.passages] == ["a", "again", "b", "c"]
    assert [one.id for one in taken.different] == ["a", "b", "c"]
    assert (need.lacking(taken.different), need.lacking(taken.different[:2])) == (0, 1)


def test_a_need_in_tokens_is_met_by_the_tokens_that_passages_take_in_the_prompt() -> None:
    """Label, title and eight words are ten tokens a passage."""
    counter = Words()
    need = need_of([Length(tokens=45)], counter.count)
    taken = filled((), map(passage, MANY), need).passages
    assert len(taken) == 5
    assert sum(counter.count([render_passage(one, 1) for one in taken])) == 50
    assert (need.lacking(taken), need.lacking(taken[:4]), need.lacking(())) == (0, 1, 1)
    assert str(need) == "45 tokens"


def test_what_is_given_stays_where_there_is_no_more() -> None:
    need = need_of([Length(passages=5)], Words().count)
    assert filled((passage("a"),), iter(()), need).passages == (passage("a"),)
