"""The figures of a report, as Altair charts: each where there is something to draw, none of them with a network."""

from evaluation.report.figures.drawing import Figure, save_figures, svg
from evaluation.report.figures.gallery import figures

__all__ = ["Figure", "figures", "save_figures", "svg"]
