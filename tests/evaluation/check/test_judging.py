"""The gate over hand-made results: what passes, what regresses, and what cannot be told."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from evaluation.check.config import AnswerChoice, Gate
from evaluation.check.judging import exit_status, judge, needs_confirmation
from evaluation.check.values import (
    Against,
    Baseline,
    Checked,
    MetricVerdict,
    Outcome,
    Result,
    Stage,
    StageVerdict,
)
from rag.opening import ModelChoice
from tests.evaluation.check.building_checks import (
    assertion,
    baseline,
    checked,
    config,
    failed,
    outcome,
    reply,
    result,
    slot,
)

NO_MODEL = config(answers=None)


def gates_on(*names: str, metrics: Sequence[str] = (), margin: float = 0.05) -> AnswerChoice:
    return AnswerChoice(ModelChoice("m"), Gate(names, tuple(metrics), margin))


def many(n: int, make: Callable[[int], Outcome]) -> tuple[Outcome, ...]:
    return tuple(make(number) for number in range(n))


def found(right: int, n: int = 100) -> tuple[Outcome, ...]:
    """Questions of which the gold of the first `right` is found."""
    return many(n, lambda at: outcome(f"q{at}", recall=float(at < right)))


def answered(right: int, n: int = 400, *, repeats: int = 1, start: int = 0) -> tuple[Outcome, ...]:
    """Questions of which `right` ones, from `start` on, are answered rightly, in all repeats."""
    return many(n, lambda at: outcome(f"q{at}", replies=[float(start <= at < start + right)] * repeats))


def stages_of(judged: Checked) -> list[Stage]:
    assert judged.baseline is not None
    return [one.stage for one in judged.baseline.stages]


def stage(judged: Checked | Against | None, name: Stage) -> StageVerdict:
    compared = judged.baseline if isinstance(judged, Checked) else judged
    assert compared is not None
    return next(one for one in compared.stages if one.stage == name)


def metric(judged: Checked | Against | None, stage_name: Stage, name: str) -> MetricVerdict:
    return next(one for one in stage(judged, stage_name).metrics if one.name == name)


def against(current: Result, before: Baseline, **more: object) -> Checked:
    chosen = {"config": config(), "anchor": None, **more}
    return judge(current=current, baseline=before, **chosen)  # type: ignore[arg-type]  # tests name what they choose


# retrieval and assembly


def test_the_same_again_passes_and_says_so() -> None:
    judged = against(result(*found(90)), baseline(*found(90)), config=NO_MODEL)
    recall = metric(judged, "retrieval", "recall@10")
    assert (judged.verdict, judged.n, exit_status(judged)) == ("pass", 100, 0)
    assert (recall.verdict, recall.basis, recall.baseline, recall.current) == ("pass", "identical", 0.9, 0.9)
    assert (recall.low, recall.high, recall.p_adjusted, recall.margin) == (None, None, None, 0.02)
    assert stages_of(judged) == ["retrieval", "assembly"]
    assert judged.warnings == ()


def test_a_net_loss_of_the_margin_passes_and_a_larger_one_regresses() -> None:
    """2 of 100 are just the 2 points; 3 are more."""
    judged = against(result(*found(88)), baseline(*found(90)), config=NO_MODEL)
    recall = metric(judged, "retrieval", "recall@10")
    assert (judged.verdict, recall.basis, recall.lost) == ("pass", "net loss within the margin", ("q88", "q89"))
    judged = against(result(*found(87)), baseline(*found(90)), config=NO_MODEL)
    recall = metric(judged, "retrieval", "recall@10")
    assert (judged.verdict, recall.verdict, exit_status(judged)) == ("regressed", "regressed", 1)
    assert recall.difference == pytest.approx(-0.03)
    assert recall.lost == ("q87", "q88", "q89")


def test_what_does_not_gate_is_told_behind_what_does_and_decides_nothing() -> None:
    def ranked(mrr: float) -> tuple[Outcome, ...]:
        return many(50, lambda at: outcome(f"q{at}", scores={"recall@10": 1.0, "mrr@10": mrr, "gold_in_context": 1.0}))

    judged = against(result(*ranked(0.2)), baseline(*ranked(1.0)), config=NO_MODEL)
    assert judged.verdict == "pass"
    assert [(one.name, one.gates, one.verdict) for one in stage(judged, "retrieval").metrics] == [
        ("recall@10", True, "pass"),
        ("mrr@10", False, None),
    ]
    told = metric(judged, "retrieval", "mrr@10")
    assert told.difference == pytest.approx(-0.8)
    assert (told.margin, len(told.lost)) == (None, 50)


def test_where_nothing_gates_a_stage_has_the_verdict_of_what_is_told() -> None:
    chosen = config(answers=None, retrieval=Gate((), ("recall@10",), 0.02))
    judged = against(result(*found(50)), baseline(*found(90)), config=chosen)
    assert stage(judged, "retrieval").verdict == "regressed"
    assert judged.verdict == "pass"


def test_gold_dropped_from_the_context_is_the_fault_of_the_assembly() -> None:
    before = many(50, lambda at: outcome(f"q{at}"))
    now = (*before[:48], *(replace(one, scores={**one.scores, "gold_in_context": 0.0}) for one in before[48:]))
    judged = against(result(*now), baseline(*before), config=NO_MODEL)
    assert (stage(judged, "retrieval").verdict, stage(judged, "assembly").verdict) == ("pass", "regressed")
    assert metric(judged, "assembly", "gold_in_context").lost == ("q48", "q49")


def with_order(names: str) -> Outcome:
    """A context of these passages, a the best of them; c is gold."""
    context = tuple(slot(name, rank=ord(name) - ord("a") + 1, gold=name == "c") for name in names)
    return outcome(context=context)


def test_the_same_passages_in_another_order_are_a_broken_placement() -> None:
    judged = against(result(with_order("abc")), baseline(with_order("acb")), config=NO_MODEL)
    order = metric(judged, "assembly", "same_order")
    assert (order.gates, order.n, order.baseline, order.current, order.verdict) == (True, 1, 1.0, 0.0, "regressed")
    position = metric(judged, "assembly", "gold_position")
    assert (position.gates, position.baseline, position.current, position.difference) == (False, 2.0, 3.0, -1.0)
    assert (position.lost, position.gained) == (("q1",), ())


def test_gold_that_moves_to_the_front_is_better() -> None:
    position = metric(
        against(result(with_order("cab")), baseline(with_order("abc")), config=NO_MODEL), "assembly", "gold_position"
    )
    assert (position.difference, position.gained, position.lost) == (2.0, ("q1",), ())


def test_orders_are_not_compared_where_the_placement_or_the_passages_are_others() -> None:
    placed = against(
        result(with_order("abc"), facts={"placement": "best_first"}), baseline(with_order("acb")), config=NO_MODEL
    )
    order = metric(placed, "assembly", "same_order")
    assert (order.n, order.verdict, order.basis) == (0, "pass", "the placement is another")
    order = metric(
        against(result(with_order("abd")), baseline(with_order("bac")), config=NO_MODEL), "assembly", "same_order"
    )
    assert (order.n, order.verdict, order.basis) == (0, "pass", "no context has the same passages")


def test_a_metric_that_the_baseline_does_not_have_cannot_be_judged() -> None:
    before = replace(outcome(), scores={"gold_in_context": 1.0})
    judged = against(result(outcome()), baseline(before), config=NO_MODEL)
    recall = metric(judged, "retrieval", "recall@10")
    assert (judged.verdict, recall.n, recall.verdict) == ("inconclusive", 0, "inconclusive")
    assert recall.basis == "the baseline does not have it"


def test_without_gold_retrieval_passes_with_a_warning_as_long_as_something_is_compared() -> None:
    one = outcome(recall=None, in_context=None)
    judged = against(result(one), baseline(one), config=NO_MODEL)
    assert judged.verdict == "pass"
    assert any("recall@10 applies to no question" in line for line in judged.warnings)
    bare = replace(one, context=())
    assert against(result(bare), baseline(bare), config=NO_MODEL).verdict == "inconclusive"


def test_contexts_that_were_not_made_are_no_stage() -> None:
    """The model's server was down, so that nobody knows how many passages it has room for."""
    down = replace(outcome(replies=[failed()]), scores={"recall@10": 1.0}, context=())
    judged = against(result(down), baseline(outcome(replies=[1.0])))
    assert stages_of(judged) == ["retrieval", "end_to_end"]


# generated answers


def test_answers_that_are_as_good_as_before_pass() -> None:
    judged = against(result(*answered(300)), baseline(*answered(300)))
    span = metric(judged, "end_to_end", "sub_span")
    assert (judged.verdict, span.verdict, span.basis) == ("pass", "pass", "identical")
    assert span.low == pytest.approx(-3.0625 / 403.0625)
    assert span.p_adjusted == 0.5


def test_a_drop_that_is_shown_regresses() -> None:
    """30 of 400 lost, none gained: score −√30 = −5.5."""
    judged = against(result(*answered(270)), baseline(*answered(300)))
    span = metric(judged, "end_to_end", "sub_span")
    assert (judged.verdict, span.verdict, span.basis) == ("regressed", "regressed", "a drop is shown")
    assert (span.lost, span.gained) == (tuple(f"q{at}" for at in range(270, 300)), ())
    assert span.p_adjusted is not None
    assert span.p_adjusted < 1e-6
    assert needs_confirmation(config(), result(*answered(270)), baseline(*answered(300)))


def test_few_questions_cannot_tell_and_a_warning_says_what_they_can() -> None:
    """3 of 20 lost, 2 gained: nothing is shown, and nothing near 5 points could be."""
    judged = against(result(*answered(15, 20, start=2)), baseline(*answered(15, 20)))
    assert (judged.verdict, exit_status(judged)) == ("inconclusive", 3)
    (warning,) = judged.warnings
    assert "20 questions can show a drop of sub_span of about" in warning
    assert "not one of 5.0 points" in warning


def test_several_repeats_are_compared_by_their_mean() -> None:
    """⅔ before and 1 now in each of 60: +⅓."""
    before = many(60, lambda at: outcome(f"q{at}", replies=[1.0, 1.0, 0.0]))
    span = metric(against(result(*answered(60, 60)), baseline(*before)), "end_to_end", "sub_span")
    assert span.baseline == pytest.approx(2 / 3)
    assert span.difference == pytest.approx(1 / 3)
    assert span.verdict == "pass"
    assert len(span.gained) == 60


def test_exact_answers_are_compared_without_chance_and_need_no_second_run() -> None:
    """3 of 40 are 7.5 points, beyond 5; of sampled answers 40 questions could not tell (score −1.73)."""
    now, before = answered(27, 40), answered(30, 40)
    judged = against(result(*now, exact=True), baseline(*before, exact=True))
    span = metric(judged, "end_to_end", "sub_span")
    assert (span.verdict, span.basis, span.low) == ("regressed", "net loss beyond the margin", None)
    assert not needs_confirmation(config(), result(*now, exact=True), baseline(*before, exact=True))
    judged = against(result(*now, exact=True), baseline(*before))
    assert metric(judged, "end_to_end", "sub_span").verdict == "inconclusive"


def test_a_metric_of_which_less_is_better_gets_worse_when_it_rises() -> None:
    def costs(tokens: float) -> tuple[Outcome, ...]:
        return many(
            20, lambda at: outcome(f"q{at}", replies=[reply(values={"sub_span": 1.0, "answer_tokens": tokens})])
        )

    chosen = config(answers=gates_on("sub_span", metrics=["answer_tokens"]))
    judged = against(result(*costs(120)), baseline(*costs(100)), config=chosen)
    tokens = metric(judged, "end_to_end", "answer_tokens")
    assert (tokens.baseline, tokens.current, tokens.difference, len(tokens.lost)) == (100, 120, -20, 20)
    assert (tokens.verdict, stage(judged, "end_to_end").verdict) == (None, "pass")


def two_metrics(lost: int, n: int = 100) -> tuple[Outcome, ...]:
    return many(
        n,
        lambda at: outcome(f"q{at}", replies=[reply(values={"sub_span": float(at >= lost), "exact_match": 1.0})]),
    )


def test_what_is_shown_alone_must_survive_holm_among_several() -> None:
    """4 of 100 lost and none gained: score −2, p .0228, and .0455 of two metrics, above .0401."""
    before, now = two_metrics(0), two_metrics(4)
    strict = gates_on("sub_span", margin=0.01)
    alone = against(result(*now), baseline(*before), config=config(answers=strict))
    assert metric(alone, "end_to_end", "sub_span").verdict == "regressed"
    both = against(
        result(*now), baseline(*before), config=config(answers=gates_on("sub_span", "exact_match", margin=0.01))
    )
    span = metric(both, "end_to_end", "sub_span")
    assert (both.verdict, span.verdict) == ("inconclusive", "inconclusive")
    assert span.basis == "a drop is shown, but not among 2 metrics"
    assert span.p_adjusted == pytest.approx(2 * 0.02275, abs=1e-4)


def test_only_what_gates_takes_part_in_holm() -> None:
    chosen = config(answers=gates_on("sub_span", metrics=["exact_match"], margin=0.01))
    judged = against(result(*two_metrics(4)), baseline(*two_metrics(0)), config=chosen)
    assert metric(judged, "end_to_end", "sub_span").verdict == "regressed"
    assert metric(judged, "end_to_end", "exact_match").p_adjusted is None


def test_a_question_to_which_a_metric_does_not_apply_is_left_out_of_it() -> None:
    before = (outcome("q1", replies=[reply(None)]), outcome("q2", replies=[reply(0.0)]), outcome("q3", replies=[1.0]))
    now = (outcome("q1", replies=[1.0]), outcome("q2", replies=[1.0]), outcome("q3", replies=[reply(None)]))
    span = metric(against(result(*now), baseline(*before)), "end_to_end", "sub_span")
    assert (span.n, span.baseline, span.current) == (1, 0.0, 1.0)


def test_a_metric_of_answers_that_applies_nowhere_is_no_pass() -> None:
    one = outcome(replies=[reply(None)])
    judged = against(result(one), baseline(one))
    assert (judged.verdict, metric(judged, "end_to_end", "sub_span").basis) == (
        "inconclusive",
        "applies to no question",
    )


# the second run


def test_a_drop_that_a_second_run_does_not_show_is_not_confirmed() -> None:
    now, before = result(*answered(270)), baseline(*answered(300))
    judged = against(now, before, again=result(*answered(300)))
    span = metric(judged, "end_to_end", "sub_span")
    assert (judged.verdict, span.verdict, judged.confirmed) == ("inconclusive", "inconclusive", False)
    assert span.basis == "not confirmed by a second run"
    assert stage(judged, "end_to_end").verdict == "inconclusive"
    assert span.current == pytest.approx(270 / 400)


def test_a_drop_that_a_second_run_shows_stays() -> None:
    now, before = result(*answered(270)), baseline(*answered(300))
    judged = against(now, before, again=result(*answered(268)))
    assert (judged.verdict, judged.confirmed) == ("regressed", True)
    assert against(now, before).confirmed is None


def test_a_second_run_that_failed_confirms_nothing() -> None:
    again = many(400, lambda at: outcome(f"q{at}", replies=[failed()]))
    judged = against(result(*answered(270)), baseline(*answered(300)), again=result(*again))
    assert (judged.verdict, judged.confirmed) == ("inconclusive", False)


def test_a_second_run_does_not_excuse_a_loss_of_retrieval() -> None:
    now = tuple(replace(one, scores={"recall@10": 0.0, "gold_in_context": 1.0}) for one in answered(270))
    judged = against(result(*now), baseline(*answered(300)), again=result(*answered(300)))
    assert (judged.verdict, judged.confirmed) == ("regressed", False)


def test_nothing_is_to_be_confirmed_where_answers_pass_or_nothing_is_blessed() -> None:
    assert not needs_confirmation(config(), result(*answered(300)), baseline(*answered(300)))
    assert not needs_confirmation(config(), result(*answered(300)), None)
    assert not needs_confirmation(NO_MODEL, result(*answered(0)), baseline(*answered(300)))
    assert not needs_confirmation(NO_MODEL, result(*found(0)), baseline(*found(90)))


# what could not be had


def with_failed(outcomes: Sequence[Outcome], count: int) -> tuple[Outcome, ...]:
    """The replies to the first `count` questions failed."""
    return (*(replace(one, replies=(failed(),)) for one in outcomes[:count]), *outcomes[count:])


def test_a_verdict_stands_where_failed_replies_change_it_neither_as_best_nor_as_worst() -> None:
    """2 of 400 that were right: worst is b = 0, c = 2, with L far above −5 points."""
    judged = against(result(*with_failed(answered(300), 2)), baseline(*answered(300)))
    span = metric(judged, "end_to_end", "sub_span")
    assert (judged.verdict, span.verdict, span.n) == ("pass", "pass", 398)
    assert span.basis == "within the margin"
    assert (judged.infrastructure_failures, exit_status(judged)) == (2, 0)


def test_a_drop_stands_where_it_is_shown_even_with_failed_replies_as_best() -> None:
    judged = against(result(*with_failed(answered(270), 2)), baseline(*answered(300)))
    assert (judged.verdict, metric(judged, "end_to_end", "sub_span").basis) == ("regressed", "a drop is shown")


def test_a_verdict_that_hangs_on_failed_replies_is_incomplete() -> None:
    """30 failed replies to questions that were right: identical at best, 30 lost at worst."""
    judged = against(result(*with_failed(answered(300), 30)), baseline(*answered(300)))
    span = metric(judged, "end_to_end", "sub_span")
    assert (judged.verdict, span.basis) == ("inconclusive", "incomplete: 30 replies failed")
    assert (span.n, span.difference) == (370, 0.0)
    assert exit_status(judged, "pass") == 0


def test_failed_replies_of_the_baseline_count_as_best_and_worst_too() -> None:
    judged = against(result(*answered(300)), baseline(*with_failed(answered(300), 1)))
    assert metric(judged, "end_to_end", "sub_span").verdict == "pass"
    judged = against(result(*answered(0)), baseline(*with_failed(answered(40), 40)))
    assert metric(judged, "end_to_end", "sub_span").basis == "incomplete: 40 replies failed"


def test_where_every_reply_failed_it_is_never_a_pass() -> None:
    """Even where nothing could be lost, because nothing was right, and a margin of 99 points allows all."""
    chosen = config(answers=gates_on("sub_span", margin=0.99))
    judged = against(result(*with_failed(answered(0), 400)), baseline(*answered(0)), config=chosen)
    assert judged.verdict == "inconclusive"
    assert judged.infrastructure_failures == 400
    assert exit_status(judged) == exit_status(judged, "pass") == 3
    assert exit_status(judged, "fail") == 1


def test_replies_over_other_passages_that_failed_are_counted_too() -> None:
    one = outcome("q1", replies=[failed()], frozen=[failed("another")])
    same = outcome("q2", replies=[failed()], frozen=[failed()])
    judged = against(result(one, same), baseline(outcome("q1", replies=[1.0]), outcome("q2", replies=[1.0])))
    assert judged.infrastructure_failures == 3


def test_out_of_time_answers_are_inconclusive_and_retrieval_is_told() -> None:
    now = (*answered(300)[:200], *many(200, lambda at: outcome(f"q{200 + at}")))
    for unasked in (200, 0):
        judged = against(result(*now), baseline(*answered(300)), unasked=unasked)
        span = metric(judged, "end_to_end", "sub_span")
        assert (judged.verdict, span.verdict, span.basis) == ("inconclusive", "inconclusive", "out of time")
        assert (stage(judged, "retrieval").verdict, judged.unasked) == ("pass", unasked)
    nobody = against(result(*found(90)), baseline(*answered(80, 100)), unasked=100)
    assert metric(nobody, "end_to_end", "sub_span").basis == "out of time"


# which questions, which baseline


def test_without_a_baseline_it_is_inconclusive_whatever_is_asked_for() -> None:
    now = result(*found(90))
    judged = judge(NO_MODEL, now, baseline=None, anchor=None)
    assert (judged.verdict, judged.n, judged.baseline, judged.anchor) == ("inconclusive", 100, None, None)
    assert judged.current == now
    assert exit_status(judged) == exit_status(judged, "pass") == 3
    assert exit_status(judged, "fail") == 1


def test_only_questions_with_the_same_id_and_digest_are_compared() -> None:
    before = (outcome("same"), outcome("edited"), outcome("gone"))
    now = (outcome("new"), outcome("same"), outcome("edited", digest="another", recall=0.0))
    judged = against(result(*now), baseline(*before), config=NO_MODEL)
    assert judged.baseline is not None
    assert (judged.n, judged.verdict) == (1, "pass")
    assert judged.baseline.added == ("new", "edited")
    assert judged.baseline.removed == ("gone",)
    assert judged.baseline.changed == ("questions",)


def test_without_a_common_question_nothing_can_be_said() -> None:
    judged = against(result(outcome("a")), baseline(outcome("b")), config=NO_MODEL)
    assert (judged.verdict, judged.n) == ("inconclusive", 0)
    assert metric(judged, "retrieval", "recall@10").basis == "no common question"


def test_questions_outside_of_a_filter_are_neither_removed_nor_compared() -> None:
    before = (outcome("a"), outcome("b"), outcome("c"))
    judged = against(result(outcome("a")), baseline(*before), config=NO_MODEL, only={"a", "c"})
    assert judged.baseline is not None
    assert (judged.n, judged.baseline.added, judged.baseline.removed) == (1, (), ("c",))
    whole = against(result(*before[:2], outcome("d", recall=0.0)), baseline(*before), config=NO_MODEL, only={"a"})
    assert whole.baseline is not None
    assert (whole.verdict, whole.n, whole.baseline.added, whole.baseline.removed) == ("pass", 1, (), ())


def test_facts_that_differ_are_named_from_the_documents_to_the_answers() -> None:
    now = result(outcome(), facts={"model": "m2", "embedder": "e2", "corpus": "c2", "prompt": "p2", "unheard of": 1})
    judged = against(now, baseline(outcome()), config=NO_MODEL)
    assert judged.baseline is not None
    assert judged.baseline.changed == ("corpus", "embedder", "prompt", "model")
    assert judged.verdict == "pass"


def test_a_model_that_was_added_has_nothing_to_be_compared_with() -> None:
    judged = against(result(*answered(90, 100)), baseline(*found(90)))
    assert (judged.verdict, metric(judged, "end_to_end", "sub_span").basis) == (
        "inconclusive",
        "the baseline has no answers",
    )
    assert any("rag check bless" in line for line in judged.warnings)


def test_a_model_that_was_taken_away_leaves_what_needs_none_with_a_warning() -> None:
    judged = against(result(*found(100)), baseline(*answered(90, 100)), config=NO_MODEL)
    assert stages_of(judged) == ["retrieval", "assembly"]
    assert judged.verdict == "pass"
    assert judged.warnings == (
        "the baseline has answers, but no model is named now: only retrieval and assembly are checked",
    )


# generation, anchor, and the rest


def test_answers_over_the_passages_of_the_baseline_tell_and_do_not_decide() -> None:
    """The model got worse over the same passages, but is as good over those of now."""
    now = many(400, lambda at: outcome(f"q{at}", replies=[1.0], frozen=[float(at >= 40)]))
    judged = against(result(*now), baseline(*answered(400)))
    told = metric(judged, "generation", "sub_span")
    assert stages_of(judged) == [
        "retrieval",
        "assembly",
        "generation",
        "end_to_end",
    ]
    assert (told.gates, told.verdict, told.margin, told.difference) == (False, None, None, -0.1)
    assert stage(judged, "generation").verdict == "regressed"
    assert judged.verdict == "pass"


def test_a_question_whose_old_context_cannot_be_made_is_left_out_of_generation() -> None:
    now = many(10, lambda at: outcome(f"q{at}", replies=[1.0], frozen=[1.0] if at < 4 else []))
    judged = against(result(*now), baseline(*answered(10, 10)))
    assert metric(judged, "generation", "sub_span").n == 4
    assert metric(judged, "end_to_end", "sub_span").n == 10


def test_slow_drift_is_seen_against_the_anchor_and_only_warned_of() -> None:
    """Each blessing let 2 points go; since the first one 4 are gone."""
    first = replace(baseline(*found(94)), blessed="2026-01-01T00:00:00Z")
    judged = against(result(*found(90)), baseline(*found(92)), config=NO_MODEL, anchor=first)
    assert judged.verdict == "pass"
    assert judged.anchor is not None
    assert (judged.anchor.blessed, stage(judged.anchor, "retrieval").verdict) == (first.blessed, "regressed")
    assert judged.warnings == (
        "drift: recall@10 is 4.0 points worse than in the first baseline, of 2026-01-01T00:00:00Z",
    )


def test_an_anchor_that_is_the_baseline_itself_says_nothing_new() -> None:
    judged = against(result(*found(90)), baseline(*found(90)), config=NO_MODEL, anchor=baseline(*found(90)))
    assert judged.anchor is None


def test_gold_that_is_gone_is_listed() -> None:
    now = (outcome("a", missing=("x.md", "y.md: words")), outcome("b"), outcome("c", missing=("x.md",)))
    judged = against(result(*now), baseline(*now), config=NO_MODEL)
    assert judged.missing == (("a", "x.md"), ("a", "y.md: words"), ("c", "x.md"))


def test_a_margin_of_0_is_warned_of() -> None:
    chosen = config(answers=gates_on("sub_span", margin=0.0), retrieval=Gate(("recall@10",), (), 0.0))
    judged = against(result(*answered(300)), baseline(*answered(300)), config=chosen)
    assert judged.verdict == "pass"
    assert judged.warnings[0] == "the margin of retrieval is 0: any net loss fails"
    assert "a margin of 0 lets chance decide" in judged.warnings[1]
    assert len(judged.warnings) == 2
    exact = against(result(*answered(300), exact=True), baseline(*answered(300), exact=True), config=chosen)
    assert exact.warnings[1] == "the margin of answers is 0: any net loss fails"


def test_assertions_and_the_path_of_the_run_are_handed_on() -> None:
    told = (assertion(held=None),)
    judged = against(result(outcome()), baseline(outcome()), config=NO_MODEL, assertions=told, path="/run")
    assert (judged.assertions, judged.path) == (told, "/run")


def test_the_same_is_said_each_time() -> None:
    before = many(60, lambda at: outcome(f"q{at}", replies=[1.0, float(at % 2), 0.0]))
    now = result(*answered(25, 60))
    assert against(now, baseline(*before)) == against(now, baseline(*before))


@pytest.mark.parametrize(
    ("judged", "chosen", "expected"),
    [
        (checked("pass"), None, 0),
        (checked("pass"), "fail", 0),
        (checked("pass", assertions=(assertion(),)), None, 1),
        (checked("pass", assertions=(assertion(held=True), assertion(held=None))), None, 0),
        (checked("regressed"), "pass", 1),
        (checked("inconclusive"), None, 3),
        (checked("inconclusive"), "pass", 0),
        (checked("inconclusive"), "fail", 1),
        (checked("inconclusive", assertions=(assertion(),)), "pass", 1),
        (checked("inconclusive", baseline=None), "pass", 3),
        (checked("inconclusive", current=result(outcome(replies=[failed(), failed()]))), "pass", 3),
        (checked("inconclusive", current=result(outcome(replies=[failed(), 1.0]))), "pass", 0),
    ],
)
def test_the_exit_status(judged: Checked, chosen: str | None, expected: int) -> None:
    assert exit_status(judged, chosen) == expected  # type: ignore[arg-type]  # a parameter of the test is any text
