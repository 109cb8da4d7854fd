"""`rag check bless`: what it writes, prints and refuses."""

import json
from pathlib import Path

import pytest

from tests.cli.check.conftest import CONFIG, Rag, break_a_note
from tests.cli.eval.endpoint import endpoint


def test_the_first_one_writes_baseline_and_anchor_and_says_to_commit_them(check: Rag, notes: Path) -> None:
    outcome = check("bless", "--reason", "first")
    assert outcome.status == 0
    assert outcome.out.endswith("ragcheck.baseline.jsonl: the new baseline, of 4 questions\n")
    assert "git add ragcheck.baseline.jsonl ragcheck.baseline.anchor.jsonl" in outcome.err
    assert (notes / "ragcheck.baseline.jsonl").read_bytes() == (notes / "ragcheck.baseline.anchor.jsonl").read_bytes()
    assert '"reason": "first"' in (notes / "ragcheck.baseline.jsonl").read_text()


def test_a_further_one_shows_what_it_changes_and_leaves_the_anchor(blessed: Rag, notes: Path) -> None:
    anchor = (notes / "ragcheck.baseline.anchor.jsonl").read_bytes()
    break_a_note(notes)
    outcome = blessed("bless", "--reason", "the lighthouse is gone")
    assert outcome.status == 0
    assert "q0" in outcome.out
    assert "the new baseline, of 4 questions" in outcome.out
    assert "git add ragcheck.baseline.jsonl\n" in outcome.err
    assert (notes / "ragcheck.baseline.anchor.jsonl").read_bytes() == anchor
    assert blessed("run").status == 0


def test_the_anchor_is_made_anew_where_that_is_wanted(blessed: Rag, notes: Path) -> None:
    break_a_note(notes)
    assert blessed("bless", "--reason", "a new start", "--anchor").status == 0
    assert '"reason": "a new start"' in (notes / "ragcheck.baseline.anchor.jsonl").read_text()


def test_json_says_what_was_written_and_what_it_changes(check: Rag, notes: Path) -> None:
    first = json.loads(check("bless", "--reason", "first", "--json").out)
    assert [Path(path).name for path in first["paths"]] == ["ragcheck.baseline.jsonl", "ragcheck.baseline.anchor.jsonl"]
    assert (first["questions"], first["reason"], first["against_former"]) == (4, "first", None)
    break_a_note(notes)
    second = json.loads(check("bless", "--reason", "second", "--json").out)
    assert [Path(path).name for path in second["paths"]] == ["ragcheck.baseline.jsonl"]
    assert second["against_former"]["verdict"] == "regressed"


@pytest.mark.parametrize("reason", [(), ("--reason", ""), ("--reason", " \n ")])
def test_without_a_reason_nothing_is_blessed(check: Rag, notes: Path, reason: tuple[str, ...]) -> None:
    outcome = check("bless", *reason)
    assert (outcome.status, outcome.out) == (2, "")
    assert "a baseline needs a reason" in outcome.err
    assert not (notes / "ragcheck.baseline.jsonl").exists()


def test_answers_are_kept_where_that_is_wanted(answering: Rag, notes: Path) -> None:
    assert answering("bless", "--reason", "first").status == 0
    assert "lighthouse of Varn was built in" not in (notes / "ragcheck.baseline.jsonl").read_text()
    assert answering("bless", "--reason", "with answers", "--answers").status == 0
    assert "lighthouse of Varn was built in" in (notes / "ragcheck.baseline.jsonl").read_text()


def test_a_damaged_baseline_can_be_replaced(blessed: Rag, notes: Path) -> None:
    (notes / "ragcheck.baseline.jsonl").write_text("<<<<<<< HEAD\n")
    assert blessed("bless", "--reason", "repaired").status == 0
    assert blessed("run").status == 0


def test_where_replies_failed_nothing_is_blessed(check: Rag, notes: Path) -> None:
    with endpoint(answer=lambda _: "In 1871 [1].") as server:
        server.status = lambda asked: 400 if asked else 200
        (notes / "ragcheck.toml").write_text(CONFIG + f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\n')
        outcome = check("bless", "--reason", "first")
    assert outcome.status == 1
    assert "nothing was blessed" in outcome.err
    assert not (notes / "ragcheck.baseline.jsonl").exists()
