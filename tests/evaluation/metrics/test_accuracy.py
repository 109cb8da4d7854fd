"""Accuracy metrics: hand-worked cases, and agreement with how Lost in the Middle compares."""

import gzip
import json
import string
import unicodedata
from pathlib import Path

import pytest

from evaluation.metrics import parse_metric
from evaluation.metrics.normalise import normalised
from evaluation.trials import TrialFinish
from tests.evaluation.building_cases import case, passage

ACCURACIES = ["sub_span", "exact_match", "token_f1", "key_value_match"]


def value(name: str, text: str | None, *answers: str) -> float | None:
    return parse_metric(name).score(case(text, *answers)).value


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The  Cat's\tmat.", "cats mat"),
        ("A theory, an anthem; the A-team", "theory anthem ateam"),
        ("O'Neill & Sons", "oneill sons"),
        ("a.b", "ab"),
        ("«the» “an”", "« » “ ”"),
        ("a\u0301 la carte", "a\u0301 la carte"),
        ("12,000", "12000"),
        ("", ""),
        ("The", ""),
    ],
)
def test_normalising(text: str, plain: str) -> None:
    assert normalised(text) == plain
    assert normalised(plain) == plain


def test_an_article_ends_where_the_regex_package_ends_a_word() -> None:
    """Every character of the first Unicode planes' living scripts as the neighbour of an article."""
    regex = pytest.importorskip("regex")
    for point in range(0x3000):
        char = chr(point)
        if unicodedata.category(char) in ("Cn", "Cs") or char in string.punctuation:
            continue
        for text in (f"x the{char} y", f"x {char}an y"):
            wanted = " ".join(regex.sub(r"\b(a|an|the)\b", " ", text.lower()).split())
            assert normalised(text) == wanted, hex(point)


@pytest.mark.parametrize(
    ("text", "answers", "wanted"),
    [
        ("It was Wilhelm Conrad Röntgen, in 1901.", ["Wilhelm Conrad Röntgen"], 1),
        ("first line\n\nand much later: the Beatles", ["Beatles"], 1),
        ("The answer is 14 December, 1972 UTC", ["14 December 1972 UTC", "December 1972"], 1),
        ("He was born in New York", ["New York City", "NYC"], 0),
        ("overcast", ["cast"], 1),
        ("U.S.A.", ["USA"], 1),
        ("walked a dog", ["walked dog"], 1),
        ("Peking", ["Beijing"], 0),
        ("anything", ["The"], 1),
    ],
)
def test_sub_span_is_that_of_lost_in_the_middle(text: str, answers: list[str], wanted: float) -> None:
    assert value("sub_span", text, *answers) == wanted


@pytest.mark.parametrize(
    ("text", "answers", "exact", "f1"),
    [
        ("the Norse", ["Norse", "Vikings"], 1, 1),
        ("Denmark, Iceland and Norway", ["Denmark"], 0, 2 * (1 / 4) * 1 / (1 / 4 + 1)),
        # 2 of 3 words are right, 2 of 2 are there: P 2/3, R 1, F1 4/5
        ("10th century AD", ["10th century"], 0, 4 / 5),
        # multiset: "a" goes, "buffalo" counts twice of three: P 2/3, R 2/2
        ("buffalo buffalo buffalo", ["buffalo a buffalo"], 0, 4 / 5),
        ("Rollo", ["Robert", "William Rollo"], 0, 2 / 3),
        ("Paris", ["London"], 0, 0),
        ("the", ["a"], 1, 1),
        ("the", ["Norse"], 0, 0),
    ],
)
def test_exact_match_and_f1_are_those_of_squad(text: str, answers: list[str], exact: float, f1: float) -> None:
    assert value("exact_match", text, *answers) == exact
    assert value("token_f1", text, *answers) == pytest.approx(f1)


def test_key_value_match_looks_for_the_value_whatever_its_case() -> None:
    key = "b3d1-7f"
    assert value("key_value_match", 'The value is "B3D1-7F".', key) == 1
    assert value("key_value_match", "b3d17f", key) == 0


@pytest.mark.parametrize("name", ACCURACIES)
def test_marks_that_cite_the_context_are_no_words_of_the_answer(name: str) -> None:
    context = (passage("p1"), passage("p2"), passage("p3"))
    metric = parse_metric(name)
    assert metric.score(case("Paris [2]", "Paris", context=context)).value == 1
    assert metric.score(case("Many [3].", "3", context=context)).value == 0
    assert metric.score(case("[12]", "12", context=context)).value == 1
    assert metric.score(case("[3, 12]", "3, 12", context=context)).value == 1


@pytest.mark.parametrize("name", ACCURACIES)
@pytest.mark.parametrize("finish", ["refused", "unfinished_thinking", "empty"])
def test_no_answer_where_one_is_due_scores_0(name: str, finish: TrialFinish) -> None:
    score = parse_metric(name).score(case("Paris" if finish == "refused" else None, "Paris", finish=finish))
    assert (score.value, score.status) == (0, "no_answer")


@pytest.mark.parametrize("name", ACCURACIES)
def test_a_truncated_answer_is_scored_on_the_text_there_is(name: str) -> None:
    assert parse_metric(name).score(case("Paris", "Paris", finish="truncated_answer")).value == 1
    empty = parse_metric(name).score(case(" ", "Paris", finish="truncated_answer"))
    assert (empty.value, empty.status) == (0, "no_answer")


@pytest.mark.parametrize("name", ACCURACIES)
def test_a_question_to_be_refused_scores_1_if_it_was(name: str) -> None:
    metric = parse_metric(name)
    assert metric.score(case("The passages do not answer the question.", finish="refused")).value == 1
    assert metric.score(case("Paris")).value == 0
    assert metric.score(case("Paris")).status == "ok"
    assert metric.score(case(None, finish="unfinished_thinking")).status == "no_answer"


@pytest.mark.parametrize("name", ACCURACIES)
def test_without_known_answers_accuracy_does_not_apply(name: str) -> None:
    assert parse_metric(name).score(case("Paris", known=False)).status == "not_applicable"


def test_sub_span_is_that_of_lost_in_the_middle_on_its_own_questions(shared_data: Path) -> None:
    """Passages stand for answers: the gold one mostly contains an answer, the others mostly do not."""
    with gzip.open(
        shared_data / "nq-open-20_total_documents_gold_at_0.first441.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        rows = [json.loads(line) for line in file][:100]
    regex = pytest.importorskip("regex")

    def reference(text: str) -> str:
        bare = "".join(char for char in text.lower() if char not in set(string.punctuation))
        return " ".join(regex.sub(r"\b(a|an|the)\b", " ", bare).split())

    found = 0
    for row in rows:
        for ctx in row["ctxs"][:5]:
            wanted = any(reference(answer) in reference(ctx["text"]) for answer in row["answers"])
            assert value("sub_span", ctx["text"], *row["answers"]) == wanted
            found += wanted
    assert found >= 90
