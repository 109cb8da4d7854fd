"""The tables of a report, as headings and rows of strings; how they are drawn is for whoever draws them."""

from collections.abc import Iterable
from dataclasses import replace

from evaluation.analysis.numbers import NONE
from evaluation.analysis.values import Report
from evaluation.report.arm_tables import comparison_tables, outcome_table, repeat_table, spent_table, value_tables
from evaluation.report.plain import plain
from evaluation.report.series_tables import (
    effect_tables,
    interaction_table,
    position_tables,
    sensitivity_table,
)
from evaluation.report.table import Table

__all__ = ["Table", "tables"]


def tables(report: Report) -> tuple[Table, ...]:
    """What `report` has to show, the primary metric first; what it does not have gives no table."""
    primary = [cell for cell in report.cells if cell.metric == report.primary_metric]
    others = [cell for cell in report.cells if cell.metric != report.primary_metric]
    made = [
        *value_tables(primary),
        *comparison_tables([one for one in report.comparisons if one.primary], report.headline),
        *position_tables(report.positions),
        *effect_tables(report.positions, report.headline),
        *interaction_table(report),
        *sensitivity_table(report),
        *repeat_table(report),
        *value_tables(others),
        *comparison_tables([one for one in report.comparisons if not one.primary], report.headline),
        *outcome_table(primary),
        *spent_table(report),
        *_left_out(report),
        *_facts(report),
    ]
    return tuple(finished(table) for table in made if table.rows)


def finished(table: Table) -> Table:
    """The table on plain lines, without columns that know nothing."""
    kept = [
        at for at in range(len(table.columns)) if at < table.names or any(row[at] != NONE for row in table.rows)
    ]  # fmt: skip
    return replace(
        table,
        title=plain(table.title),
        columns=tuple(plain(table.columns[at]) for at in kept),
        rows=tuple(tuple(plain(row[at]) for at in kept) for row in table.rows),
        notes=tuple(dict.fromkeys(plain(note) for note in table.notes if note)),
    )


def _left_out(report: Report) -> Iterable[Table]:
    """What does not count, and how much of it."""
    counts = (
        ("questions that an arm cannot be had for, left out of comparisons", report.excluded.not_applicable),
        ("trials that failed", report.excluded.failed),
        ("trials still to be asked", report.missing),
    )
    yield Table("What does not count", ("what", "how many"), tuple((what, f"{n:,}") for what, n in counts if n))


def _facts(report: Report) -> Iterable[Table]:
    yield Table("What this rests on", ("what", "which"), report.facts, names=2)
