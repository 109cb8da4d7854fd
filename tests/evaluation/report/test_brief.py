"""What a terminal shows: short tables, grouped rows, names that break at spaces alone."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from evaluation.analysis.numbers import percent
from evaluation.analysis.values import ArmParts, CellResult, Report, Spent
from evaluation.report.brief import brief_tables
from evaluation.report.drawn import table_lines
from evaluation.report.grouping import Row, grouped, without_common_words
from evaluation.report.plot import plot_lines
from evaluation.report.table import Table
from evaluation.report.terminal import render
from evaluation.statistics.interval import Interval
from evaluation.statistics.single import wilson
from tests.evaluation.report.building_text import COMPARISON, EFFECT, bare_report, full_report

NUMBERS = ("share", "95 %", "n")


def lines_of(table: Table, width: int = 80) -> list[str]:
    return [line.plain for line in table_lines(table, width=width)]


def cell(arm: str, value: float, *, metric: str = "sub_span", n: int = 100, **finish: int) -> CellResult:
    return CellResult(arm, metric, value, Interval(value - 0.1, value + 0.1), n, finish or {"answered": n})


def position_report() -> Report:
    """A series of three positions, asked at each 200 times, and a bound."""
    arms = [point.arm for point in EFFECT.points]
    cells = [cell(arm, 0.5, n=200, answered=198, refused=2) for arm in arms]
    cells += [cell(arm, value, metric="token_f1", n=200) for arm, value in zip(arms, (0.1, 0.2, 0.6), strict=True)]
    cells += [cell("closed_book", 0.2), cell("closed_book", 0.1, metric="token_f1")]
    inner = [replace(COMPARISON, arm=arm, baseline=arms[0]) for arm in arms[1:]]
    spent = [Spent(arm, tokens, None, None, None) for arm, tokens in zip(arms, (100.0, 200.0, None), strict=True)]
    return replace(bare_report(), cells=tuple(cells), comparisons=tuple(inner), positions=(EFFECT,), spent=tuple(spent))


def test_a_series_of_positions_is_one_row_and_its_pairs_are_not_listed() -> None:
    """Means: token_f1 (.1 + .2 + .6) / 3 = .3; thinking tokens of the two arms that know them 150; 594 answered."""
    tables = {table.title: table for table in brief_tables(position_report())}
    assert not [title for title in tables if "against" in title]
    assert tables["sub_span"].rows == (("closed_book", "20.0 %", "[10.0, 30.0]", "100"),)
    assert tables["Other metrics, on average"].rows == (("r1 20 passages", "30.0 %"), ("closed_book", "10.0 %"))
    assert tables["How the trials ended"].rows == (("r1 20 passages", "594", "6"), ("closed_book", "100", "0"))
    title = "Spent on a trial, on average: all positions together"
    assert tables[title].rows == (("r1 20 passages", "150"),)


def test_trials_that_all_ended_alike_need_no_table() -> None:
    report = replace(bare_report(), cells=(cell("edges", 0.5), cell("middle", 0.4)))
    assert [table.title for table in brief_tables(report)] == ["sub_span"]


def test_arms_stand_below_what_they_share() -> None:
    arms = [("5 passages", "edges"), ("20 passages", "edges"), ("5 passages", "middle"), ("20 passages", "middle")]
    report = replace(
        bare_report(),
        cells=tuple(cell(f"{own} {group}", 0.5) for group, own in arms),
        comparisons=tuple(
            replace(COMPARISON, arm=f"middle {group}", baseline=f"edges {group}")
            for group in ("5 passages", "20 passages")
        ),
        parts=tuple(ArmParts(f"{own} {group}", group, own) for group, own in arms),
    )
    values, compared = brief_tables(report)
    assert values.groups == ("5 passages", "5 passages", "20 passages", "20 passages")
    names = [line[:10].rstrip() for line in lines_of(values)]
    assert names == ["arm", "5 passages", "  edges", "  middle", "20 passage", "  edges", "  middle"]
    assert compared.title == "sub_span against edges: middle"
    assert [row[0] for row in compared.rows] == ["5 passages", "20 passages"]
    assert compared.names == 1


def test_a_group_of_all_rows_goes_into_the_title() -> None:
    rows = [Row("think 512", name, f"{name} think 512", (name,)) for name in ("edges", "middle")]
    made = grouped(Table("values", ("arm",), ()), rows, [(), ()])
    assert (made.title, made.rows, made.groups) == ("values: think 512", (("edges",), ("middle",)), ())


def test_groups_of_one_row_each_are_none() -> None:
    rows = [Row("think 512", "edges", "edges think 512", ()), Row("no_think", "middle", "middle no_think", ())]
    made = grouped(Table("values", ("arm",), ()), rows, [(), ()])
    assert (made.rows, made.groups) == ((("edges think 512",), ("middle no_think",)), ())


def test_words_that_all_names_begin_with_go_into_the_title() -> None:
    table = Table("values", ("series", "n"), (("r1 10 passages", "1"), ("r1 10 tokens", "2")))
    made = without_common_words(table)
    assert (made.title, made.rows) == ("values: r1 10", (("passages", "1"), ("tokens", "2")))
    same = Table("values", ("series", "n"), (("r1", "1"), ("r1 10", "2")))
    assert without_common_words(same) == same


@pytest.mark.parametrize("width", [40, 48, 60, 80])
def test_names_break_at_spaces_alone(width: int) -> None:
    name = "gold_at_depth(depth=0.25) 10 passages think free"
    table = Table("t", ("arm", *NUMBERS), ((name, "54.2 %", "[49.5, 58.8]", "441"),))
    lines = lines_of(table, width)
    words = [word for line in lines for word in line.split()]
    assert set(name.split()) <= set(words)
    assert max(map(len, lines)) <= width


def test_columns_that_do_not_fit_follow_in_another_block() -> None:
    headings = tuple(f"metric{number}" for number in range(6))
    table = Table("t", ("arm", *headings), (("best_first", *"123456"), ("edges", *"234567")))
    lines = lines_of(table, 40)
    assert [line.split()[0] for line in lines] == ["arm", "best_first", "edges"] * 2
    assert " ".join(" ".join(lines[row].split()[1:]) for row in (1, 4)) == "1 2 3 4 5 6"


def test_headings_break_behind_underscores() -> None:
    lines = lines_of(Table("t", ("arm", "unfinished_thinking"), (("edges", "1.0 %"),)))
    assert lines == ["arm    unfinished_", "          thinking", "edges        1.0 %"]


def test_lines_have_no_blanks_at_their_end() -> None:
    file = io.StringIO()
    Console(file=file, width=60).print(render(full_report()))
    assert not [line for line in file.getvalue().splitlines() if line != line.rstrip()]


def test_the_a_a_check_is_one_sentence_beside_the_verdicts() -> None:
    file = io.StringIO()
    Console(file=file, width=200).print(render(full_report()))
    line = next(line for line in file.getvalue().splitlines() if "A/A" in line)
    assert line.startswith("• A/A, best_first asked twice: 4.0 % of the questions come out otherwise, −0.2 points, p =")
    most = percent(wilson(0.04 * 441, 441).high)
    assert line.endswith(
        f"n = 441: no more than {most} of them would (95 %) with this arm; others were not asked twice"
    )


def test_series_of_the_same_positions_stand_beside_each_other_on_one_scale() -> None:
    other = replace(EFFECT, series="qwen 20 passages")
    lines = [line.plain for line in plot_lines((EFFECT, other), width=80)]
    assert lines[1].split("  ")[-1] == "qwen 20 passages"
    assert [line.count("●") for line in lines] == [0, 0, 2, 2, 2, 0]
    left, right = lines[2][5:].split(" %  ")
    assert left == right.removesuffix(" %")
    assert max(map(cell_len, lines)) <= 80
    alone = [line.plain for line in plot_lines((EFFECT, other), width=40)]
    assert [line.count("●") for line in alone].count(1) == 6
