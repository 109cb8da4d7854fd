"""A report drawn for a terminal of any width: the verdict in words, tables, warnings, accuracy by position."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from evaluation.analysis.numbers import p_value, percent, points, signed_number
from evaluation.analysis.values import RepeatCheck, Report
from evaluation.report.brief import brief_tables
from evaluation.report.drawn import DrawnTable
from evaluation.report.plain import plain
from evaluation.report.plot import PositionPlot
from evaluation.report.table import is_share
from evaluation.report.wrapped import Wrapped
from evaluation.statistics.single import wilson

_NAMED = {
    "model": "model",
    "dataset.name": "dataset",
    "index.name": "index",
    "samples": "samples",
    "seed": "seed",
    "versions.reasoning-rag": "reasoning-rag",
}
"""The facts that a terminal shows, and what they are called there."""
_SMALL = 0.05


def render(report: Report) -> Group:
    """What `report` shows, to be printed by a console; nothing in it is read as markup."""
    title = f"{report.run}: {report.n:,} question{'' if report.n == 1 else 's'}"
    parts: list[RenderableType] = [Text(plain(title), "dim"), Text()]
    parts += [Wrapped(plain(line), "bold" if at == 0 else "", "• ") for at, line in enumerate(report.headline)]
    if report.repeat is not None:
        words = _repeated(report.repeat, share=is_share(report.primary_metric))
        parts.append(Wrapped(plain(words), "", "• "))
    for table in brief_tables(report):
        parts += [Text(), Wrapped(table.title, "bold"), DrawnTable(table)]
        parts += [Wrapped(note, "dim") for note in table.notes]
    if report.warnings:
        parts += [Text(), *(Wrapped(f"warning: {plain(line)}", "yellow") for line in report.warnings)]
    if report.positions:
        parts += [Text(), PositionPlot(report.positions)]
    facts = "; ".join(_facts(report))
    if facts:
        parts += [Text(), Wrapped(f"Rests on: {facts}.", "dim")]
    return Group(*parts)


def _repeated(check: RepeatCheck, *, share: bool) -> str:
    difference = points(check.difference) if share else signed_number(check.difference)
    most = wilson(check.flips * check.n, check.n).high
    words = f"no more than {percent(most)} of them would (95 %) with this arm; others were not asked twice"
    if check.p < _SMALL:
        words = "something beside the arms differs"
    return (
        f"A/A, {check.arm} asked twice: {percent(check.flips)} of the questions come out otherwise, {difference}, "
        f"{p_value(check.p)}, n = {check.n}: {words}"
    )


def _facts(report: Report) -> Iterator[str]:
    for name, value in report.facts:
        short, of, run = name.partition(" (")
        if short in _NAMED:
            yield plain(f"{_NAMED[short]}{of}{run} {value}")
