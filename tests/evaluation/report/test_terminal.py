"""The report on a terminal: order, width, hostile names, no colour."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from evaluation.analysis.values import Report
from evaluation.report.plot import plot_lines
from evaluation.report.terminal import render
from tests.evaluation.report.building_text import EFFECT, HOSTILE, bare_report, full_report


def drawn(report: Report, *, width: int = 80, colour: bool = False) -> str:
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None).print(
        render(report)
    )
    return file.getvalue()


def test_the_verdict_comes_first_then_tables_warnings_and_the_plot() -> None:
    text = drawn(full_report())
    parts = ["no difference shown.", "sub_span\n", "sub_span against best_first", "warning: edges: a warning", "●"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_a_row_stands_on_one_line_at_80_columns() -> None:
    lines = drawn(full_report()).splitlines()
    row = next(line for line in lines if "[−2.4, 4.6]" in line)
    assert re.split(r" {1,}(?=\S)", row.strip())[0] == "edges"
    assert row.rstrip().endswith("441")


@pytest.mark.parametrize("width", [20, 33, 40, 60, 80, 200])
@pytest.mark.parametrize("name", ["edges", "shuffled(seed=7) r1 gold_at(position=5) 20 passages", "位置" * 20, HOSTILE])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_lost(width: int, name: str) -> None:
    text = drawn(full_report(name), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    for number in ("54.2 %", "31 / 26", "12.3", "71.3 %", "50.0 %"):
        assert number in text


def test_names_are_neither_markup_nor_control() -> None:
    text = drawn(full_report(HOSTILE), width=300)
    assert "[bold]x[/]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    coloured = drawn(full_report(HOSTILE), width=300, colour=True)
    assert "\x1b[2J" not in coloured
    assert "\x1b[1m" in coloured


def test_a_run_without_trials_says_so() -> None:
    assert drawn(bare_report()) == "empty: 0 questions\n\n• Nothing has been asked yet.\n"


def test_the_plot_has_one_scale_for_all_series() -> None:
    """Ends of intervals are .45 and .65: the scale runs from 40 to 70 %, 41 cells; .5 stands a third of the way."""
    lines = [line.plain for line in plot_lines((EFFECT,), width=54)]
    assert lines[1] == "r1 20 passages"
    assert lines[3].index("●") - lines[3].index("10") - 3 == round(40 / 3)
    assert [line[:4] for line in lines[2:5]] == ["   1", "  10", "  20"]
    assert lines[2].endswith("60.0 %")
    assert lines[-1].split() == ["40.0", "%", "70.0", "%"]


def test_the_plot_is_as_wide_as_there_is_room() -> None:
    for width in (20, 50, 80):
        assert max(len(line.plain) for line in list(plot_lines((EFFECT,), width=width))[2:]) <= width
    assert list(plot_lines((), width=80)) == []
