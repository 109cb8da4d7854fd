"""A figure: a named Altair chart; its looks, and how it becomes SVG or PNG without a browser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import altair
import vl_convert

Chart = altair.TopLevelMixin
"""Whatever Altair can draw by itself."""
Format = Literal["png", "svg"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B39000", "#8A8A8A", "#7B4FA3")
"""For series: told apart with any kind of colour vision (after Okabe and Ito), readable on white and on black."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
"""For series beside their colour; five shapes and eight colours are forty different pairs."""
_FONT = "Helvetica, Arial, sans-serif"
_INK, _GRID = "#5f6670", "#9aa1ab"


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with a name.

    Attributes:
        name: for files: lower-case letters and underscores.
        title: for people; the chart itself has none.
        note: how to read it, a sentence or two.
        chart: complete, but for its title and looks.
    """

    name: str
    title: str
    note: str
    chart: Chart


def svg(figure: Figure) -> str:
    """The figure as an SVG element without title and background, to stand in a page beside others.

    Its ids are unique among figures of different names. Texts are escaped; nothing is loaded from anywhere.
    """
    drawn = _drawn(_dressed(figure, "transparent"), figure.name)
    return drawn[drawn.index("<svg") :]


def save_figures(
    figures: Sequence[Figure], folder: Path, *, formats: Sequence[Format] = ("png", "svg")
) -> tuple[Path, ...]:
    """Writes each figure, with its title on white, as ``NAME.png`` and ``NAME.svg``.

    Args:
        folder: made if absent; files of these names are overwritten.

    Returns:
        what was written, figure by figure.

    Raises:
        OSError: a file could not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for figure in figures:
        heading = {"text": figure.title, "subtitle": figure.note, "anchor": "start", "offset": 16}
        spec = _dressed(figure, "white") | {"title": heading}
        for format_ in formats:
            path = folder / f"{figure.name}.{format_}"
            if format_ == "png":
                path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[]))
            else:
                path.write_text(_drawn(spec, figure.name), encoding="utf-8")
            paths.append(path)
    return tuple(paths)


def _dressed(figure: Figure, background: str) -> dict[str, object]:
    """The chart's specification with the looks that all figures share."""
    spec: dict[str, object] = figure.chart.to_dict()
    return spec | {"background": background, "padding": 12, "config": _LOOKS}


def _drawn(spec: dict[str, object], name: str) -> str:
    """The SVG of `spec`, with ids that are its own and the same each time; Vega counts on from one to the next."""
    drawn = str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
    numbers: dict[str, int] = {}

    def own(found: re.Match[str]) -> str:
        return f"{found[1]}{name}-{numbers.setdefault(found[2], len(numbers) + 1)}"

    return re.sub(r'(\bid="|url\(#|href="#)((?:gradient_|clip)\d+)', own, drawn)


_LOOKS = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 600,
        "titlePadding": 10,
        "labelPadding": 5,
        "labelLimit": 320,
        "labelFlush": False,
        "domain": False,
        "ticks": False,
        "gridColor": _GRID,
        "gridOpacity": 0.35,
    },
    "legend": {
        "labelColor": _INK,
        "titleColor": _INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": 360,
        "symbolSize": 90,
        "symbolStrokeWidth": 2,
        "symbolOpacity": 1,
    },
    "header": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "labelFontWeight": 600, "labelLimit": 360},
    "title": {"color": "#2b3038", "fontSize": 15, "subtitleColor": _INK, "subtitleFontSize": 12, "subtitlePadding": 6},
}
