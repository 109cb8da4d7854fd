"""The file of drafts: what is added, what is kept, what is refused."""

import json
from pathlib import Path

import pytest

from evaluation.datasets import open_dataset
from evaluation.drafting.draft import Draft
from evaluation.drafting.file import open_drafts
from evaluation.examples import Example, Gold
from indexes.errors import RagError, RequestError
from tests.evaluation.drafting.building_drafts import QUESTION, QUOTE, passage

DRAFT = Draft(QUESTION, "Ada Storm", QUOTE)
A = Example("a", QUESTION, ("Ada Storm",), gold=(Gold("a.md", QUOTE),), tags=("draft",))


def made(path: Path, *names: str) -> None:
    with open_drafts(path) as drafts:
        for name in names:
            drafts.append(DRAFT, passage(name))


def test_what_is_added_is_read_as_questions(tmp_path: Path) -> None:
    made(tmp_path / "q.jsonl", "a")
    assert open_dataset(tmp_path / "q.jsonl").examples == (A,)


def test_each_line_is_there_as_soon_as_it_is_added(tmp_path: Path) -> None:
    with open_drafts(tmp_path / "q.jsonl") as drafts:
        drafts.append(DRAFT, passage("a"))
        assert open_dataset(tmp_path / "q.jsonl").examples == (A,)


def test_a_file_is_added_to_also_where_its_last_line_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    made(path, "a")
    path.write_text(path.read_text().rstrip("\n"))
    with open_drafts(path) as drafts:
        assert drafts.kept == (A,)
        drafts.append(DRAFT, passage("b"))
    assert [example.id for example in open_dataset(path).examples] == ["a", "b"]


def test_text_of_any_kind_is_kept(tmp_path: Path) -> None:
    odd = Draft("Wer \x1b[31m«ü» 海\ud800?", 'a "b"\\', "c\u2028d")
    with open_drafts(tmp_path / "q.jsonl") as drafts:
        drafts.append(odd, passage("a"))
    [example] = open_dataset(tmp_path / "q.jsonl").examples
    assert (example.question, example.answers) == ("Wer \x1b[31m«ü» 海??", ('a "b"\\',))
    assert example.gold[0].quote == "c\u2028d"
    assert "\x1b" not in (tmp_path / "q.jsonl").read_text()


@pytest.mark.parametrize("before", [None, "", "\n"])
def test_a_file_without_drafts_does_not_stay(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "q.jsonl"
    if before is not None:
        path.write_text(before)
    with open_drafts(path) as drafts:
        assert drafts.kept == ()
    assert not path.exists() or path.read_text() == "\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello\n", "holds no JSON Lines"),
        ("[]", "holds no JSON Lines"),
        ('{"question": "Who?"}\n', r"line 1: 'answers' is missing"),
        (
            '{"question": "Who?", "answers": ["x"], "tags": ["mine"]}\n',
            "none of the questions in .* has the tag 'draft'",
        ),
        ('{"question": "Who?", "answers": ["x"], "tags": ["draft"]}\n{"questi', "line 2: not JSON"),
    ],
)
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content)
    with pytest.raises(RequestError, match=message), open_drafts(path):
        pass
    assert path.read_text() == content


def test_a_reviewed_file_is_added_to_while_a_draft_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    made(path, "a", "b")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["tags"] = ["reviewed"]
    path.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"question": "Mine?", "answers": []}]))
    with open_drafts(path) as drafts:
        assert [example.question for example in drafts.kept] == [QUESTION, QUESTION, "Mine?"]


def test_a_folder_or_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is no file; choose another"), open_drafts(tmp_path):
        pass
    with (
        pytest.raises(RequestError, match=r"cannot write .*: No such file or directory"),
        open_drafts(tmp_path / "a/b"),
    ):
        pass


def test_a_full_disk_leaves_only_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "q.jsonl"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with open_drafts(path) as drafts:
        drafts.append(DRAFT, passage("a"))
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(RagError, match="No space left on device; what it holds is whole"):
            drafts.append(DRAFT, passage("b"))
    assert open_dataset(path).examples == (A,)
