"""The tables of a report that a terminal shows: short, and grouped by series; HTML, Markdown and JSON have all of them.

Arms that differ only in the position of the evidence are one row: what their positions do has tables of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evaluation.analysis.numbers import NONE, number, percent
from evaluation.analysis.values import Report
from evaluation.report.arm_tables import FINISHES, comparison_tables, value_tables
from evaluation.report.grouping import Row, by_arm, grouped, rows_of, without_common_words
from evaluation.report.series_tables import effect_tables, interaction_table, position_tables, sensitivity_table
from evaluation.report.table import Table, is_share
from evaluation.report.tables import finished

_MORE = "Secondary, no verdict rests on them; their intervals and comparisons are in the HTML and JSON reports."


def brief_tables(report: Report) -> tuple[Table, ...]:
    """What a terminal shows of `report` beside its verdicts, the A/A check, facts and warnings."""
    rows = rows_of(report)
    series = {point.arm: effect.series for effect in report.positions for point in effect.points}
    cells = [cell for cell in report.cells if cell.metric == report.primary_metric and cell.arm not in series]
    compared = [
        one
        for one in report.comparisons
        if one.primary and (one.arm not in series or series[one.arm] != series.get(one.baseline))
    ]
    made = [
        *map(without_common_words, position_tables(report.positions)),
        *map(without_common_words, effect_tables(report.positions, report.headline)),
        *(by_arm(table, report) for table in value_tables(cells)),
        *(by_arm(table, report) for table in comparison_tables(compared, report.headline)),
        *(without_common_words(_kind_beside_twin(table), columns=2) for table in interaction_table(report)),
        *sensitivity_table(report),
        *_others(report, rows),
        *_outcomes(report, rows),
        *_spent(report, rows),
    ]
    return tuple(finished(table) for table in made if table.rows)


def _kind_beside_twin(table: Table) -> Table:
    """The table of interactions with two names a row, which leaves room for numbers."""
    rows = tuple((reasoning, f"{twin} ({kind})", *rest) for reasoning, twin, kind, *rest in table.rows)
    return replace(table, columns=(*table.columns[:2], *table.columns[3:]), rows=rows, names=2)


def _others(report: Report, rows: Sequence[Row]) -> Iterator[Table]:
    """The means of all metrics but the primary one, side by side."""
    metrics = list(dict.fromkeys(cell.metric for cell in report.cells if cell.metric != report.primary_metric))
    cells = {(cell.arm, cell.metric): cell for cell in report.cells}

    def shown(row: Row, metric: str) -> str:
        found = [cells[arm, metric] for arm in row.arms if (arm, metric) in cells]
        value = _mean([(cell.value, cell.n) for cell in found])
        return NONE if value is None else percent(value) if is_share(metric) else number(value)

    if metrics:
        table = Table("Other metrics, on average", ("arm", *metrics), (), (_MORE,))
        yield grouped(table, rows, [[shown(row, metric) for metric in metrics] for row in rows])


def _outcomes(report: Report, rows: Sequence[Row]) -> Iterator[Table]:
    """How the trials ended, where they did not all end alike."""
    counts = {cell.arm: cell.finish for cell in report.cells if cell.metric == report.primary_metric}
    found = {finish for ended in counts.values() for finish, count in ended.items() if count}
    finishes = [*(finish for finish in FINISHES if finish in found), *sorted(found - set(FINISHES))]
    if len(finishes) > 1:
        table = Table("How the trials ended", ("arm", *(FINISHES.get(finish, finish) for finish in finishes)), ())
        sums = [
            [f"{sum(counts[arm].get(finish, 0) for arm in row.arms if arm in counts):,}" for finish in finishes]
            for row in rows
        ]
        yield grouped(table, rows, sums)


def _spent(report: Report, rows: Sequence[Row]) -> Iterator[Table]:
    """What a trial cost."""
    trials = {cell.arm: sum(cell.finish.values()) for cell in report.cells if cell.metric == report.primary_metric}
    spent = {one.arm: one for one in report.spent}

    def shown(row: Row) -> list[str]:
        found = [(spent[arm], trials[arm]) for arm in row.arms if arm in spent and arm in trials]
        means = (
            _mean([(one.thinking, count) for one, count in found]),
            _mean([(one.answer, count) for one, count in found]),
            _mean([(one.seconds, count) for one, count in found]),
        )
        cached = _mean([(one.cached, count) for one, count in found])
        return [*(NONE if one is None else number(one) for one in means), NONE if cached is None else percent(cached)]

    known = [(row, cells) for row in rows if set(cells := shown(row)) != {NONE}]
    if known:
        table = Table(
            "Spent on a trial, on average", ("arm", "thinking tokens", "answer tokens", "seconds", "cached"), ()
        )
        yield grouped(table, [row for row, _ in known], [cells for _, cells in known])


def _mean(values: Sequence[tuple[float | None, int]]) -> float | None:
    """The mean of what is known, each with its weight."""
    known = [(value, weight) for value, weight in values if value is not None and weight]
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None
