"""What test items are told, from values made by hand."""

from evaluation.check.told import Told, told
from tests.evaluation.check.building_checks import (
    against,
    assertion,
    baseline,
    checked,
    failed,
    metric,
    outcome,
    result,
    stage,
)

LOST = metric(verdict="regressed", lost=("q1",), basis="net loss beyond the margin")


def test_all_is_well() -> None:
    found = told(checked(), baseline(outcome()))
    assert found.verdict == Told("pass")
    assert found.questions == {"q1": Told("pass")}


def test_a_question_that_a_regressed_metric_lost_fails_with_before_and_now() -> None:
    now = result(outcome(recall=0.0), outcome("q2"))
    found = told(
        checked("regressed", current=now, baseline=against(stage("retrieval", LOST, verdict="regressed"))),
        baseline(outcome(), outcome("q2")),
    )
    assert found.questions["q1"].kind == "fail"
    assert "retrieval recall@10: 100.0 % → 0.0 %\ncontext: guide.md" in found.questions["q1"].words
    assert found.questions["q2"] == Told("pass")
    assert found.verdict.kind == "fail"
    assert found.verdict.words.startswith("REGRESSED: ")


def test_a_loss_within_the_margin_fails_no_question() -> None:
    within = metric(lost=("q1",), basis="net loss within the margin")
    now = result(outcome(recall=0.0))
    found = told(checked(current=now, baseline=against(stage("retrieval", within))), baseline(outcome()))
    assert found.questions["q1"] == Told("pass")


def test_a_loss_in_a_stage_that_does_not_gate_fails_no_question() -> None:
    tells = metric("sub_span", verdict=None, lost=("q1",))
    stages = against(stage("generation", tells, verdict="regressed"))
    found = told(checked(baseline=stages), baseline(outcome()))
    assert found.questions["q1"] == Told("pass")


def test_values_of_replies_are_means_over_the_repeats() -> None:
    lost = metric("sub_span", verdict="regressed", lost=("q1",))
    now = result(outcome(replies=[0.0]))
    found = told(
        checked("regressed", current=now, baseline=against(stage("end_to_end", lost, verdict="regressed"))),
        baseline(outcome(replies=[1.0, 1.0, 0.0, 1.0])),
    )
    assert "end to end sub_span: 75.0 % → 0.0 %" in found.questions["q1"].words


def test_a_broken_assertion_fails_its_question_and_the_verdict() -> None:
    found = told(checked(assertions=(assertion(), assertion("q2", held=True))), baseline(outcome()))
    assert found.questions["q1"].kind == "fail"
    assert "wanted: cites 'guide.md'; found: cites nothing" in found.questions["q1"].words
    assert found.verdict.kind == "fail"


def test_an_assertion_that_could_not_be_checked_fails_nothing() -> None:
    assert told(checked(assertions=(assertion(held=None),)), baseline(outcome())).questions["q1"] == Told("pass")


def test_a_reply_that_infrastructure_kept_from_coming_is_an_error() -> None:
    now = result(outcome(replies=[1.0, failed("connection refused")]))
    found = told(checked("inconclusive", current=now, infrastructure_failures=1), baseline(outcome()))
    assert found.questions["q1"].kind == "error"
    assert found.questions["q1"].words.endswith("by infrastructure's fault: connection refused")


def test_a_loss_weighs_more_than_infrastructure() -> None:
    now = result(outcome(recall=0.0, replies=[failed()]))
    stages = against(stage("retrieval", LOST, verdict="regressed"))
    found = told(checked("regressed", current=now, baseline=stages), baseline(outcome()))
    assert found.questions["q1"].kind == "fail"


def test_a_question_without_its_like_in_the_baseline_is_skipped() -> None:
    now = result(outcome(), outcome("q2"))
    found = told(checked(current=now), baseline(outcome(digest="another")))
    assert {name: one.kind for name, one in found.questions.items()} == {"q1": "skip", "q2": "skip"}
    assert "no baseline for it" in found.questions["q1"].words


def test_where_nothing_is_blessed_questions_are_skipped_and_the_verdict_fails() -> None:
    bare = checked("inconclusive", baseline=None)
    for found in (told(bare, None), told(bare, None, inconclusive="pass")):
        assert found.questions["q1"].kind == "skip"
        assert found.verdict.kind == "fail"


def test_an_inconclusive_verdict_passes_only_where_that_is_wanted() -> None:
    open_one = checked(
        "inconclusive", baseline=against(stage("end_to_end", metric("sub_span", verdict="inconclusive")))
    )
    assert told(open_one, baseline(outcome())).verdict.kind == "fail"
    assert told(open_one, baseline(outcome()), inconclusive="pass").verdict.kind == "pass"


def test_texts_of_others_stay_on_their_line() -> None:
    now = result(outcome(recall=0.0, question="Who\x1b[2J\n?"))
    stages = against(stage("retrieval", LOST, verdict="regressed"))
    found = told(checked("regressed", current=now, baseline=stages), baseline(outcome()))
    assert found.questions["q1"].words.startswith("Who\N{REPLACEMENT CHARACTER}[2J ?\n")
