"""Builds grids and designs for tests."""

from pathlib import Path

from evaluation.arms import Subject
from evaluation.design.designing import design
from evaluation.design.grid import Grid, subjects_of
from evaluation.design.grid_file import parse_grid
from evaluation.run import Design
from rag.opening import ModelChoice

MODEL = """
[models.r1]
model = "r1-qwen-7b"
"""
PAIR = (
    MODEL
    + """
[models.base]
model = "qwen-7b"
twin_of = "r1"
"""
)


def grid_of(text: str) -> Grid:
    """The grid of a file called position.toml in the folder /study."""
    return parse_grid(text.encode(), name="position", origin="'position.toml'", folder=Path("/study"))


def thinks(subject: Subject) -> bool:
    """As the catalogue says of the models that tests use."""
    return (subject.choice.model or "").startswith("r1")


def design_of(text: str) -> Design:
    """The design of the grid that `text` declares."""
    return design(grid_of(text), reasons=thinks)


def with_model(grid: Grid, *names: str) -> Grid:
    """The grid with these models in place of its own."""
    from dataclasses import replace

    return replace(grid, subjects=subjects_of([ModelChoice(name) for name in names]))
