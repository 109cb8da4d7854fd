"""The tables of a report that have a row for each arm."""

from collections.abc import Iterable, Sequence

from evaluation.analysis.numbers import NONE, number, percent, signed
from evaluation.analysis.values import CellResult, Comparison, Report
from evaluation.report.table import Table, difference, is_share, meaning, p_cell, size, unsaid, within

FINISHES = {
    "answered": "answered",
    "truncated_answer": "cut off",
    "refused": "refused",
    "unfinished_thinking": "still thinking",
    "empty": "empty",
    "failed": "failed",
    "not_applicable": "not applicable",
    "dry_run": "not asked",
}
"""How trials end, in words, in the order in which they are shown."""
_LEGEND = (
    "+ / \N{MINUS SIGN}: questions better and worse; detects: the difference that this many questions show with 80 % "
    "power at p < .05, before Holm."
)


def value_tables(cells: Sequence[CellResult]) -> Iterable[Table]:
    """One metric each: what every arm reached."""
    for metric in dict.fromkeys(cell.metric for cell in cells):
        share = is_share(metric)
        yield Table(
            metric,
            ("arm", "share" if share else "mean", "95 %", "n"),
            tuple(
                (
                    cell.arm,
                    NONE if cell.value is None else percent(cell.value) if share else number(cell.value),
                    within(cell.interval, share=share),
                    f"{cell.n:,}",
                )
                for cell in cells
                if cell.metric == metric
            ),
            (meaning(metric),),
        )


def comparison_tables(comparisons: Sequence[Comparison], said: Sequence[str]) -> Iterable[Table]:
    """One metric each: every arm against its baseline, with the verdicts that are not `said` already."""
    for metric in dict.fromkeys(one.metric for one in comparisons):
        chosen = [one for one in comparisons if one.metric == metric]
        baselines = list(dict.fromkeys(one.baseline for one in chosen))
        against = baselines[0] if len(baselines) == 1 else "the baseline"
        secondary = "" if chosen[0].primary else " (secondary, not adjusted)"
        yield Table(
            f"{metric} against {against}{secondary}",
            (
                "arm",
                "baseline",
                "points" if is_share(metric) else "difference",
                "p",
                "exact",
                "Holm",
                "+ / \N{MINUS SIGN}",
                "detects",
                "n",
            ),
            tuple(_comparison(one, named=len(baselines) > 1) for one in chosen),
            (*unsaid(((one.arm, one.verdict) for one in chosen), said), *([] if secondary else [_LEGEND])),
            names=1 if len(baselines) == 1 else 2,
        )


def _comparison(one: Comparison, *, named: bool) -> tuple[str, ...]:
    share = is_share(one.metric)
    return (
        one.arm,
        one.baseline if named else NONE,
        difference(one.difference, one.interval, share=share),
        p_cell(one.p),
        p_cell(one.p_exact),
        p_cell(one.p_adjusted),
        f"{one.gained:,} / {one.lost:,}",
        size(one.detectable, share=share),
        f"{one.n:,}",
    )


def repeat_table(report: Report) -> Iterable[Table]:
    """The A/A arm."""
    one = report.repeat
    if one is not None:
        yield Table(
            "The same arm asked twice (A/A)",
            ("arm", "flips", "points", "p", "n"),
            ((one.arm, percent(one.flips), signed(one.difference), p_cell(one.p), f"{one.n:,}"),),
            ("A small p would say that something other than the arms differs; a large one, nothing of other arms.",),
        )


def outcome_table(cells: Sequence[CellResult]) -> Iterable[Table]:
    """How the trials of every arm ended; the finishes stand in any metric's cells."""
    found = {finish for cell in cells for finish, count in cell.finish.items() if count}
    finishes = [*(finish for finish in FINISHES if finish in found), *sorted(found - set(FINISHES))]
    yield Table(
        "How the trials ended",
        ("arm", *(FINISHES.get(finish, finish) for finish in finishes)),
        tuple((cell.arm, *(f"{cell.finish.get(finish, 0):,}" for finish in finishes)) for cell in cells if finishes),
    )


def spent_table(report: Report) -> Iterable[Table]:
    """What a trial of every arm cost."""
    yield Table(
        "Spent on a trial, on average",
        ("arm", "thinking tokens", "answer tokens", "seconds", "cached"),
        tuple(
            (
                one.arm,
                *(NONE if value is None else number(value) for value in (one.thinking, one.answer, one.seconds)),
                NONE if one.cached is None else percent(one.cached),
            )
            for one in report.spent
            if (one.thinking, one.answer, one.seconds, one.cached) != (None, None, None, None)
        ),
    )
