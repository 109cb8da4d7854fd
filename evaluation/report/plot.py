"""Accuracy by position in characters: a dot for each value, a line for its interval, on one scale."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from evaluation.report.numbers import percent
from evaluation.report.plain import plain
from evaluation.report.values import PositionEffect

_STEP = 0.1
_WIDEST = 72
_NARROWEST = 7
_VALUE = 8  # "100.0 %" and a space


@dataclass(frozen=True, slots=True)
class PositionPlot:
    """A plot of `effects`, all on one scale, as wide as the console allows; needs no colour."""

    effects: tuple[PositionEffect, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from plot_lines(self.effects, width=options.max_width)


def plot_lines(effects: tuple[PositionEffect, ...], *, width: int) -> Iterator[Text]:
    """The lines of the plot, at most `width` columns wide, if that is at least 20.

    The scale runs from the ten percent below the lowest end of an interval to those above the highest.
    """
    points = [point for effect in effects for point in effect.points]
    if not points:
        return
    low = max(0.0, math.floor(min(point.interval.low for point in points) / _STEP + 1e-9) * _STEP)
    high = min(1.0, math.ceil(max(point.interval.high for point in points) / _STEP - 1e-9) * _STEP)
    high = max(high, low + _STEP)
    label = max(len(str(point.position)) for point in points) + 2
    room = max(_NARROWEST, min(_WIDEST, width - label - 1 - _VALUE))

    def at(value: float) -> int:
        return min(room - 1, max(0, round((value - low) / (high - low) * (room - 1))))

    yield Text("Accuracy by position of the evidence, with 95 % intervals", "bold")
    for effect in effects:
        yield Text(plain(effect.series))
        for point in effect.points:
            first, dot, last = at(point.interval.low), at(point.value), at(point.interval.high)
            cells = ["·" if not first <= place <= last else "─" for place in range(room)]
            cells[dot] = "●"
            line = Text(f"{point.position:>{label}} ")
            for place, cell in enumerate(cells):
                line.append(cell, "bold cyan" if place == dot else "cyan" if cell == "─" else "dim")
            yield line.append(f"{percent(point.value):>{_VALUE}}")
    left, right = percent(low), percent(high)
    yield Text(" " * (label + 1) + left + right.rjust(room - len(left)), "dim")
