"""The gate: a result against what is blessed, stage by stage, and the exit status that tells it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from evaluation.check.config import CheckConfig
from evaluation.check.facts import change_of
from evaluation.check.measuring import ASSEMBLY
from evaluation.check.stages import assembly, confirmed, end_to_end, generation, retrieval
from evaluation.check.values import (
    Against,
    Assertion,
    Baseline,
    Checked,
    MetricVerdict,
    Reply,
    Result,
    StageVerdict,
    Verdict,
)
from evaluation.check.verdicts import Pair, combined
from evaluation.check.warning import warnings_of
from rag.placement import parse_placement
from rag.placement.registry import policy

FACTS = (
    "corpus",
    "index",
    "cutting",
    "embedder",
    "retrieval",
    "prompt",
    "placement",
    "context",
    "tokenizer",
    "model",
    "sampling",
    "metrics",
    "rag",
    "questions",
)
"""In the order in which changes are told: from the documents to the answers."""


def judge(
    config: CheckConfig,
    current: Result,
    *,
    baseline: Baseline | None,
    anchor: Baseline | None,
    assertions: Sequence[Assertion] = (),
    again: Result | None = None,
    unasked: int = 0,
    only: Collection[str] | None = None,
    path: str | None = None,
) -> Checked:
    """What the gate says of a result; questions are compared that are the same in both, by id and digest.

    Args:
        config: what gates, and by which margin.
        current: what was found now.
        baseline: what it is compared with; None: nothing is blessed yet.
        anchor: the first baseline; it is compared with, too, but decides nothing.
        assertions: what was asserted of single answers.
        again: a second run, where the first showed a drop: a metric stays regressed only if both show it.
        unasked: replies that are still to come because the time was up.
        only: ids of the questions that are checked; None: all. Others are neither added nor removed.
        path: of the run with all contexts and answers.
    """
    current, again = _chosen(current, only), again and _chosen(again, only)
    stages: tuple[StageVerdict, ...] = ()
    found = past = None
    twice = None
    matched = _match(baseline.result, current, only) if baseline else None
    if baseline and matched:
        stages = _stages(config, baseline.result, current, matched.pairs, unasked=unasked)
        if again is not None and _drops(stages):
            second = _stages(config, baseline.result, again, _match(baseline.result, again, only).pairs)
            stages = _confirmed(stages, second)
            twice = _drops(stages)
        found = _against(baseline, current, matched, stages)
        if anchor and anchor != baseline:
            first = _match(anchor.result, current, only)
            past = _against(
                anchor, current, first, _stages(config, anchor.result, current, first.pairs, unasked=unasked)
            )
    return Checked(
        verdict=_overall(stages, current),
        n=len(matched.pairs if matched else current.outcomes),
        current=current,
        baseline=found,
        anchor=past,
        assertions=tuple(assertions),
        infrastructure_failures=_failures(
            *(one.asked for one in current.outcomes), *(one.replies for one in (again.outcomes if again else ()))
        ),
        unasked=unasked,
        confirmed=twice,
        missing=tuple((one.id, what) for one in current.outcomes for what in one.missing),
        warnings=tuple(warnings_of(config, current, baseline, stages, past)),
        path=path,
    )


def needs_confirmation(config: CheckConfig, current: Result, baseline: Baseline | None) -> bool:
    """Whether a metric of sampled answers that gates shows a drop, so that everything is to be asked once more."""
    if baseline is None or (baseline.result.exact and current.exact):
        return False
    pairs = _match(baseline.result, current, None).pairs
    return _drops(_stages(config, baseline.result, current, pairs))


def exit_status(checked: Checked, inconclusive: Literal["pass", "fail"] | None = None) -> int:
    """0: passed. 1: regressed, or a hard assertion does not hold. 3: inconclusive.

    Args:
        checked: what the gate says.
        inconclusive: what to make of 3; "pass" never makes one of a missing baseline, nor where every reply failed.
    """
    if checked.verdict == "regressed" or any(one.held is False for one in checked.assertions):
        return 1
    if checked.verdict == "pass":
        return 0
    if inconclusive == "fail":
        return 1
    none_came = bool(checked.unasked) and not any(one.replies for one in checked.current.outcomes)
    nothing = all_failed(checked.current) or none_came
    excused = inconclusive == "pass" and checked.baseline is not None and not nothing
    return 0 if excused else 3


def all_failed(result: Result) -> bool:
    """Whether a model was asked and not a single reply came."""
    replies = [reply for one in result.outcomes for reply in one.replies]
    return bool(replies) and all(reply.finish == "failed" for reply in replies)


class _Matched(NamedTuple):
    """Questions of two results: the same ones, and those that only one has."""

    pairs: tuple[Pair, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def _match(before: Result, current: Result, only: Collection[str] | None) -> _Matched:
    past = {one.id: one for one in _chosen(before, only).outcomes}
    same = {one.id for one in current.outcomes if one.id in past and past[one.id].digest == one.digest}
    now = {one.id for one in current.outcomes}
    return _Matched(
        pairs=tuple(Pair(past[one.id], one) for one in current.outcomes if one.id in same),
        added=tuple(one.id for one in current.outcomes if one.id not in same),
        removed=tuple(name for name in past if name not in now),
    )


def _chosen(result: Result, only: Collection[str] | None) -> Result:
    if only is None:
        return result
    return replace(result, outcomes=tuple(one for one in result.outcomes if one.id in only))


def _stages(
    config: CheckConfig, before: Result, current: Result, pairs: tuple[Pair, ...], *, unasked: int = 0
) -> tuple[StageVerdict, ...]:
    """Those of which something is known now."""
    stages = [retrieval(config.retrieval, pairs)]
    if any(ASSEMBLY in one.scores for one in current.outcomes):
        same = _orders_alike(config, before.facts, current.facts)
        stages.append(assembly(config.retrieval.margin, pairs, passages=config.passages, same_placement=same))
    exact = before.exact and current.exact
    if config.answers is not None and any(one.frozen for one in current.outcomes):
        stages.append(generation(config.answers, pairs, exact=exact))
    if config.answers is not None and (unasked or any(one.replies for one in current.outcomes)):
        stages.append(end_to_end(config.answers, pairs, exact=exact, unasked=unasked))
    return tuple(stages)


def _orders_alike(config: CheckConfig, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether equal passages must stand in equal order: the placement is the same, and so is what it looks at."""
    looks_at = ["placement"]
    if policy(parse_placement(config.placement).name).needs == "metadata":
        looks_at.append("corpus")
    return all(before.get(name) == now.get(name) for name in looks_at)


def _against(baseline: Baseline, current: Result, matched: _Matched, stages: tuple[StageVerdict, ...]) -> Against:
    changed = _changed(baseline.result.facts, current.facts, others=bool(matched.added or matched.removed))
    changes = tuple(change_of(name, baseline.result.facts.get(name), current.facts.get(name)) for name in changed)
    return Against(baseline.blessed, baseline.reason, stages, changed, matched.added, matched.removed, changes)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any], *, others: bool) -> tuple[str, ...]:
    """Names of the facts that differ, without an index that follows from its documents or their cutting."""
    differing = {name for name in FACTS if before.get(name) != now.get(name)}
    differing |= {"questions"} if others else set()
    if differing & {"corpus", "cutting"}:
        differing -= {"index"}
    return tuple(name for name in FACTS if name in differing)


def _gating(stages: Iterable[StageVerdict]) -> Iterator[MetricVerdict]:
    return (metric for stage in stages for metric in stage.metrics if metric.gates)


def _drops(stages: Iterable[StageVerdict]) -> bool:
    """Whether a metric of sampled answers that gates is regressed; exact ones have no interval."""
    answers = (stage for stage in stages if stage.stage == "end_to_end")
    return any(metric.verdict == "regressed" and metric.p_adjusted is not None for metric in _gating(answers))


def _confirmed(first: Sequence[StageVerdict], second: Sequence[StageVerdict]) -> tuple[StageVerdict, ...]:
    other = {stage.stage: stage for stage in second}
    return tuple(
        confirmed(stage, other[stage.stage]) if stage.stage == "end_to_end" and stage.stage in other else stage
        for stage in first
    )


def _overall(stages: Sequence[StageVerdict], current: Result) -> Verdict:
    """What all that gates says; never a pass where nothing at all was compared, or no reply came."""
    gating = list(_gating(stages))
    verdict = combined(metric.verdict for metric in gating if metric.verdict)
    if verdict == "pass" and (all_failed(current) or not any(metric.n for metric in gating)):
        return "inconclusive"
    return verdict


def _failures(*asked: Sequence[Reply]) -> int:
    return sum(reply.finish == "failed" for replies in asked for reply in replies)
