"""What the reader of a check should know beside the verdict, one sentence each."""

from collections.abc import Iterator, Sequence

from evaluation.check.config import CheckConfig
from evaluation.check.values import Against, Baseline, MetricVerdict, Result, StageVerdict
from evaluation.statistics.gate import shown_drop


def warnings_of(
    config: CheckConfig,
    current: Result,
    baseline: Baseline | None,
    stages: Sequence[StageVerdict],
    anchor: Against | None,
) -> Iterator[str]:
    """The warnings, those of the file first.

    Args:
        config: what gates, and by which margin.
        current: what was found now.
        baseline: what it was compared with.
        stages: as compared with it.
        anchor: the comparison with the first baseline.
    """
    yield from _margins(config, exact=current.exact)
    yield from _one_sided(config, current, baseline)
    if anchor and _answered(stages) and not _answered(anchor.stages):
        yield "the first baseline has no answers to compare with; move it: rag check bless --anchor"
    for stage in stages:
        for metric in stage.metrics:
            if metric.gates:
                yield from _shows_little(stage, metric)
    for stage in anchor.stages if anchor else ():
        for metric in stage.metrics:
            if anchor and metric.verdict == "regressed" and metric.difference is not None:
                yield (
                    f"drift: {metric.name} is {_points(-metric.difference)} worse than in the first baseline, "
                    f"of {anchor.blessed}"
                )


def _margins(config: CheckConfig, *, exact: bool) -> Iterator[str]:
    if config.retrieval.margin == 0:
        yield "the margin of retrieval is 0: any net loss fails"
    if config.answers is not None and config.answers.gate.margin == 0:
        if exact:
            yield "the margin of answers is 0: any net loss fails"
        else:
            yield (
                "a margin of 0 lets chance decide: sampled answers then pass only where all are as good as before, or "
                "a gain is shown; 0.05 is usual"
            )


def _one_sided(config: CheckConfig, current: Result, baseline: Baseline | None) -> Iterator[str]:
    """Answers on one side only."""
    before = baseline is not None and any(one.replies for one in baseline.result.outcomes)
    asked = any(one.replies for one in current.outcomes)
    if before and config.answers is None:
        yield "the baseline has answers, but no model is named now: only retrieval and assembly are checked"
    elif baseline is not None and asked and not before:
        yield 'the baseline has no answers to compare with; bless them: rag check bless --reason "..."'


def _answered(stages: Sequence[StageVerdict]) -> bool:
    """Whether any answers were compared."""
    return any(metric.n for stage in stages if stage.stage == "end_to_end" for metric in stage.metrics)


def _shows_little(stage: StageVerdict, metric: MetricVerdict) -> Iterator[str]:
    """Where the verdict rests on no question, or on too few for the margin."""
    if metric.n == 0 and metric.basis == "applies to no question":
        yield f"{metric.name} applies to no question, so that it decides nothing; name gold or answers in the questions"
    if metric.verdict == "regressed" and metric.low is None and metric.n * (metric.margin or 1) < 1:
        yield f"{metric.name}: with {metric.n:,} questions a single one that is lost is more than the margin"
    if metric.low is None or metric.high is None or not metric.margin:
        return
    shown = shown_drop(metric.low, metric.high)
    if shown > metric.margin and stage.verdict != "regressed":
        yield (
            f"{metric.n:,} questions can show a drop of {metric.name} of about {_points(shown)}, not one of "
            f"{_points(metric.margin)}, the margin; more questions tell more"
        )


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
