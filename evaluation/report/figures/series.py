"""Series of a figure: the same colour and shape for the same name, whichever part of the figure it stands in."""

from collections.abc import Iterable

import altair

from evaluation.analysis.values import PositionEffect
from evaluation.report.figures.drawing import COLOURS, SHAPES


def named(effect: PositionEffect) -> str:
    """The name of a series without the length of the context, which figures show by other means.

    It is the whole name where nothing else is left.
    """
    return " ".join(effect.series.replace(effect.length, " ").split()) or effect.series


def distinct(names: Iterable[str]) -> list[str]:
    """Each name once, in the order of its first appearance."""
    return list(dict.fromkeys(names))


def colour(field: str, names: list[str], *, columns: int = 1) -> altair.Color:
    """The colour of each of `names`, with a legend below the figure; no legend where there is one name only."""
    scale = altair.Scale(domain=names, range=[COLOURS[i % len(COLOURS)] for i in range(len(names))])
    return altair.Color(f"{field}:N", scale=scale, sort=None, legend=_legend(names, columns))


def shape(field: str, names: list[str], *, columns: int = 1) -> altair.Shape:
    """The shape of each of `names`."""
    scale = altair.Scale(domain=names, range=[SHAPES[i % len(SHAPES)] for i in range(len(names))])
    return altair.Shape(f"{field}:N", scale=scale, sort=None, legend=_legend(names, columns))


def _legend(names: list[str], columns: int) -> altair.Legend | None:
    if len(names) < 2:
        return None
    return altair.Legend(title=None, orient="bottom", direction="vertical", columns=columns, offset=14)
