"""The readers on real files."""

from collections import Counter
from pathlib import Path

from evaluation.datasets import open_dataset
from evaluation.examples import Example


def positions(example: Example) -> list[int]:
    gold = set(example.gold_ids)
    return [position for position, passage in enumerate(example.passages, start=1) if passage.id in gold]


def test_lost_in_the_middle_has_441_questions_with_gold_first_of_20(shared_data: Path) -> None:
    found = open_dataset(shared_data / "nq-open-20_total_documents_gold_at_0.first441.jsonl.gz")
    assert (found.format, len(found.examples)) == ("lost_in_the_middle", 441)
    assert {len(example.passages) for example in found.examples} == {20}
    assert all(positions(example) == [1] for example in found.examples)
    assert found.checksum == "6d14340e" + found.checksum[8:]


def test_the_oracle_file_has_2600_distinct_passages_for_2655_questions(shared_data: Path) -> None:
    found = open_dataset(shared_data / "nq-open-oracle.jsonl.gz")
    assert len(found.examples) == 2655
    assert len({example.passages[0].id for example in found.examples}) == 2600


def test_the_same_question_and_passages_have_the_same_ids_in_all_files(shared_data: Path) -> None:
    litm = open_dataset(shared_data / "nq-open-20_total_documents_gold_at_0.first441.jsonl.gz").examples
    oracle = {example.id: example for example in open_dataset(shared_data / "nq-open-oracle.jsonl.gz").examples}
    multidoc = open_dataset(shared_data / "multidoc_qa.jsonl.gz").examples[:441]
    for example, other in zip(litm, multidoc, strict=True):
        assert (example.question, example.gold_ids) == (other.question, other.gold_ids)
        assert example.gold_ids == oracle[example.id].gold_ids


def test_key_value_has_500_contexts_of_75_pairs(shared_data: Path) -> None:
    found = open_dataset(shared_data / "kv-retrieval-75_keys.jsonl.gz")
    assert (found.format, len(found.examples)) == ("key_value", 500)
    for example in found.examples:
        [position] = positions(example)
        assert example.answers is not None
        assert len(example.passages) == 75
        assert example.passages[position - 1].text == f'"{example.id}": "{example.answers[0]}"'


def test_multidoc_has_1005_questions_of_four_datasets(shared_data: Path) -> None:
    found = open_dataset(shared_data / "multidoc_qa.jsonl.gz")
    assert (found.format, len(found.examples)) == ("multidoc", 1005)
    assert Counter(example.tags[0] for example in found.examples) == {
        "nq_open_litm20": 441,
        "musique_ans": 200,
        "hotpotqa": 200,
        "2wikimultihopqa": 164,
    }
    assert Counter(len(example.gold_ids) for example in found.examples) == {1: 441, 2: 466, 3: 32, 4: 66}
    for example in found.examples:
        assert len({passage.id for passage in example.passages}) == len(example.passages)


def test_nfcorpus_has_323_queries_and_3633_documents_that_hold_all_gold(shared_data: Path) -> None:
    found = open_dataset(shared_data / "nfcorpus.zip")
    assert (found.format, len(found.examples), len(found.corpus)) == ("beir", 323, 3633)
    assert found.warnings == ()
    assert sum(len(example.gold) for example in found.examples) == 12334
    assert {gold.grade for example in found.examples for gold in example.gold} == {1, 2}
    assert found.examples[0].question == "Do Cholesterol Statin Drugs Cause Breast Cancer?"
    assert found.examples[0].gold[0].source == "corpus.jsonl#MED-2427"
