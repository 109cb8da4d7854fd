"""A report drawn for a terminal of any width: the verdict in words, tables, warnings, accuracy by position."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table as Grid
from rich.text import Text

from evaluation.report.plain import plain
from evaluation.report.plot import PositionPlot
from evaluation.report.table import Table
from evaluation.report.tables import tables
from evaluation.report.values import Report

_NARROWEST_NAME = 14
_GAPS = (2, 1)


def render(report: Report) -> Group:
    """What `report` shows, to be printed by a console; nothing in it is read as markup."""
    title = f"{report.run}: {report.n:,} question{'' if report.n == 1 else 's'}"
    parts: list[RenderableType] = [Text(plain(title), "dim"), Text()]
    parts += [Text(plain(line), "bold" if at == 0 else "") for at, line in enumerate(report.headline)]
    for table in tables(report):
        parts += [Text(), Text(table.title, "bold"), _Drawn(table)]
        parts += [Text(note, "dim") for note in table.notes]
    if report.warnings:
        parts += [Text(), *(Text(f"warning: {plain(line)}", "yellow") for line in report.warnings)]
    if report.positions:
        parts += [Text(), PositionPlot(report.positions)]
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A table that becomes a list of rows, one line a cell, where its numbers do not fit beside one another."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self.table
        columns = list(zip(table.columns, *table.rows, strict=True))
        widths = [max(cell_len(cell) for cell in column) for column in columns]
        for gap in _GAPS:
            room = options.max_width - sum(widths[table.names :]) - gap * (len(widths) - 1)
            if sum(min(width, _NARROWEST_NAME) for width in widths[: table.names]) <= room:
                yield _grid(table, widths, room, gap)
                return
        yield from _rows(table)


def _grid(table: Table, widths: list[int], room: int, gap: int) -> Grid:
    """The table with its columns side by side; names share the `room` that the numbers leave."""
    names = widths[: table.names]
    while sum(names) > room:
        names[names.index(max(names))] -= 1
    grid = Grid(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    for at, heading in enumerate(table.columns):
        if at < table.names:
            grid.add_column(Text(heading), width=names[at], overflow="fold")
        else:
            grid.add_column(Text(heading), justify="right", width=widths[at], no_wrap=True)
    for row in table.rows:
        grid.add_row(*map(Text, row))
    return grid


def _rows(table: Table) -> RenderResult:
    for row in table.rows:
        yield Text(", ".join(row[: table.names]))
        for heading, cell in list(zip(table.columns, row, strict=True))[table.names :]:
            yield Text("  ").append(f"{heading} ", "dim").append(cell)
