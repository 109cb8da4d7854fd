"""Outcomes that never came: they count once as the best and once as the worst case, and a verdict must hold in both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

INCOMPLETE = "incomplete"
"""The verdict where the best and the worst case say different things."""


class Extremes(NamedTuple):
    """Outcomes in the two extreme cases, each of shape (questions, arms).

    Attributes:
        best: where the contrast is largest.
        worst: where it is smallest.
    """

    best: NDArray[np.float64]
    worst: NDArray[np.float64]


def extremes(least: NDArray[np.float64], most: NDArray[np.float64], weights: NDArray[np.float64]) -> Extremes:
    """The best and the worst case for a contrast of arms.

    Args:
        least: the smallest that each outcome can be, shape (questions, arms): what is missing counts 0.
        most: the largest: what is missing counts 1.
        weights: of the contrast, one an arm: (1, −1) for the first minus the second.
    """
    rising = weights > 0
    return Extremes(np.where(rising, most, least), np.where(rising, least, most))


def levelled(least: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """The case in which the arms differ least: what is missing brings each arm as near to the common mean as it can.

    The common mean is that of the middles between `least` and `most`. Shapes as in `extremes`.
    """
    low, high = least.mean(axis=0), most.mean(axis=0)
    room = high - low
    share = np.where(room > 0, ((low + high).mean() / 2 - low) / np.where(room > 0, room, 1), 0)
    levels: NDArray[np.float64] = least + np.clip(share, 0, 1) * (most - least)
    return levels


def standing(*cases: str) -> str:
    """What all cases say; `INCOMPLETE` where they differ."""
    return cases[0] if len(set(cases)) == 1 else INCOMPLETE
