"""Accuracy by position in characters: a dot for each value, a line for its interval, on one scale for all series."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from evaluation.analysis.numbers import percent
from evaluation.analysis.values import PositionEffect, PositionPoint
from evaluation.report.drawn import wrapped
from evaluation.report.plain import plain
from evaluation.statistics.interval import Interval

_STEP = 0.1
_WIDEST = 72
_NARROWEST = 7
_BESIDE = 20
"""Characters of scale that a series needs to stand beside others."""
_VALUE = 8  # "100.0 %" and a space
_GAP = 2


@dataclass(frozen=True, slots=True)
class PositionPlot:
    """A plot of `effects`, all on one scale, as wide as the console allows; needs no colour."""

    effects: tuple[PositionEffect, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from plot_lines(self.effects, width=options.max_width)


def plot_lines(effects: tuple[PositionEffect, ...], *, width: int) -> Iterator[Text]:
    """The lines of the plot, at most `width` columns wide, if that is at least 20.

    Series of the same positions stand beside each other, as many as there is room for. The scale runs from the ten
    percent below the lowest end of an interval to those above the highest.
    """
    points = [point for effect in effects for point in effect.points]
    if not points:
        return
    scale = _scale(points)
    label = max(cell_len(plain(point.label)) for point in points) + 2
    beside = max(1, (width - label + _GAP - 1) // (_BESIDE + _VALUE + _GAP))
    yield Text("Accuracy by position of the evidence, with 95 % intervals", "bold")
    for _, group in groupby(effects, key=lambda effect: tuple(point.label for point in effect.points)):
        series = list(group)
        # as many in each row of panels, rather than a full row and a lone rest
        across = math.ceil(len(series) / math.ceil(len(series) / beside))
        room = (width - label - 1 - _GAP * (across - 1)) // across - _VALUE
        room = max(_NARROWEST, min(_WIDEST, room))
        for first in range(0, len(series), across):
            yield from _panels(series[first : first + across], scale, label, room)


def _panels(series: Sequence[PositionEffect], scale: Interval, label: int, room: int) -> Iterator[Text]:
    """Series beside each other, each under its name."""
    gap = " " * _GAP
    if len(series) == 1:
        yield Text(plain(series[0].series))
    else:
        names = [wrapped(plain(effect.series), room + _VALUE) for effect in series]
        for row in range(max(map(len, names))):
            cells = [name[row] if row < len(name) else "" for name in names]
            padded = gap.join(cell + " " * (room + _VALUE - cell_len(cell)) for cell in cells)
            yield Text(f"{' ' * (label + 1)}{padded}".rstrip())
    for points in zip(*(effect.points for effect in series), strict=True):
        name = plain(points[0].label)
        line = Text(f"{' ' * (label - cell_len(name))}{name} ")
        for at, point in enumerate(points):
            line.append(gap if at else "").append_text(_drawn(point, scale, room))
        yield line
    left, right = percent(scale.low), percent(scale.high)
    axis = (left + right.rjust(room - len(left))).ljust(room + _VALUE)
    yield Text(f"{' ' * (label + 1)}{gap.join([axis] * len(series))}".rstrip(), "dim")


def _drawn(point: PositionPoint, scale: Interval, room: int) -> Text:
    def at(value: float) -> int:
        return min(room - 1, max(0, round((value - scale.low) / (scale.high - scale.low) * (room - 1))))

    first, dot, last = at(point.interval.low), at(point.value), at(point.interval.high)
    line = Text()
    for place in range(room):
        if place == dot:
            line.append("●", "bold cyan")
        elif first <= place <= last:
            line.append("─", "cyan")
        else:
            line.append("·", "dim")
    return line.append(f"{percent(point.value):>{_VALUE}}")


def _scale(points: Sequence[PositionPoint]) -> Interval:
    low = max(0.0, math.floor(min(point.interval.low for point in points) / _STEP + 1e-9) * _STEP)
    high = min(1.0, math.ceil(max(point.interval.high for point in points) / _STEP - 1e-9) * _STEP)
    return Interval(low, max(high, low + _STEP))
