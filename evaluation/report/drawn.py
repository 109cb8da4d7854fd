"""A table as lines of text: its columns side by side, in blocks where they do not fit, or as a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from evaluation.report.table import Table

_GAPS = (2, 1)
_INDENT = 2
_COMFORT = 20
"""Names get so much, if they want it, before columns are set apart by more than a space."""


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A table that suits the console's width; names break at spaces alone."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from table_lines(self.table, width=options.max_width)


def table_lines(table: Table, *, width: int) -> Iterator[Text]:
    """The lines of a table without its title and notes."""
    indent = _INDENT if table.groups else 0
    columns = list(zip(table.columns, *table.rows, strict=True))
    least = [_longest_word(column) for column in columns[: table.names]]
    natural = [max(map(cell_len, column)) for column in columns[: table.names]]
    least[0], natural[0] = least[0] + indent, natural[0] + indent
    numbers = [
        max([cell_len(part) for part in _parts(heading)] + [cell_len(cell) for cell in cells])
        for heading, *cells in columns[table.names :]
    ]
    for gap in _GAPS:
        room = width - sum(numbers) - gap * (len(columns) - 1)
        enough = min(sum(natural), _COMFORT * table.names) if gap > _GAPS[-1] else 0
        if max(enough, sum(least)) <= room:
            yield from _block(table, _shared(natural, least, room), numbers, range(len(numbers)), gap)
            return
    gap = _GAPS[0]
    room = width - max(numbers, default=0) - gap * table.names
    if sum(least) > room:
        yield from _listed(table)
        return
    names = _shared(natural, least, max(sum(least), min(room, width // 2)))
    for block in _blocks(numbers, width - sum(names) - gap * (table.names - 1), gap):
        yield from _block(table, names, numbers, block, gap)


def _block(
    table: Table, names: Sequence[int], numbers: Sequence[int], shown: Sequence[int], gap: int
) -> Iterator[Text]:
    """Some of the number columns beside the names."""
    widths = [*names, *(numbers[at] for at in shown)]

    def line(cells: Sequence[Sequence[str]], style: str = "") -> Iterator[Text]:
        tall = max(map(len, cells))
        for row in range(tall):
            parts = []
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                skipped = tall - len(cell) if style and at >= table.names else 0
                part = cell[row - skipped] if 0 <= row - skipped < len(cell) else ""
                blank = " " * (width - cell_len(part))
                parts.append(part + blank if at < table.names else blank + part)
            yield Text((" " * gap).join(parts).rstrip(), style, no_wrap=True)

    headings = [*([text] for text in table.columns[: table.names])]
    headings += [_parts(table.columns[table.names + at], widths[len(names) + n]) for n, at in enumerate(shown)]
    yield from line(headings, "dim")
    groups = table.groups or ("",) * len(table.rows)
    for (before, group), row in zip(pairwise(("", *groups)), table.rows, strict=True):
        if group != before:
            yield Text(group, "italic")
        indent = _INDENT if table.groups else 0
        cells = [wrapped(text, width) for text, width in zip(row, names, strict=False)]
        if indent:
            cells[0] = [" " * indent + part for part in wrapped(row[0], names[0] - indent)]
        yield from line([*cells, *([row[table.names + at]] for at in shown)])


def _listed(table: Table) -> Iterator[Text]:
    for at, row in enumerate(table.rows):
        names = ", ".join(row[: table.names])
        yield Text(f"{table.groups[at]} {names}".strip() if table.groups else names)
        for heading, cell in list(zip(table.columns, row, strict=True))[table.names :]:
            yield Text("  ").append(f"{heading} ", "dim").append(cell)


def _blocks(numbers: Sequence[int], room: int, gap: int) -> Iterator[list[int]]:
    """The number columns in blocks of which each fits into `room`."""
    block: list[int] = []
    for at, width in enumerate(numbers):
        if block and sum(numbers[other] + gap for other in block) + width + gap > room:
            yield block
            block = []
        block.append(at)
    yield block


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths of the names: as wide as they like, or less, the widest first, down to `least`."""
    widths = list(natural)
    while sum(widths) > room and widths != list(least):
        at = max((at for at in range(len(widths)) if widths[at] > least[at]), key=lambda at: widths[at])
        widths[at] -= 1
    return widths


def _longest_word(texts: Sequence[str]) -> int:
    return max(cell_len(word) for text in texts for word in (text.split(" ") or [""]))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width`, broken at spaces."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _parts(heading: str, width: int = 0) -> list[str]:
    """A heading in as few lines of `width` as breaks at spaces and behind underscores allow."""
    pieces = heading.replace("_", "_\0").replace(" ", " \0").split("\0")
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if cell_len((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]
