"""The questions of a check: what cannot be checked is refused, and what makes a question another one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.check.config import AnswerChoice, CheckConfig, retrieval_gate
from evaluation.check.question_file import digest, open_questions, self_finding, with_tags
from evaluation.datasets import Contents, Source, registry
from evaluation.examples import Dataset, Example, Gold
from evaluation.must import Must
from indexes.errors import RequestError, UnknownNameError
from rag.opening import ModelChoice

EXTRACTIVE = AnswerChoice(ModelChoice("extractive"))
TAGGED = Dataset(
    "q.jsonl",
    "questions",
    "00",
    tuple(
        Example(name, "?", ("!",), tags=tags)
        for name, tags in [("one", ("a",)), ("two", ("b", "a")), ("three", ("b",)), ("four", ())]
    ),
)


def check(folder: Path, *rows: dict[str, Any], answers: AnswerChoice | None = None, **choice: Any) -> CheckConfig:
    """A check in `folder` with these questions beside a folder of documents."""
    (folder / "docs").mkdir(exist_ok=True)
    questions = choice.pop("questions", folder / "questions.jsonl")
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return CheckConfig(
        path=folder / "ragcheck.toml",
        questions=questions,
        baseline=choice.pop("baseline", folder / "ragcheck.baseline.jsonl"),
        roots=choice.pop("roots", (folder / "docs",)),
        retrieval=retrieval_gate(10),
        answers=answers,
    )


def test_questions_with_gold_need_no_model(tmp_path: Path) -> None:
    found = open_questions(check(tmp_path, {"question": "x", "answers": ["y"], "gold": ["a.md"]}))
    assert [example.question for example in found.examples] == ["x"]


@pytest.mark.parametrize("extra", [{}, {"must": {"refuse": True}}])
def test_without_gold_and_without_a_model_there_is_nothing_to_check(tmp_path: Path, extra: dict[str, Any]) -> None:
    row = {"question": "x", "answers": ["y"]} | extra
    with pytest.raises(RequestError, match=r"no question names gold, and without \[answers\] in ragcheck.toml no"):
        open_questions(check(tmp_path, row))
    assert open_questions(check(tmp_path, row, answers=EXTRACTIVE)).examples


def test_a_question_that_is_to_be_refused_can_be_checked(tmp_path: Path) -> None:
    assert open_questions(check(tmp_path, {"question": "x", "answers": []}, answers=EXTRACTIVE)).examples


@pytest.mark.parametrize("content", ["", "\n", "[]"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    config = check(tmp_path)
    config.questions.write_text(content)
    with pytest.raises(RequestError, match=r"questions\.jsonl holds no records; wanted JSON Lines"):
        open_questions(config)


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (None, r"no question names gold, and without \[answers\] in ragcheck.toml no model is asked"),
        (EXTRACTIVE, r"no question has gold, right answers or assertions \(must\)"),
    ],
)
def test_questions_of_which_nothing_is_known_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: AnswerChoice | None, says: str, rows: int
) -> None:
    def bare(source: Source) -> Contents:
        """A plugin's reader, which may know nothing of a question, or find none."""
        return Contents(tuple(Example(str(row), "How?", None) for row in range(rows)), "00")

    monkeypatch.setitem(registry._readers, "bare", registry.Reader("bare", bare, frozenset({"asked"})))
    with pytest.raises(RequestError, match=says):
        open_questions(check(tmp_path, {"asked": "How?"}, answers=answers))


def test_ids_that_stand_twice_are_refused(tmp_path: Path) -> None:
    row = {"id": "one", "question": "x", "answers": [], "gold": ["a.md"]}
    with pytest.raises(RequestError, match="line 2: the id 'one' is already that of line 1"):
        open_questions(check(tmp_path, row, row))


@pytest.mark.parametrize(
    ("tags", "ids"),
    [
        ((), ["one", "two", "three", "four"]),
        (("a",), ["one", "two"]),
        (("b", "a"), ["one", "two", "three"]),
        (("b", "b"), ["two", "three"]),
    ],
)
def test_questions_that_bear_any_of_the_tags_are_kept_in_order(tags: tuple[str, ...], ids: list[str]) -> None:
    assert [example.id for example in with_tags(TAGGED, tags).examples] == ids


def test_a_part_has_a_name_and_a_checksum_of_its_own_and_the_whole_stays_itself() -> None:
    part = with_tags(TAGGED, ("b", "a"))
    assert part.name == "q.jsonl (3 of 4, b or a)"
    assert part.checksum != TAGGED.checksum
    assert with_tags(TAGGED, ()) is TAGGED


@pytest.mark.parametrize("tags", [("c",), ("a", "c")])
def test_a_tag_that_no_question_bears_is_refused_with_the_known_ones(tags: tuple[str, ...]) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown tag 'c'; known: a, b; the tags are those of q\.jsonl"):
        with_tags(TAGGED, tags)


EXAMPLE = Example("one", "How?", ("so", "thus"), gold=(Gold("a.md", "so it is"),), tags=("a",))


def test_a_digest_is_16_hex_digits_that_do_not_change_with_a_release() -> None:
    assert digest(EXAMPLE) == "31f82de53cc5dbcc"


@pytest.mark.parametrize("change", [{"id": "two"}, {"tags": ()}, {"must": Must(refuse=True)}])
def test_a_question_stays_the_same_under_another_id_tag_or_assertion(change: dict[str, Any]) -> None:
    assert digest(replace(EXAMPLE, **change)) == digest(EXAMPLE)


@pytest.mark.parametrize(
    "change",
    [
        {"question": "How not?"},
        {"answers": ("so",)},
        {"answers": ()},
        {"answers": None},
        {"gold": ()},
        {"gold": (Gold("b.md", "so it is"),)},
        {"gold": (Gold("a.md"),)},
        {"gold": (Gold("a.md", "so it is", grade=2),)},
        {"gold_ids": ("p1",)},
    ],
)
def test_other_words_answers_or_gold_make_another_question(change: dict[str, Any]) -> None:
    assert digest(replace(EXAMPLE, **change)) != digest(EXAMPLE)


def test_files_beside_the_documents_are_no_trouble(tmp_path: Path) -> None:
    config = check(tmp_path)
    config.baseline.touch()
    assert self_finding(config) == ()


def test_questions_and_baselines_among_the_documents_are_warned_of(tmp_path: Path) -> None:
    config = check(tmp_path, roots=(tmp_path,))
    assert len(self_finding(config)) == 1
    config.baseline.touch()
    config.anchor.touch()
    first, second, third = self_finding(config)
    assert first == (
        f"'{tmp_path}/questions.jsonl' lies below a folder of documents, so it is indexed and questions find "
        "themselves in it; move it elsewhere, or list it in a .ragignore"
    )
    assert "ragcheck.baseline.jsonl" in second
    assert "ragcheck.baseline.anchor.jsonl" in third


def test_a_root_that_is_the_file_itself_is_warned_of(tmp_path: Path) -> None:
    config = check(tmp_path, roots=(tmp_path / "questions.jsonl",))
    assert len(self_finding(config)) == 1


@pytest.mark.parametrize(
    ("ignoring", "rule"), [(".ragignore", "questions.jsonl"), (".ragignore", "/*.jsonl"), (".gitignore", "checks/")]
)
def test_files_that_are_left_out_are_not_warned_of(tmp_path: Path, ignoring: str, rule: str) -> None:
    (tmp_path / "checks").mkdir()
    folder = tmp_path / "checks" if rule == "checks/" else tmp_path
    config = check(tmp_path, roots=(tmp_path,), questions=folder / "questions.jsonl")
    assert self_finding(config) != ()
    (tmp_path / ignoring).write_text(rule + "\n")
    assert self_finding(config) == ()


def test_a_hidden_folder_is_not_warned_of(tmp_path: Path) -> None:
    (tmp_path / ".checks").mkdir()
    config = check(tmp_path, roots=(tmp_path,), questions=tmp_path / ".checks" / "questions.jsonl")
    assert self_finding(config) == ()


def test_documents_that_a_link_leads_to_are_looked_at_too(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    config = check(tmp_path, roots=(tmp_path / "link",), questions=real / "questions.jsonl")
    assert len(self_finding(config)) == 1
