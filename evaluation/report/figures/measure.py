"""How the values of a metric are drawn and said: shares in percent, anything else as plain numbers."""

from dataclasses import dataclass

import altair

from evaluation.analysis.numbers import (
    interval_numbers,
    interval_percent,
    interval_points,
    number,
    percent,
    points,
    signed_number,
)
from evaluation.report.table import is_share
from evaluation.statistics.interval import Interval


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric, as far as figures care.

    Attributes:
        metric: as printed.
        share: its values are shares.
    """

    metric: str
    share: bool

    @property
    def format(self) -> str:
        """Of numbers on an axis, as Vega writes formats."""
        return ".0%" if self.share else ",.2~f"

    def along(self, field: str) -> altair.Y:
        """The vertical axis of a figure; it need not begin at 0."""
        axis = altair.Axis(format=self.format, tickCount=6)
        return altair.Y(f"{field}:Q", title=self.metric, axis=axis, scale=altair.Scale(zero=False, nice=True))

    def said(self, value: float, interval: Interval | None) -> str:
        """A value with its interval."""
        words = percent(value) if self.share else number(value)
        if interval is None:
            return words
        return f"{words} {interval_percent(interval) if self.share else interval_numbers(interval)}"

    def difference_said(self, value: float, interval: Interval | None = None) -> str:
        """A difference with its interval."""
        words = points(value) if self.share else signed_number(value)
        if interval is None:
            return words
        return f"{words} {interval_points(interval) if self.share else interval_numbers(interval)}"


def measure(metric: str) -> Measure:
    """What `metric` measures."""
    return Measure(metric, is_share(metric))
