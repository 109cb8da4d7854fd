"""A check from its file to its verdict, over documents, questions and a model that change under it."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from evaluation.check.checking import compare_last, texts_of
from evaluation.check.judging import exit_status
from indexes.errors import RequestError
from tests.cli.eval.endpoint import Body, Endpoint, endpoint
from tests.evaluation.check.building_projects import (
    DOWN,
    EXTRACTIVE,
    HARBOURS,
    N,
    Project,
    metric,
    question,
    right,
    since,
    stage,
    wrong,
    wrong_for,
)


def first_then(first: Callable[[Body], str], then: Callable[[Body], str], server: Endpoint) -> Callable[[Body], str]:
    """Answers `first` in the first run of all questions, and `then` afterwards."""
    return lambda body: (first if len(server.questions) <= N else then)(body)


def test_the_same_again_passes_and_asks_each_question_once(blessed: Project, server: Endpoint) -> None:
    checked = blessed.check()
    assert (checked.verdict, checked.n, exit_status(checked)) == ("pass", N, 0)
    assert checked.baseline
    assert checked.baseline.changed == ()
    assert [one.stage for one in checked.baseline.stages] == ["retrieval", "assembly", "generation", "end_to_end"]
    assert since(server) == list(HARBOURS)


def test_a_check_that_has_ended_is_never_taken_for_a_new_one(blessed: Project, server: Endpoint) -> None:
    assert blessed.check().verdict == "pass"
    server.answer = wrong
    checked = blessed.check()
    assert (checked.verdict, checked.confirmed) == ("regressed", True)
    assert len(server.questions) == N + N + N  # the last are the second run


def test_without_a_baseline_all_is_measured_and_nothing_decided(answering: Project, server: Endpoint) -> None:
    checked = answering.check()
    assert (checked.verdict, checked.baseline, checked.n) == ("inconclusive", None, N)
    assert exit_status(checked, "pass") == 3
    assert len(server.questions) == N
    assert all(one.scores["recall@2"] == 1.0 and one.replies for one in checked.current.outcomes)


def test_a_server_that_is_down_leaves_retrieval_to_be_checked(blessed: Project, server: Endpoint) -> None:
    blessed.configure(DOWN)
    checked = blessed.check()
    assert (checked.verdict, checked.infrastructure_failures, checked.path) == ("inconclusive", N, None)
    assert stage(checked, "retrieval").verdict == "pass"
    assert metric(checked, "end_to_end", "sub_span").basis == f"incomplete: {N} replies failed"
    assert [exit_status(checked, mapped) for mapped in (None, "pass", "fail")] == [3, 3, 1]
    blessed.document("Corva").unlink()
    checked = blessed.check()
    assert (checked.verdict, exit_status(checked, "pass")) == ("regressed", 1)
    assert metric(checked, "retrieval", "recall@2").lost == ("corva",)
    assert not server.questions


def test_a_server_that_is_down_leaves_the_last_check_with_answers_to_be_compared(
    blessed: Project, server: Endpoint
) -> None:
    server.answer = wrong_for("Corva")
    blessed.check()
    before = compare_last(blessed.config)
    assert [one.id for one in before.differences] == ["corva"]
    blessed.configure(DOWN)
    blessed.check()
    assert compare_last(blessed.config) == before


def test_a_server_that_dies_in_the_middle_is_no_verdict_on_the_answers(blessed: Project, server: Endpoint) -> None:
    server.status = lambda asked: 200 if asked < 5 else 500
    checked = blessed.check()
    assert (checked.verdict, checked.unasked, checked.infrastructure_failures) == ("inconclusive", 0, N - 5)
    assert metric(checked, "end_to_end", "sub_span").basis == f"incomplete: {N - 5} replies failed"
    assert exit_status(checked) == 3


def test_a_server_that_is_gone_is_not_asked_on_and_what_it_did_not_answer_has_failed(blessed: Project) -> None:
    with ExitStack() as running:
        dying = running.enter_context(endpoint(answer=right))
        blessed.answered_by(dying)
        checked = blessed.check(show=lambda standing: running.close() if standing.done == 3 else None)
        assert len(dying.questions) == 3
    assert (checked.verdict, checked.unasked, checked.infrastructure_failures) == ("inconclusive", 0, N - 3)
    assert metric(checked, "end_to_end", "sub_span").basis == f"incomplete: {N - 3} replies failed"
    with endpoint(answer=right) as moved:
        blessed.answered_by(moved)
        assert blessed.check(retry_failed=True).verdict == "pass"
        assert sorted(since(moved)) == sorted(HARBOURS[3:])


def test_a_drop_is_confirmed_by_a_second_run(blessed: Project, server: Endpoint) -> None:
    notes: list[str] = []
    server.answer = wrong
    checked = blessed.check(note=notes.append)
    assert (checked.verdict, checked.confirmed, exit_status(checked)) == ("regressed", True, 1)
    assert since(server) == [*HARBOURS, *HARBOURS]
    assert any("everything is asked once more" in note for note in notes)
    seeds = {(body["seed"], name) for body, name in zip(server.questions, since(server), strict=True)}
    assert len(seeds) == 2 * N  # a second run is no copy of the first


def test_a_drop_that_a_second_run_does_not_show_is_none(blessed: Project, server: Endpoint) -> None:
    server.answer = first_then(wrong, right, server)
    checked = blessed.check()
    assert (checked.verdict, checked.confirmed, exit_status(checked)) == ("inconclusive", False, 3)
    assert metric(checked, "end_to_end", "sub_span").basis == "not confirmed by a second run"
    assert len(server.questions) == 2 * N


def test_a_second_run_that_fails_confirms_nothing(blessed: Project, server: Endpoint) -> None:
    server.answer = wrong
    server.status = lambda asked: 200 if asked < N else 500
    checked = blessed.check()
    assert (checked.verdict, checked.confirmed) == ("inconclusive", False)
    assert metric(checked, "end_to_end", "sub_span").basis == f"incomplete: {N} replies failed"
    assert checked.infrastructure_failures == N
    server.status = lambda _: 200
    before = len(server.questions)
    assert blessed.check(retry_failed=True).verdict == "regressed"
    assert sorted(since(server, before)) == sorted(HARBOURS)


def test_a_second_run_that_fails_in_part_confirms_what_it_shows_all_the_same(
    blessed: Project, server: Endpoint
) -> None:
    server.answer = wrong
    server.status = lambda asked: 500 if asked == N + 1 else 200
    checked = blessed.check()
    assert (checked.verdict, checked.confirmed, checked.infrastructure_failures) == ("regressed", True, 1)


def test_added_removed_and_edited_questions_are_told_and_the_others_compared(
    blessed: Project, server: Endpoint
) -> None:
    lines = [question(harbour) for harbour in HARBOURS[1:]]
    lines[0]["question"] = "In which year was the harbour of Brems dug?"
    lines[3]["answers"] = [*lines[3]["answers"], "seventeen hundred"]
    lines.append({**question("Aldin"), "id": "new", "question": "By hand, when was the harbour of Aldin dug?"})
    blessed.write_questions(lines)
    server.answer = wrong_for("Brems", "Eskil", "Aldin")  # of none of them it is known how it was
    checked = blessed.check()
    assert (checked.verdict, checked.n) == ("pass", N - 3)
    assert checked.baseline
    assert checked.baseline.added == ("brems", "eskil", "new")
    assert checked.baseline.removed == ("aldin",)
    assert checked.baseline.changed == ("questions",)
    differing = {one.id: one.changes[0] for one in compare_last(blessed.config).differences}
    assert differing == {
        "brems": "question edited",
        "eskil": "its answers or gold edited",
        "new": "added",
        "aldin": "removed",
    }


def test_where_no_question_is_the_same_nothing_is_decided(blessed: Project) -> None:
    blessed.write_questions([{**question(harbour), "id": f"new {harbour}"} for harbour in HARBOURS])
    checked = blessed.check()
    assert (checked.verdict, checked.n) == ("inconclusive", 0)
    assert exit_status(checked) == 3


def test_a_margin_of_0_fails_by_one_lost_question_and_is_warned_of(project: Project) -> None:
    project.configure("\n[retrieval]\nmargin = 0\n")
    project.bless()
    project.document("Corva").unlink()
    checked = project.check()
    assert "the margin of retrieval is 0: any net loss fails" in checked.warnings
    assert checked.verdict == "regressed"
    assert metric(checked, "retrieval", "recall@2").lost == ("corva",)
    project.configure("\n[retrieval]\nmargin = 0.1\n")
    checked = project.check()
    assert checked.verdict == "pass"
    assert not any("margin" in warning for warning in checked.warnings)


def test_a_margin_of_0_fails_by_one_lost_answer_where_there_is_no_chance(project: Project) -> None:
    project.configure(EXTRACTIVE + "margin = 0\n")
    project.bless()
    assert project.check().verdict == "pass"
    page = project.document("Corva")
    page.write_text(page.read_text().replace(" by hand", " by hand, or so they say: in 1600"))
    lines = [question(harbour) for harbour in HARBOURS]
    assert project.check().verdict == "pass"
    lines[2]["gold"] = ["corva.md"]
    project.write_questions(lines)
    project.bless("gold is the page")
    page.write_text(page.read_text().replace("dug in 1727", "dug in 1600"))
    checked = project.check()
    assert "the margin of answers is 0: any net loss fails" in checked.warnings
    assert metric(checked, "end_to_end", "sub_span").lost == ("corva",)
    assert (stage(checked, "retrieval").verdict, checked.verdict) == ("pass", "regressed")


def test_a_margin_of_0_of_sampled_answers_never_passes_a_lost_one(blessed: Project, server: Endpoint) -> None:
    blessed.answered_by(server, more="margin = 0\n")
    checked = blessed.check()
    assert checked.verdict == "pass"
    assert any("a margin of 0 lets chance decide" in warning for warning in checked.warnings)
    server.answer = wrong_for("Corva")
    assert blessed.check().verdict == "inconclusive"


def test_the_last_check_is_compared_whatever_its_verdict(blessed: Project, server: Endpoint) -> None:
    with pytest.raises(RequestError, match="no last run"):
        compare_last(blessed.config)
    blessed.check()
    assert compare_last(blessed.config).differences == ()
    server.answer = wrong_for("Corva")
    blessed.check()
    compared = compare_last(blessed.config)
    assert [(one.id, one.kind, one.changes) for one in compared.differences] == [
        ("corva", "worse", ("sub_span 1 → 0",))
    ]
    assert compared.ids == {harbour.lower() for harbour in HARBOURS}


def test_texts_of_passages_are_those_of_the_last_check(blessed: Project) -> None:
    slot = blessed.check().current.outcomes[0].context[0]
    assert slot.gold
    texts = texts_of(blessed.config, {slot.passage, "nothing"}, cache=blessed.folders.cache)
    assert list(texts) == [slot.passage]
    assert "was dug in 1701 by hand" in texts[slot.passage]
