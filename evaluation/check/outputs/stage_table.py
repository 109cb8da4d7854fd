"""The stages of a check as a table, and what its cells hold: shares in percent, differences of shares in points."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from evaluation.analysis.numbers import NONE, number, percent
from evaluation.check.measuring import ASSEMBLY, DROPPED
from evaluation.check.values import Checked, MetricVerdict, Reply, Stage, StageVerdict
from evaluation.report.plain import plain
from evaluation.report.table import Table, difference, is_share, within
from evaluation.statistics.interval import Interval

STAGES: Mapping[Stage, str] = {
    "retrieval": "retrieval",
    "assembly": "assembly",
    "generation": "generation",
    "end_to_end": "end to end",
}
"""What the stages are called, in the order in which they work."""
TELLS = "tells, does not gate"
_ASSEMBLY = (ASSEMBLY, DROPPED)
"""How the names of the metrics of that stage begin."""
_UNBROKEN = "\N{NO-BREAK SPACE}"
_BRIEF = 160
"""Most characters of a text of others within a line."""
_SIGNS = (
    "change: now − baseline, of shares in points, with its interval beside the verdict; below 0 is worse. "
    "+ / −: questions gained and lost."
)


def stages_of(checked: Checked) -> tuple[StageVerdict, ...]:
    """The stages as compared with the baseline; where nothing is blessed, with the values of now alone."""
    if checked.baseline is not None:
        return checked.baseline.stages
    outcomes = checked.current.outcomes
    ranked = [
        {name: one for name, one in outcome.scores.items() if not name.startswith(_ASSEMBLY)} for outcome in outcomes
    ]
    placed = [{name: one for name, one in outcome.scores.items() if name.startswith(_ASSEMBLY)} for outcome in outcomes]
    found: tuple[tuple[Stage, Sequence[Mapping[str, float | None]]], ...] = (
        ("retrieval", ranked),
        ("assembly", placed),
        ("end_to_end", [_mean_values(outcome.replies) for outcome in outcomes]),
    )
    made = [StageVerdict(stage, "inconclusive", tuple(_current(values))) for stage, values in found]
    return tuple(one for one in made if one.metrics)


def stage_table(checked: Checked) -> Table:
    """A row for each metric below the name of its stage; no row where there is nothing to tell."""
    stages = stages_of(checked)
    rows = [(stage, metric) for stage in stages for metric in stage.metrics]
    if checked.baseline is None:
        return Table(
            "Values of now",
            ("metric", "now", "n"),
            tuple((plain(one.name), value(one, one.current), f"{one.n:,}") for _, one in rows),
            groups=tuple(STAGES[stage.stage] for stage, _ in rows),
        )
    blessed = plain(f"{checked.baseline.blessed} ({shortened(checked.baseline.reason)})")
    return Table(
        f"{checked.n:,} question{'' if checked.n == 1 else 's'} against the baseline of {blessed}",
        ("metric", "verdict", "baseline", "now", "change", "margin", "+ / −"),
        tuple(_row(stage, one) for stage, one in rows),
        (_SIGNS,),
        names=2,
        groups=tuple(_heading(stage) for stage, _ in rows),
    )


def shortened(text: str) -> str:
    """A text of others as part of a line."""
    shown = plain(text)
    return shown if len(shown) <= _BRIEF else f"{shown[: _BRIEF - 1]}…"


def gating(stages: Iterable[StageVerdict]) -> list[tuple[StageVerdict, MetricVerdict]]:
    """The metrics that decide, each with its stage."""
    return [(stage, metric) for stage in stages for metric in stage.metrics if metric.gates]


def first_moved(stages: Sequence[StageVerdict]) -> Stage | None:
    """The first stage, as they work, of which some metric moved: exact values at all, others beyond chance."""
    moved = {stage.stage for stage in stages for metric in stage.metrics if _moved(metric)}
    return next((stage for stage in STAGES if stage in moved), None)


def value(metric: MetricVerdict, mean: float | None) -> str:
    """A mean of the metric: a share in percent, else a number."""
    if mean is None:
        return NONE
    return percent(mean) if is_share(metric.name) else number(mean)


def change(metric: MetricVerdict) -> str:
    """The difference with its unit, and its interval where there is one."""
    share = is_share(metric.name)
    shown = difference(metric.difference, None, share=share)
    return " ".join(filter(None, [shown, interval(metric), "points" if share else ""]))


def interval(metric: MetricVerdict) -> str:
    """The interval of the difference; "" where there is none."""
    if metric.low is None or metric.high is None:
        return ""
    return within(Interval(metric.low, metric.high), share=is_share(metric.name))


def in_points(margin: float) -> str:
    """A margin.

    >>> in_points(0.02), in_points(0.01), in_points(0.025)
    ('2 points', '1 point', '2.5 points')
    """
    shown = _margin(margin)
    return f"{shown} point{'' if shown == '1' else 's'}"


def _row(stage: StageVerdict, metric: MetricVerdict) -> tuple[str, ...]:
    if metric.gates:
        said = f"{metric.verdict}: {metric.basis}" if metric.basis else f"{metric.verdict}"
    else:
        said = metric.basis if not any(one.gates for one in stage.metrics) else TELLS
    return (
        plain(metric.name),
        " ".join(filter(None, [plain(said), interval(metric).replace(" ", _UNBROKEN)])) or NONE,
        value(metric, metric.baseline),
        value(metric, metric.current),
        difference(metric.difference, None, share=is_share(metric.name)),
        NONE if metric.margin is None else _margin(metric.margin),
        f"{len(metric.gained):,} / {len(metric.lost):,}",
    )


def _heading(stage: StageVerdict) -> str:
    words = f"{STAGES[stage.stage]}: {stage.verdict}"
    return words if any(metric.gates for metric in stage.metrics) else f"{words} ({TELLS})"


def _moved(metric: MetricVerdict) -> bool:
    if metric.verdict == "regressed":
        return True
    if metric.low is None or metric.high is None:
        return bool(metric.gained or metric.lost)
    return metric.low > 0 or metric.high < 0


def _margin(margin: float) -> str:
    return f"{round(100 * margin, 4):g}"


def _mean_values(replies: Sequence[Reply]) -> dict[str, float | None]:
    """By metric, the mean over the replies that have it."""
    names = dict.fromkeys(name for reply in replies for name in reply.values)
    known = {name: [one for reply in replies if (one := reply.values.get(name)) is not None] for name in names}
    return {name: fmean(values) if values else None for name, values in known.items()}


def _current(outcomes: Sequence[Mapping[str, float | None]]) -> Iterable[MetricVerdict]:
    for name in dict.fromkeys(name for scores in outcomes for name in scores):
        known = [one for scores in outcomes if (one := scores.get(name)) is not None]
        yield MetricVerdict(
            name=name,
            gates=False,
            n=len(known),
            baseline=None,
            current=fmean(known) if known else None,
            difference=None,
            low=None,
            high=None,
            p_adjusted=None,
            margin=None,
            gained=(),
            lost=(),
            verdict=None,
            basis="no baseline",
        )
