"""The contract that every metric keeps, plugins included: whatever is registered is tested."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.metrics import Finding, MetricSpec, Unscored, all_metrics, metric, parse_metric, registry
from evaluation.scores import Case
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.passages import Passage
from rag.answer import Finish, Timings, Usage


def excited(case: Case) -> Finding:
    """What a plugin might register."""
    if not case.trial.answer:
        return Unscored("no_answer", "nothing was said")
    return float("!" in case.trial.answer)


def words_up_to(case: Case, *, k: int) -> Finding:
    """What a plugin might register, with a cutoff."""
    return float(min(k, len((case.trial.answer or "").split())))


METRICS = sorted([*all_metrics(), "excited", "words_up_to"])
FINISHES: tuple[TrialFinish, ...] = (*get_args(Finish), "not_applicable")
ANSWERED = ("answered", "truncated_answer")

passages = st.builds(
    lambda name, text: Passage(name, text, f"{name}.txt", name, None, None, 0, len(text)),
    st.sampled_from("abcdef"),
    st.sampled_from(["", "Paris is the capital of France.", "The Seine flows through Paris!"]),
)
texts = st.sampled_from(
    [
        "",
        "Paris",
        "The Seine, in Paris [1].",
        '"Paris is the capital of France" [2][9]',
        "[1] 【2】",
        "e\u0301 a ²",
        "!",
    ]
)
counts = st.none() | st.integers(0, 9)


def trial_of(finish: TrialFinish, text: str, thinking: str | None, usage: Usage, total: float | None) -> Trial:
    return Trial(
        TrialKey("edges", "q1", 0),
        finish,
        answer=text if finish in (*ANSWERED, "refused") else None,
        reasoning=thinking,
        usage=usage,
        timings=Timings(total=total),
        error="the server went away" if finish == "failed" else None,
        reason="gold was not retrieved" if finish == "not_applicable" else None,
    )


usages = st.builds(Usage, counts, counts, counts, counts)
grades: st.SearchStrategy[Mapping[str, int]] = st.dictionaries(st.sampled_from("abcxyz"), st.integers(1, 3), max_size=4)
cases = st.builds(
    Case,
    st.builds(trial_of, st.sampled_from(FINISHES), texts, st.none() | texts, usages, st.none() | st.floats(0, 1e6)),
    st.just("Where?"),
    st.none() | st.lists(texts, max_size=3).map(tuple),
    st.lists(passages, max_size=4).map(tuple),
    st.lists(st.sampled_from("abcdef"), unique=True).map(tuple),
    grades,
    counts,
)


@pytest.fixture(autouse=True, scope="module")
def _plugins() -> Iterator[None]:
    """Registers the two functions above, for these tests only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_metrics", dict(registry._metrics))
        metric(what="share of answers with an exclamation mark", binary=True)(excited)
        metric(what="words up to the k-th", unit="tokens")(words_up_to)
        yield


def spec(name: str) -> MetricSpec:
    return parse_metric(f"{name}@3" if all_metrics()[name].cutoff else name)


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_a_score_is_of_its_status_and_always_the_same(name: str, case: Case) -> None:
    score = spec(name).score(case)
    assert score.metric == str(spec(name))
    assert (score.value is None) == (score.status in ("failed", "not_applicable"))
    assert (score.reason is None) == (score.status == "ok")
    if score.value is not None:
        assert math.isfinite(score.value)
        assert score.value >= 0
        assert score.value <= 1 or spec(name).unit != "share"
    if score.status == "no_answer":
        assert score.value == 0
    if spec(name).binary and score.value is not None:
        assert score.value in (0, 1)
    again = spec(name).score(replace(case, trial=replace(case.trial), grades=dict(case.grades)))
    assert again == score


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=10, deadline=None)
@given(case=cases)
def test_a_trial_without_an_outcome_has_no_score(name: str, case: Case) -> None:
    wanted = {"failed": "failed", "not_applicable": "not_applicable", "dry_run": "not_applicable"}
    for finish, status in wanted.items():
        trial = trial_of(finish, "", None, Usage(), None)  # type: ignore[arg-type]
        assert spec(name).score(replace(case, trial=trial)).status == status
    assert spec(name).score(replace(case, trial=trial_of("failed", "", None, Usage(), None))).reason == (
        "the server went away"
    )


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_prints_parses_back_and_says_what_it_is(name: str) -> None:
    assert parse_metric(str(spec(name))) == spec(name)
    assert hash(parse_metric(str(spec(name)))) == hash(spec(name))
    assert spec(name).what
    assert "\n" not in spec(name).what


@pytest.mark.parametrize("name", [name for name, found in all_metrics().items() if found.scope == "ranking"])
@settings(max_examples=20, deadline=None)
@given(case=cases, other=cases)
def test_a_metric_of_the_ranking_looks_at_nothing_else(name: str, case: Case, other: Case) -> None:
    answered = trial_of("answered", "x", None, Usage(), None)
    same = replace(other, ranking=case.ranking, grades=case.grades, relevant=case.relevant, trial=answered)
    assert spec(name).score(replace(case, trial=answered)) == spec(name).score(same)


def test_the_contract_covers_the_metrics_of_the_issue_and_what_a_plugin_registers() -> None:
    named = {
        "sub_span", "exact_match", "token_f1", "key_value_match", "refusal_correct", "refusal_precision",
        "refusal_recall", "citation_precision", "citation_recall", "verbatim_quote_rate", "recall", "ndcg", "mrr",
        "gold_in_context", "gold_position", "gold_dropped", "thinking_tokens", "answer_tokens", "latency",
        "cached_share", "unfinished_thinking", "truncated", "refused", "empty", "excited", "words_up_to",
    }  # fmt: skip
    assert named <= set(METRICS) == set(all_metrics())
