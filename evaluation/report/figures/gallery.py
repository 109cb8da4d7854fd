"""Which figures a report has, in the order in which they are looked at."""

from collections.abc import Callable

from evaluation.analysis.values import Report
from evaluation.report.figures.differences import differences
from evaluation.report.figures.drawing import Chart, Figure
from evaluation.report.figures.outcomes import outcomes
from evaluation.report.figures.positions import accuracy_by_position, position_and_length
from evaluation.report.figures.thinking import accuracy_by_thinking

_GALLERY: tuple[tuple[str, str, str, Callable[[Report], Chart | None]], ...] = (
    (
        "differences",
        "Difference from the baseline",
        "Paired by question, with 95 % intervals. Grey bars: what this run could not have told from no difference.",
        differences,
    ),
    ("outcomes", "How the trials ended", "Shares of all trials of an arm.", outcomes),
    (
        "position",
        "Accuracy by the position of the evidence",
        "Position 1 is first in the prompt. Bands: 95 % intervals.",
        accuracy_by_position,
    ),
    (
        "position_length",
        "Accuracy by position and length of the context",
        "The colours span the range that occurs.",
        position_and_length,
    ),
    ("thinking", "Accuracy against thinking tokens", "One point an arm, with 95 % intervals.", accuracy_by_thinking),
)


def figures(report: Report) -> tuple[Figure, ...]:
    """The figures for which `report` has something to show."""
    drawn = ((name, title, note, draw(report)) for name, title, note, draw in _GALLERY)
    return tuple(Figure(name, title, note, chart) for name, title, note, chart in drawn if chart is not None)
