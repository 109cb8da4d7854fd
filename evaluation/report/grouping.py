"""Rows of a table that stand together: arms below what they share, and a series of positions as one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.analysis.values import ArmParts, Report
from evaluation.report.table import Table

_TOGETHER = "all positions together"


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is about: one arm, or the arms of a series of positions.

    Attributes:
        group: the heading above it; "" without.
        name: below that heading.
        whole: its name without the heading.
    """

    group: str
    name: str
    whole: str
    arms: tuple[str, ...]


def rows_of(report: Report) -> tuple[Row, ...]:
    """A row for each series of positions, then one for each arm that is in none."""
    parts = _parts(report)
    found = [
        Row(_TOGETHER, effect.series, effect.series, tuple(point.arm for point in effect.points))
        for effect in report.positions
    ]
    placed = {arm for row in found for arm in row.arms}
    arms = dict.fromkeys(cell.arm for cell in report.cells)
    return (*found, *(_row(arm, parts) for arm in arms if arm not in placed))


def by_arm(table: Table, report: Report) -> Table:
    """The table, whose rows are an arm each, grouped; a baseline beside an arm loses what their group says already."""
    parts = _parts(report)
    rows = [_row(row[0], parts) for row in table.rows]
    cells = [list(row[1:]) for row in table.rows]
    if table.names > 1:
        for row, beside in zip(rows, cells, strict=True):
            baseline = parts.get(beside[0])
            if baseline is not None and baseline.group == row.group:
                beside[0] = baseline.own
        if len({beside[0] for beside in cells}) == 1:
            title = table.title.replace("the baseline", cells[0][0])
            table = replace(table, title=title, columns=(table.columns[0], *table.columns[2:]), names=1)
            cells = [beside[1:] for beside in cells]
    return grouped(table, rows, cells)


def grouped(table: Table, rows: Sequence[Row], cells: Sequence[Sequence[str]]) -> Table:
    """The table with `rows` and the `cells` beside each: groups stand together, each under its heading.

    A group that all share goes into the title; so does the name, where each group has one row of that name. Other
    groups of one row each would only make the table longer: rows then have their whole names.
    """
    groups = list(dict.fromkeys(row.group for row in rows))
    names = {row.name for row in rows}
    if 1 < len(groups) == len(rows) and len(names) == 1 and "" not in groups:
        series = tuple((row.group, *beside) for row, beside in zip(rows, cells, strict=True))
        return replace(table, title=f"{table.title}: {names.pop()}", rows=series)
    if groups == [""] or 1 < len(groups) == len(rows):
        return replace(table, rows=tuple((row.whole, *beside) for row, beside in zip(rows, cells, strict=True)))
    order = sorted(range(len(rows)), key=lambda at: groups.index(rows[at].group))
    made = replace(table, rows=tuple((rows[at].name, *cells[at]) for at in order))
    if len(groups) == 1:
        return replace(made, title=f"{table.title}: {groups[0]}")
    return replace(made, groups=tuple(rows[at].group or "others" for at in order))


def without_common_words(table: Table, *, columns: int = 1) -> Table:
    """The table with the words that all names in its first `columns` begin with in its title instead."""
    names = [name.split(" ") for row in table.rows for name in row[:columns]]
    common = 0
    while len(names) > 1 and all(len(words) > common + 1 and words[common] == names[0][common] for words in names):
        common += 1
    if not common:
        return table
    rows = ((*(" ".join(name.split(" ")[common:]) for name in row[:columns]), *row[columns:]) for row in table.rows)
    return replace(table, title=f"{table.title}: {' '.join(names[0][:common])}", rows=tuple(rows))


def _parts(report: Report) -> Mapping[str, ArmParts]:
    return {one.arm: one for one in report.parts}


def _row(arm: str, parts: Mapping[str, ArmParts]) -> Row:
    one = parts.get(arm)
    return Row("", arm, arm, (arm,)) if one is None else Row(one.group, one.own, arm, (arm,))
