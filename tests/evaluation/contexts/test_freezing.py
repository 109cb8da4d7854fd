"""The candidates of each question, as they are frozen."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation.arms import Length
from evaluation.candidates import Candidates
from evaluation.contexts.freezing import Source, freeze
from evaluation.contexts.pool import Collection, open_pool
from evaluation.datasets.opening import open_dataset
from evaluation.examples import Dataset, Example, Gold
from indexes.build import build_index
from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError
from indexes.index import Index
from tests.evaluation.building_candidates import Words, dataset, example, index_of, passage
from tests.indexes.collection import HASHING, PAGES, write
from tests.indexes.embedder.conftest import embedder_cache, minilm  # noqa: F401 fixtures

OTHERS = [f"x{number}y" for number in range(30)]


def frozen(
    data: Dataset, source: Source, collection: Collection | None, lengths: Sequence[Length] = (Length(passages=3),)
) -> list[Candidates]:
    return list(freeze(data, source, collection=collection, lengths=lengths, count=Words().count))


def kinds(candidates: Candidates) -> list[tuple[str, str]]:
    return [(one.ranked.passage.id, one.kind) for one in candidates.candidates]


def test_contexts_of_the_dataset_have_the_gold_first_and_then_its_distractors_in_order() -> None:
    [one] = frozen(dataset(example("q", ["b", "a", "d", "c"], ["d", "a"])), Source(), None)
    assert kinds(one) == [("a", "gold"), ("d", "gold"), ("b", "dataset"), ("c", "dataset")]
    assert [each.ranked.rank for each in one.candidates] == [1, 2, 3, 4]
    assert [each.grade for each in one.candidates] == [1, 1, 0, 0]


def test_a_distractor_that_nearly_repeats_the_gold_is_gold_and_does_not_fill_the_context() -> None:
    shouted = passage("b", passage("a").text.upper() + "!")
    asked = Example("q", "?", ("yes",), (passage("a"), shouted, passage("c")), ("a",))
    [one] = frozen(dataset(asked), Source(), None, [Length(passages=2)])
    assert kinds(one) == [("a", "gold"), ("b", "gold"), ("c", "dataset")]
    [one] = frozen(dataset(asked), Source(), None, [Length(passages=3)])
    assert len(kinds(one)) == 3
    with pytest.raises(RequestError, match=r"'q' needs 4 passages, but only 2 different passages come with it"):
        frozen(dataset(asked), Source(), None, [Length(passages=4)])


def test_where_the_dataset_has_too_few_hard_ones_follow(tmp_path: Path) -> None:
    data = dataset(example("q", ["a", "b"], ["a"]), corpus=[passage(name) for name in OTHERS])
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index:
        [one] = frozen(data, Source(), collection, [Length(passages=6)])
    assert [kind for _, kind in kinds(one)] == ["gold", "dataset", "hard", "hard", "hard", "hard"]
    assert len({name for name, _ in kinds(one)}) == 6


def test_hard_distractors_are_what_the_retriever_finds_but_gold_and_what_nearly_repeats_it(tmp_path: Path) -> None:
    words = passage("a").text
    near = passage("near", words.upper())
    related = passage("related", " ".join(words.split()[:4]) + " beside other things")
    data = dataset(example("q", ["a", "b"], ["a"]), corpus=[near, related, *map(passage, OTHERS)])
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index:
        [one] = frozen(data, Source(distractors="hard", mode="lexical"), collection, [Length(passages=2)])
    assert kinds(one) == [("a", "gold"), ("related", "hard")]


def test_random_distractors_differ_between_questions_and_seeds_and_repeat_with_them(tmp_path: Path) -> None:
    asked = [example(f"q{number}", ["a", "b"], ["a"]) for number in range(2)]
    data = dataset(*asked, corpus=list(map(passage, OTHERS)))
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index:
        lengths = [Length(passages=6)]
        first, second = frozen(data, Source(distractors="random"), collection, lengths)
        again, _ = frozen(data, Source(distractors="random"), collection, lengths)
        other, _ = frozen(data, Source(distractors="random", seed=1), collection, lengths)
    assert first == again
    assert [kind for _, kind in kinds(first)] == ["gold", *["random"] * 5]
    assert not {"b"} & {name for name, _ in kinds(first)}
    assert kinds(first) != kinds(second)
    assert kinds(first) != kinds(other)


def test_a_pool_smaller_than_the_longest_context_is_refused_with_what_there_is(tmp_path: Path) -> None:
    data = dataset(example("q", ["a", "b"], ["a"]), corpus=[passage("c")])
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    few = r"'q' needs 10 passages, but only 3 different passages are there, those of the whole .* shorter"
    short = r"'q' needs 900 tokens, but only 3 different passages of 30 tokens are there"
    with collection.index:
        for lengths, message in (([Length(passages=2), Length(passages=10)], few), ([Length(tokens=900)], short)):
            with pytest.raises(RequestError, match=message):
                frozen(data, Source(), collection, lengths)


def test_contexts_in_tokens_are_filled(tmp_path: Path) -> None:
    """Ten tokens a passage, so ten passages for 95."""
    data = dataset(example("q", ["a", "b"], ["a"]), corpus=list(map(passage, OTHERS)))
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index:
        [one] = frozen(data, Source(distractors="random"), collection, [Length(tokens=30), Length(tokens=95)])
    assert len(one.candidates) == 10


def test_evidence_in_a_users_index_can_have_contexts_of_the_dataset(tmp_path: Path) -> None:
    asked = example("q", gold=[Gold("birds.txt", "owls hunt"), Gold("gone.txt")])
    collection = index_of(tmp_path, PAGES)
    with collection.index:
        [one] = frozen(dataset(asked), Source(distractors="hard"), collection)
    assert [each.kind for each in one.candidates] == ["gold", "hard", "hard"]
    assert one.missing == ("gone.txt",)


def test_retrieved_contexts_keep_the_ranking_and_know_the_gold(tmp_path: Path) -> None:
    asked = [
        Example("paris", "What is the capital of France?", ("Paris",), gold=(Gold("guide/france.md", "is Paris"),)),
        Example("gone", "Who hunts at night?", ("owls",), gold=(Gold("gone.md", "owls"),)),
        Example("unknown", "Who hunts at night?", ("owls",)),
    ]
    collection = index_of(tmp_path, PAGES)
    with collection.index:
        paris, gone, unknown = frozen(dataset(*asked), Source("retrieved"), collection)
    assert (paris.candidates[0].kind, paris.candidates[0].grade, paris.relevant) == ("gold", 1, 1)
    assert {each.kind for each in paris.candidates[1:]} == {"retrieved"}
    assert [each.ranked.rank for each in paris.candidates] == list(range(1, len(paris.candidates) + 1))
    assert (gone.gold, gone.missing, gone.relevant) == ((), ("gone.md: owls",), 0)
    assert (unknown.missing, unknown.relevant) == ((), None)


def test_gold_that_was_not_retrieved_stands_apart_behind_the_ranking(tmp_path: Path) -> None:
    asked = Example(
        "q",
        "Who hunts at night?",
        (),
        gold=(Gold("guide/france.md"), Gold("guide/france.md", "Bread"), Gold("birds.txt")),
    )
    collection = index_of(tmp_path, PAGES)
    with collection.index:
        [one] = frozen(dataset(asked), Source("retrieved", retrieve=1), collection, [Length(passages=1)])
    assert [(each.kind, each.ranked.rank) for each in one.candidates] == [
        ("gold", 1),
        ("unretrieved", 2),
        ("unretrieved", 3),
    ]
    assert one.relevant == 3
    assert ["Paris" in each.ranked.passage.text for each in one.candidates] == [False, True, False]


def test_near_duplicates_of_gold_that_are_retrieved_are_gold_and_counted(tmp_path: Path) -> None:
    files = {"a.txt": "Owls hunt at night.", "b.txt": "OWLS  hunt at night!", "c.txt": "Ravens do not."}
    asked = Example("q", "Who hunts at night?", ("owls",), gold=(Gold("a.txt"),))
    collection = index_of(tmp_path, files)
    with collection.index:
        [one] = frozen(dataset(asked), Source("retrieved"), collection)
    assert {each.ranked.passage.source: each.kind for each in one.candidates} == {
        "a.txt": "gold",
        "b.txt": "gold",
        "c.txt": "retrieved",
    }
    assert one.relevant == 2


def test_own_gold_is_found_among_what_the_pool_gives(tmp_path: Path) -> None:
    asked = example("q", ["b", "a", "c"], ["a"])
    data = dataset(asked, corpus=list(map(passage, OTHERS)))
    collection = open_pool(data, cache=tmp_path, embedder="hashing")
    with collection.index:
        [one] = frozen(data, Source("retrieved", mode="dense", retrieve=5), collection)
    assert kinds(one)[0] == ("a", "gold")
    assert [kind for _, kind in kinds(one)[1:]] == ["retrieved"] * 4
    assert one.relevant == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (Source("retrieved"), "because passages are to be retrieved; name one"),
        (Source(distractors="random"), "because random distractors come from one"),
        (Source(), "because its gold names documents"),
    ],
)
def test_what_needs_an_index_is_refused_at_once_without_one(source: Source, reason: str) -> None:
    data = dataset(example("q", ["a"], ["a"], gold=[Gold("b.txt")]))
    with pytest.raises(RequestError, match=reason):
        freeze(data, source, collection=None, lengths=[Length(passages=1)], count=Words().count)


def test_an_empty_index_is_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"a.txt": "Text."})
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=tmp_path, recipe=HASHING)
    (tmp_path / "docs" / "a.txt").unlink()
    build_index(tmp_path / "index", cache=tmp_path, allow_empty=True)
    with Index(tmp_path / "index", cache=tmp_path) as index, pytest.raises(RequestError, match="has no passages; add"):
        freeze(
            dataset(example("q")), Source("retrieved"), collection=Collection(index), lengths=[], count=Words().count
        )


def test_candidates_come_one_at_a_time_with_progress() -> None:
    told: list[tuple[int, int]] = []
    data = dataset(example("q1", ["a"], ["a"]), example("q2", ["b", "c"], ["b"]))
    stream = freeze(
        data,
        Source(),
        collection=None,
        lengths=[Length(passages=2)],
        count=Words().count,
        progress=lambda done, total: told.append((done, total)),
    )
    with pytest.raises(RequestError, match="'q1' needs 2"):
        next(stream)
    assert told == [(0, 2)]
    list(freeze(data, Source(), collection=None, lengths=[], count=Words().count, progress=lambda *at: told.append(at)))
    assert told[1:] == [(0, 2), (1, 2), (2, 2)]


def test_hotpotqa_like_rows_freeze_with_all_their_gold(shared_data: Path, tmp_path: Path) -> None:
    """Real rows of several hops: gold first, whole, and as many as the dataset marks."""
    everything = open_dataset(shared_data / "multidoc_qa.jsonl.gz")
    hops = [one for one in everything.examples if len(one.gold_ids) > 1]
    chosen = random.Random(0).sample(hops, 20)
    for one, frozen_one in zip(chosen, frozen(dataset(*chosen), Source(), None), strict=True):
        first = [each.ranked.passage.id for each in frozen_one.candidates[: len(one.gold_ids)]]
        assert sorted(first) == sorted(one.gold_ids)
        assert len(frozen_one.candidates) == len(one.passages)


@pytest.mark.slow
def test_the_default_embedder_finds_most_evidence_among_real_passages(
    shared_data: Path,
    minilm: Embedder,  # noqa: F811 the fixture
    embedder_cache: Path,  # noqa: F811 the fixture
) -> None:
    """Ten real questions with twenty passages each, which the default model embeds as it does for users."""
    everything = open_dataset(shared_data / "nq-open-20_total_documents_gold_at_0.first441.jsonl.gz")
    data = dataset(*everything.examples[:10])
    collection = open_pool(data, cache=embedder_cache)
    with collection.index as index:
        assert index.manifest.embedder.name == minilm.spec.name
        retrieved = frozen(data, Source("retrieved"), collection, [Length(passages=10)])
        given = frozen(data, Source(distractors="hard"), collection, [Length(passages=20)])
        again = frozen(data, Source("retrieved"), collection, [Length(passages=10)])
    assert retrieved == again
    assert sum(any(each.kind == "gold" for each in one.candidates[:5]) for one in retrieved) > 5
    for asked, one, other in zip(data.examples, retrieved, given, strict=True):
        [whole] = [own.text for own in asked.passages if own.id in asked.gold_ids]
        assert any(each.ranked.passage.text in whole for each in one.candidates if each.kind != "retrieved")
        assert [each.kind for each in other.candidates] == ["gold", *["hard"] * 19]
        assert other.candidates[0].ranked.passage.id == asked.gold_ids[0]
