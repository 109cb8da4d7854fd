"""`rag check diff`: the last run against the baseline."""

import json
from pathlib import Path

import pytest

from tests.cli.check.conftest import Rag, break_a_note


@pytest.fixture
def changed(blessed: Rag, notes: Path) -> Rag:
    """`check` after a run that lost question q0."""
    break_a_note(notes)
    assert blessed("run").status == 1
    return blessed


def test_without_a_baseline_it_says_how_to_bless(check: Rag) -> None:
    outcome = check("diff")
    assert (outcome.status, outcome.out) == (2, "")
    assert "rag check bless --reason" in outcome.err


def test_without_a_run_it_says_to_run_first(blessed: Rag) -> None:
    outcome = blessed("diff")
    assert (outcome.status, outcome.out) == (2, "")
    assert "run `rag check run` first" in outcome.err


def test_no_difference_is_said(blessed: Rag) -> None:
    assert blessed("run").status == 0
    outcome = blessed("diff")
    assert outcome.status == 0
    assert outcome.out == "no question differs from the baseline\n"
    assert json.loads(blessed("diff", "--json").out) == {"schema_version": 1, "differences": []}


def test_questions_that_differ_are_shown_with_their_contexts(changed: Rag) -> None:
    outcome = changed("diff")
    assert outcome.status == 0
    assert "worse: q0: When was the lighthouse of Varn built?" in outcome.out
    assert "0.md" in outcome.out


def test_full_shows_the_passages(changed: Rag) -> None:
    assert len(changed("diff", "--full").out) > len(changed("diff").out)


def test_json_lists_them(changed: Rag) -> None:
    values = json.loads(changed("diff", "--json").out)
    first = values["differences"][0]
    assert (first["id"], first["kind"]) == ("q0", "worse")
    assert "0.md" in {slot["source"] for slot in first["baseline"]["context"]}
    assert "0.md" not in {slot["source"] for slot in first["current"]["context"]}


def test_only_the_named_questions_are_shown(changed: Rag) -> None:
    assert [one["id"] for one in json.loads(changed("diff", "q0", "--json").out)["differences"]] == ["q0"]


def test_an_unknown_question_is_refused(changed: Rag) -> None:
    outcome = changed("diff", "q9")
    assert (outcome.status, outcome.out) == (2, "")
    assert "unknown question 'q9'" in outcome.err
