"""The baseline file: what it keeps, that it is small and diffs well, and what it says of damage."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.check.baseline import read_baseline, write_baseline
from evaluation.check.values import Baseline, Outcome, Reply, Result, Slot
from evaluation.trials import TrialFinish
from indexes.errors import RequestError
from rag.answer import Finish
from tests.evaluation.check.building_checks import baseline, outcome, reply

FINISHES: tuple[TrialFinish, ...] = (*get_args(Finish), "not_applicable")
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
SCORES = st.dictionaries(st.text(max_size=8), NUMBERS, max_size=3)
TEXTS = st.lists(st.text(), max_size=2).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
REPLIES = st.lists(
    st.builds(
        Reply,
        st.sampled_from(FINISHES),
        SCORES,
        st.none() | st.text(),
        TEXTS,
        st.none() | st.integers(0),
        st.none() | st.floats(0, 1e6),
        st.none() | st.text(),
    ),
    max_size=2,
).map(tuple)
SLOTS = st.lists(st.builds(Slot, st.text(), st.text(), st.integers(1), st.booleans()), max_size=3).map(tuple)
OUTCOMES = st.lists(
    st.builds(Outcome, st.text(), st.text(), st.text(), SCORES, TEXTS, SLOTS, REPLIES, REPLIES),
    max_size=3,
    unique_by=lambda one: one.id,
).map(tuple)
RESULTS = st.builds(Result, st.dictionaries(st.text(), JSON, max_size=3), OUTCOMES, st.booleans())
BASELINES = st.builds(Baseline, RESULTS, st.text(), st.text(), st.text())


def kept(blessed: Baseline, *, with_answers: bool) -> Baseline:
    """What of it outlasts the file."""

    def shortened(one: Reply) -> Reply:
        return replace(one, seconds=None, answer=one.answer if with_answers else None)

    outcomes = tuple(
        replace(one, replies=tuple(map(shortened, one.replies)), frozen=()) for one in blessed.result.outcomes
    )
    return replace(blessed, result=replace(blessed.result, outcomes=outcomes))


def many(n: int = 60, *, lost: str | None = None) -> Baseline:
    """Questions with ten passages and three replies each; all are right but one."""
    slots = tuple(
        Slot(sha256(bytes([at])).hexdigest()[:16], f"docs/decisions/00{at:02}-a-choice.md", at + 1) for at in range(10)
    )
    return baseline(
        *(
            outcome(f"q{at}", context=slots, replies=[0.0 if f"q{at}" == lost else 1.0] * 3, frozen=[1.0])
            for at in range(n)
        )
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small baseline of three questions, on four lines."""
    file = tmp_path / "ragcheck.baseline.jsonl"
    write_baseline(file, many(3), with_answers=False)
    return file


def forged(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Changes the rows of a file and gives it the checksum that suits them."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(rows)
    rows[0].pop("checksum")
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    rows[0]["checksum"] = sha256("\n".join(lines).encode()).hexdigest()
    path.write_text("\n".join([json.dumps(rows[0], ensure_ascii=False), *lines[1:]]) + "\n", "utf-8")


def refusal(path: Path) -> str:
    """What is said of a damaged file: one line that names it and says what to do."""
    with pytest.raises(RequestError) as caught:
        read_baseline(path)
    words = str(caught.value)
    assert "\n" not in words
    assert str(path) in words
    assert "git checkout" in words
    assert 'rag check bless --reason "…"' in words
    return words


@given(BASELINES, st.booleans())
def test_what_is_written_reads_back_without_the_frozen_replies_and_seconds(blessed: Baseline, answers: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "baseline.jsonl"
        write_baseline(path, blessed, with_answers=answers)
        assert read_baseline(path) == kept(blessed, with_answers=answers)
        written = path.read_bytes()
        assert written.count(b"\n") == 1 + len(blessed.result.outcomes)
        write_baseline(path, kept(blessed, with_answers=answers), with_answers=answers)
        assert path.read_bytes() == written


def test_there_is_none_where_there_is_no_file(tmp_path: Path) -> None:
    assert read_baseline(tmp_path / "none.jsonl") is None


def test_half_of_a_character_outlasts_the_file(tmp_path: Path) -> None:
    blessed = baseline(outcome(question="half \ud83d", context=(Slot("p", "caf\udce9.md", 1),)))
    write_baseline(tmp_path / "b", blessed, with_answers=True)
    assert read_baseline(tmp_path / "b") == blessed


def test_maps_are_written_in_one_order(tmp_path: Path) -> None:
    values = {"b": 1.0, "a": {"d": 1, "c": 2}}
    for name, facts in (("one", values), ("two", dict(reversed(values.items())))):
        scored = outcome(replies=[Reply("answered", dict.fromkeys(facts, 1.0))])
        facts_first = replace(baseline(scored), result=Result(facts, (scored,)))
        write_baseline(tmp_path / name, facts_first, with_answers=False)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_sixty_questions_with_ten_passages_and_three_replies_are_small(path: Path) -> None:
    write_baseline(path, many(60), with_answers=False)
    assert len(path.read_bytes()) < 80_000


def test_another_outcome_changes_the_header_and_its_own_line(path: Path) -> None:
    before = path.read_bytes().splitlines()
    write_baseline(path, many(3, lost="q1"), with_answers=False)
    after = path.read_bytes().splitlines()
    assert [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other] == [0, 2]


def test_answers_are_kept_where_asked_alone(path: Path) -> None:
    blessed = baseline(outcome(replies=[reply(answer="Zürich")]))
    write_baseline(path, blessed, with_answers=False)
    assert b'answer"' not in path.read_bytes()
    write_baseline(path, blessed, with_answers=True)
    assert "Zürich" in path.read_text("utf-8")


def test_the_line_ends_of_windows_and_a_last_line_without_one_are_no_damage(path: Path) -> None:
    read = read_baseline(path)
    assert read is not None
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_baseline(path) == read
    path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    assert read_baseline(path) == read


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_missing_lines_at_the_end_are_counted(path: Path, lines: int) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))
    assert f"line 1 tells of 3 questions, found {lines - 1} lines" in refusal(path)


@pytest.mark.parametrize("line", [1, 2, 3, 4])
def test_a_line_that_breaks_off_is_named(path: Path, line: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: line - 1]) + lines[line - 1][:40])
    assert f"line {line} is not one JSON object" in refusal(path)


def test_wherever_the_file_breaks_off_it_is_no_baseline(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    write_baseline(path, baseline(outcome()), with_answers=False)
    data = path.read_bytes()
    for end in range(len(data) - 1):
        path.write_bytes(data[:end])
        refusal(path)


def test_every_digit_that_is_edited_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    write_baseline(path, baseline(outcome(replies=[0.5])), with_answers=False)
    data = path.read_bytes()
    digits = [at for at, byte in enumerate(data) if byte in b"0123456789"]
    assert len(digits) > 40
    for at in digits:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(RequestError):
            read_baseline(path)


def test_an_edited_value_is_said_to_be_edited_by_hand(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"sub_span": 1.0', '"sub_span": 0.0', 1), "utf-8")
    assert "it was edited by hand" in refusal(path)


def test_lines_in_another_order_are_noticed(path: Path) -> None:
    head, first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + second + first + third)
    assert "it was edited by hand" in refusal(path)


def test_a_line_that_is_gone_or_there_twice_is_noticed(path: Path) -> None:
    head, first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + first + third)
    assert "found 2 lines" in refusal(path)
    path.write_bytes(head + first + second + second + third)
    assert "found 4 lines" in refusal(path)


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "||||||| 1a2b3c", "=======", ">>>>>>> branch"])
@pytest.mark.parametrize("at", [0, 2])
def test_a_merge_conflict_is_called_one(path: Path, mark: str, at: int) -> None:
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:at], mark, *lines[at:]]), "utf-8")
    assert f"line {at + 1} is a mark of a merge conflict, {mark[:7]!r}" in refusal(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"\n", "it is empty"),
        (b"\n\n", "line 1 is not one JSON object"),
        (b"\xff\xfe{\x00}\x00", "line 1 is not UTF-8"),
        (b"[1]\n", "line 1 is none of a baseline (it is no object but list)"),
        (b"[" * 100_000, "line 1 is none of a baseline"),
        (b'{"ragcheck": 1, "questions": 0, "facts": ' + b"[" * 900 + b"]" * 900 + b"}", "is no whole baseline"),
        (b'{"ragcheck": ' + b"9" * 5_000 + b"}", "line 1 is none of a baseline"),
        (b'{"question": "q"}\n', "line 1 is not its header"),
        (b'{"ragcheck": "x\\n", "questions": 0}\n', "it was edited by hand"),
        (b'{"ragcheck": 1}\n', "line 1 tells of None questions, found 0 lines"),
        (b'{"ragcheck": 1, "questions": 0}\n', "it was edited by hand"),
    ],
)
def test_what_is_no_baseline_at_all_is_said(path: Path, data: bytes, words: str) -> None:
    path.write_bytes(data)
    assert words in refusal(path)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    assert "cannot read" in refusal(tmp_path)


def test_a_newer_format_says_to_update(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'{"ragcheck": 1', b'{"ragcheck": 2', 1))
    assert "has format 2, this version of rag reads 1: update rag" in refusal(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_named(path: Path, number: str) -> None:
    path.write_text(path.read_text("utf-8").replace('"sub_span": 1.0', f'"sub_span": {number}', 1), "utf-8")
    assert f"line 2 is none of a baseline (it holds {number}" in refusal(path)


def _twice(rows: list[dict[str, Any]]) -> None:
    rows[3]["id"] = "q0"


def _no_digest(rows: list[dict[str, Any]]) -> None:
    del rows[2]["digest"]


def _rank_as_text(rows: list[dict[str, Any]]) -> None:
    rows[1]["context"][0][2] = "1"


def _unknown_finish(rows: list[dict[str, Any]]) -> None:
    rows[1]["replies"][0]["finish"] = "won"


def _no_facts(rows: list[dict[str, Any]]) -> None:
    del rows[0]["facts"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_twice, "question 'q0' is there more than once"),
        (_no_digest, "line 3, 'digest': Field required"),
        (_rank_as_text, "line 2, 'context.0.2': Input should be a valid integer"),
        (_unknown_finish, 'line 2, "replies.0.finish'),
        (_no_facts, "line 1, 'facts': Field required"),
    ],
)
def test_a_right_checksum_over_wrong_values_is_not_trusted(
    path: Path, change: Callable[[list[dict[str, Any]]], None], words: str
) -> None:
    forged(path, lambda rows: None)
    assert read_baseline(path) is not None
    forged(path, change)
    assert words in refusal(path)


def test_the_remedy_is_that_of_the_caller(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(RequestError, match=r"it is empty; run the check again$"):
        read_baseline(path, remedy="run the check again")


def test_an_interrupted_write_leaves_the_old_file_and_nothing_beside_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_baseline(path, many(2), with_answers=False)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RequestError, match=r"cannot write .*; what was there is unchanged"):
        write_baseline(tmp_path / "file" / "baseline.jsonl", many(1), with_answers=False)
    (tmp_path / "folder").mkdir()
    with pytest.raises(RequestError, match="cannot write"):
        write_baseline(tmp_path / "folder", many(1), with_answers=False)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder"]


def test_the_file_is_readable_by_whoever_checks_the_repository_out(path: Path) -> None:
    other = path.with_name("other")
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode
