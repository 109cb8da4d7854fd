"""An interval: from where to where."""

from typing import NamedTuple


class Interval(NamedTuple):
    """From where to where."""

    low: float
    high: float
