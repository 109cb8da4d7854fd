"""What each reader makes of a record in its original schema."""

from pathlib import Path
from typing import Any

import pytest

from evaluation.datasets import open_dataset
from evaluation.examples import Dataset, Example, Gold
from evaluation.must import Must
from indexes.collect import passage_id
from indexes.errors import RequestError
from tests.evaluation.datasets.writing import (
    HOTPOT,
    HOTPOT_COLUMNS,
    KV,
    LITM,
    MULTIDOC,
    MUSIQUE,
    QUESTION,
    TWO_WIKI,
    write_lines,
    write_list,
)


def gold_texts(example: Example) -> list[str]:
    texts = {passage.id: passage.text for passage in example.passages}
    return [texts[name] for name in example.gold_ids]


def read(folder: Path, *records: dict[str, Any], name: str = "data.jsonl") -> Dataset:
    return open_dataset(write_lines(folder / name, *records))


def test_lost_in_the_middle_marks_gold_by_its_flag(tmp_path: Path) -> None:
    [example] = read(tmp_path, LITM).examples
    assert (example.question, example.answers) == ("who built the mill", ("Ada Karlen",))
    assert [passage.title for passage in example.passages] == ["Mills", "The mill"]
    assert gold_texts(example) == ["Ada Karlen built the mill."]


def test_a_question_has_the_same_id_wherever_its_gold_stands(tmp_path: Path) -> None:
    [first] = read(tmp_path, LITM).examples
    [second] = read(tmp_path, LITM | {"ctxs": LITM["ctxs"][::-1]}).examples
    assert first.id == second.id
    assert first.passages == second.passages[::-1]


def test_positions_in_the_name_of_a_file_are_converted(tmp_path: Path) -> None:
    found = read(tmp_path, LITM, name="nq-open-20_total_documents_gold_at_9.jsonl")
    assert found.warnings == ("the file's name counts positions from 0: 'gold_at_9' is position 10 here",)


def test_retrieved_passages_without_gold_flags_count_by_whether_they_have_the_answer(tmp_path: Path) -> None:
    ctxs = [{key: ctx[key] for key in ("title", "text", "hasanswer")} for ctx in LITM["ctxs"]]
    found = read(tmp_path, LITM | {"ctxs": ctxs}, LITM | {"question": "other", "ctxs": ctxs[:1]})
    assert [gold_texts(example) for example in found.examples] == [["Ada Karlen built the mill."], []]
    assert found.warnings == ("in 1 of 2 examples no passage has the answer",)


def test_a_key_value_record_asks_for_the_value_of_its_key(tmp_path: Path) -> None:
    [example] = read(tmp_path, KV).examples
    assert (example.id, example.answers) == ("k2", ("v2",))
    assert example.question == 'What is the value of the key "k2"?'
    assert [passage.text for passage in example.passages] == ['"k1": "v1"', '"k2": "v2"']
    assert gold_texts(example) == ['"k2": "v2"']


@pytest.mark.parametrize("pairs", [[["k1", "v1"]], [["k2", "v2"], ["k2", "v3"]], [["k2", "other"]]])
def test_a_key_that_is_missing_repeated_or_of_another_value_is_an_error(tmp_path: Path, pairs: list[list[str]]) -> None:
    with pytest.raises(RequestError, match=r"line 1: 'ordered_kv_records' must hold its key once, with its value"):
        read(tmp_path, KV | {"ordered_kv_records": pairs})


@pytest.mark.parametrize("record", [HOTPOT, HOTPOT_COLUMNS])
def test_hotpotqa_reads_pairs_and_columns_alike(tmp_path: Path, record: dict[str, Any]) -> None:
    found = open_dataset(write_list(tmp_path / "hotpot.json", record))
    [example] = found.examples
    assert found.format == "hotpotqa"
    assert (example.id, example.answers) == ("5a7a06935542990198eaf050", ("1920",))
    assert example.tags == ("bridge", "hard")
    assert example.passages[0].text == "The Weekly was founded by Boris Tolmer. It is read."
    assert gold_texts(example) == [example.passages[0].text, "Boris Tolmer (born 1920) is a publisher."]


def test_a_supporting_fact_that_is_not_in_the_context_is_missing_gold(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="line 1: 'supporting_facts' must be about paragraphs of the context"):
        read(tmp_path, HOTPOT | {"supporting_facts": [["The Weekly", 0], ["Elsewhere", 0]]})


def test_columns_of_unequal_length_are_an_error(tmp_path: Path) -> None:
    facts = {"title": ["The Weekly", "Boris Tolmer"], "sent_id": [0]}
    with pytest.raises(RequestError, match=r"'supporting_facts\.sent_id' must be as long as supporting_facts\.title"):
        read(tmp_path, HOTPOT_COLUMNS | {"supporting_facts": facts})


def test_two_wiki_is_told_from_hotpotqa_and_its_sentences_get_spaces(tmp_path: Path) -> None:
    found = open_dataset(write_list(tmp_path / "dev.json", TWO_WIKI))
    [example] = found.examples
    assert found.format == "two_wiki"
    assert (example.id, example.answers, example.tags) == (TWO_WIKI["_id"], ("no",), ("bridge_comparison",))
    assert gold_texts(example) == ["Film A is by Clara Dunmel. It is long.", "Clara Dunmel is French."]


def test_musique_takes_aliases_as_answers_and_hops_as_tag(tmp_path: Path) -> None:
    found = read(tmp_path, MUSIQUE)
    [example] = found.examples
    assert (found.format, example.id) == ("musique", "2hop__482757_12019")
    assert example.answers == ("90 m", "90 metres")
    assert example.tags == ("2hop",)
    assert gold_texts(example) == ["The river ends in the Kolmer sea.", "The sea is 90 m deep."]


def test_the_unanswerable_twin_of_a_musique_question_is_to_be_refused(tmp_path: Path) -> None:
    answerable, twin = read(tmp_path, MUSIQUE, MUSIQUE | {"answerable": False}).examples
    assert answerable.answers
    assert twin.id == f"{answerable.id} unanswerable"
    assert (twin.answers, twin.gold_ids, twin.tags) == ((), (), ("2hop", "unanswerable"))
    assert twin.passages == answerable.passages


def test_multidoc_keeps_dataset_and_type_as_tags(tmp_path: Path) -> None:
    [example] = read(tmp_path, MULTIDOC).examples
    assert (example.id, example.tags) == ("nq-0", ("nq", "single-hop"))
    assert gold_texts(example) == ["Ada Karlen built the mill."]


def test_our_own_questions_name_their_gold_in_an_index(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        QUESTION,
        {"question": "And where?", "answers": ["there"], "gold": [{"source": "b.md", "quote": "it stands there"}]},
        {"question": "And the moon?", "answers": []},
    )
    first, second, third = found.examples
    assert (first.id, first.gold, first.tags) == ("q1", (Gold("a.md"),), ("easy",))
    assert second.gold == (Gold("b.md", "it stands there"),)
    assert (third.answers, third.gold, third.passages) == ((), (), ())
    assert found.warnings == ()


def test_an_absent_id_comes_from_the_content_whatever_the_order_of_the_keys(tmp_path: Path) -> None:
    one, other = {"question": "x", "answers": ["y"]}, {"question": "x", "answers": ["z"]}
    [first] = read(tmp_path, one).examples
    [again] = read(tmp_path, dict(reversed(one.items()))).examples
    [second] = read(tmp_path, other).examples
    assert first.id == again.id != second.id
    with pytest.raises(RequestError, match=r"line 2: the id '[0-9a-f]{16}' is already that of line 1"):
        read(tmp_path, one, one)


def test_a_question_may_say_what_its_answer_must_be(tmp_path: Path) -> None:
    whole = {
        "cite": ["a.md", "b.md"],
        "contain": ["Ada"],
        "not_contain": ["Bob", "Cleo"],
        "refuse": True,
        "max_tokens": 400,
        "max_seconds": 20,
    }
    first, second, third = read(
        tmp_path,
        QUESTION | {"must": whole},
        QUESTION | {"id": "q2", "must": {"refuse": False, "max_seconds": 0.5}},
        QUESTION | {"id": "q3"},
    ).examples
    assert first.must == Must(
        ("a.md", "b.md"), ("Ada",), ("Bob", "Cleo"), refuse=True, max_tokens=400, max_seconds=20.0
    )
    assert second.must == Must(max_seconds=0.5)
    assert third.must is None


def test_an_assertion_does_not_change_an_absent_id(tmp_path: Path) -> None:
    bare = {"question": "x", "answers": ["y"]}
    [without] = read(tmp_path, bare).examples
    [with_it] = read(tmp_path, bare | {"must": {"refuse": True}}).examples
    assert without.id == with_it.id


def test_answerable_questions_without_gold_are_counted_where_others_have_it(tmp_path: Path) -> None:
    bare = {"question": "x", "answers": ["y"]}
    [warning] = read(tmp_path, QUESTION, bare).warnings
    assert warning.startswith("1 of 2 questions have answers but name no gold")
    assert read(tmp_path, bare).warnings == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "Ada"}, "unknown key 'answer'; known: id, question, answers, gold, tags, must$"),
        ({"gold": [{"source": "a", "text": "b"}]}, r"unknown key 'text' in 'gold\[0\]'; known: source, quote"),
        ({"gold": [7]}, r"'gold\[0\]' must be a source, or"),
        ({"gold": [{"quote": "b"}]}, r"'gold\[0\]\.source' is missing"),
        ({"gold": "a.md"}, "'gold' must be a list, found 'a.md'"),
        ({"answers": "Ada"}, "'answers' must be a list, found 'Ada'"),
        ({"answers": ["Ada", " "]}, r"'answers\[1\]' must be text that is not blank, found ' '"),
        ({"question": "\n"}, "'question' must be text that is not blank"),
        ({"id": 7}, "'id' must be text, found 7"),
        ({"tags": ["x", None]}, r"'tags\[1\]' must be text, found None"),
        ({"must": None}, "'must' must be an object, found None"),
        ({"must": ["Ada"]}, r"'must' must be an object, found \['Ada'\]"),
        ({"must": {}}, r"'must' must be an object that asserts something: cite, .*max_seconds, found \{\}"),
        ({"must": {"refuse": False}}, "'must' must be an object that asserts something"),
        ({"must": {"contains": ["x"]}}, "unknown key 'contains' in 'must'; known: cite, contain, not_contain, refuse"),
        ({"must": {"cite": "a.md"}}, r"'must\.cite' must be a list, found 'a\.md'"),
        ({"must": {"cite": []}}, r"'must\.cite' is an empty list"),
        ({"must": {"contain": [""]}}, r"'must\.contain\[0\]' must be text that is not blank"),
        ({"must": {"not_contain": [3]}}, r"'must\.not_contain\[0\]' must be text, found 3"),
        ({"must": {"refuse": 1}}, r"'must\.refuse' must be true or false, found 1"),
        ({"must": {"refuse": None}}, r"'must\.refuse' must be true or false, found None"),
        ({"must": {"max_tokens": 0}}, r"'must\.max_tokens' must be a whole number from 1, found 0"),
        ({"must": {"max_tokens": 1.5}}, r"'must\.max_tokens' must be a whole number, found 1\.5"),
        ({"must": {"max_tokens": True}}, r"'must\.max_tokens' must be a whole number, found True"),
        ({"must": {"max_seconds": 0}}, r"'must\.max_seconds' must be a number .* above 0, found 0"),
        ({"must": {"max_seconds": -1.5}}, r"'must\.max_seconds' must be a number .* above 0"),
        ({"must": {"max_seconds": True}}, r"'must\.max_seconds' must be a number .* above 0, found True"),
        ({"must": {"max_seconds": "20"}}, r"'must\.max_seconds' must be a number .* above 0, found '20'"),
        (
            {"must": {"max_seconds": float("nan")}},
            r"'must\.max_seconds' must be a number .* above 0, found nan",
        ),
        (
            {"must": {"max_seconds": float("inf")}},
            r"'must\.max_seconds' must be a number .* above 0, found inf",
        ),
        ({"must": {"max_seconds": 10**400}}, r"'must\.max_seconds' must be a number .* above 0, found 1000"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=rf"data\.jsonl, line 2: {message}"):
        read(tmp_path, QUESTION, QUESTION | {"id": "q2"} | change)


def test_a_passage_has_the_same_id_in_every_example_and_copies_within_one_differ(tmp_path: Path) -> None:
    docs = [*MULTIDOC["docs"], MULTIDOC["docs"][1]]
    first, second = read(tmp_path, MULTIDOC, MULTIDOC | {"id": "nq-1", "docs": docs}).examples
    assert first.passages == second.passages[:2]
    assert len({passage.id for passage in second.passages}) == 3
    assert first.passages[0].id == passage_id("The mill", "Ada Karlen built the mill.", 0)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (LITM | {"ctxs": LITM["ctxs"][:1]}, "line 1: none of its 1 passages is marked as gold"),
        (MULTIDOC | {"docs": MULTIDOC["docs"][1:]}, "line 1: none of its 1 passages is marked as gold"),
        (MUSIQUE | {"paragraphs": MUSIQUE["paragraphs"][:1]}, "line 1: none of its 1 passages"),
        (HOTPOT | {"supporting_facts": []}, "line 1: 'supporting_facts' is an empty list"),
        (LITM | {"ctxs": []}, "line 1: 'ctxs' is an empty list"),
        (MULTIDOC | {"docs": [{"title": "x", "text": "y", "gold": 1}]}, r"gold' must be true or false, found 1"),
        (MULTIDOC | {"docs": ["x"]}, r"'docs\[0\]' must be an object, found 'x'"),
        (HOTPOT | {"context": [["x"]]}, r"'context\[0\]' must be a pair of title and sentences, found \['x'\]"),
        (HOTPOT | {"context": [["x", "y"]]}, r"'context\[0\]' must be a title and a list of sentences, found 'y'"),
        (KV | {"ordered_kv_records": [["k", 1]]}, r"_records\[0\]' must be a pair of key and value, both text"),
        (MUSIQUE | {"answerable": "no"}, "'answerable' must be true or false, found 'no'"),
    ],
)  # fmt: skip
def test_missing_gold_and_wrong_types_name_the_line(tmp_path: Path, record: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read(tmp_path, record)
