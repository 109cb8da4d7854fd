"""Figures: which there are, what they say, and that untrusted names stay text in them."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.analysis.values import Report
from evaluation.report.figures import Figure, figures, save_figures, svg
from tests.evaluation.report.building import PRIMARY, cell, comparison, position_effect, report

EVIL = "</svg><script>window.pwned=1</script>{{7*7}}&\"'"


def named(report: Report) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures(report)}


def said(figure: Figure) -> list[str]:
    """What the marks of a figure say to those who point at them or cannot see them."""
    return [mark.get("aria-label", "") for mark in elements(figure) if mark.get("aria-label")]


def elements(figure: Figure) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg(figure)).iter())  # noqa: S314 if it is not well-formed, the test fails


def bare(**more: object) -> Report:
    return replace(Report("run", 10, None, PRIMARY, (), ()), **more)  # type: ignore[arg-type]


def test_a_report_with_everything_has_all_figures() -> None:
    assert list(named(report())) == ["differences", "outcomes", "position", "position_length", "thinking"]


def test_an_empty_report_has_no_figure() -> None:
    assert figures(bare()) == ()


def test_figures_without_data_are_left_out() -> None:
    only_one_length = report(positions=report().positions[::2], comparisons=(), spent=())
    assert list(named(only_one_length)) == ["outcomes", "position"]


def test_no_thinking_figure_where_no_arm_thinks() -> None:
    quiet = tuple(replace(spent, thinking=0.0) for spent in report().spent)
    assert "thinking" not in named(report(spent=quiet))


def test_differences_are_sorted_with_the_largest_gain_on_top() -> None:
    drawn = svg(named(report())["differences"])
    labels = [text for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawn) if "(" in text or text.isidentifier()]
    arms = [label for label in labels if label in {"edges", "best_last", "middle", "shuffled(seed=0)"}]
    assert arms == ["edges", "shuffled(seed=0)", "best_last", "middle"]


def test_differences_show_the_primary_metric_only() -> None:
    secondary = replace(comparison("edges", 0.3, None), metric="token_f1", primary=False)
    words = said(named(report(comparisons=(comparison("edges", 0.011, 0.54), secondary)))["differences"])
    assert any("+1.1 points" in word for word in words)
    assert not any("30.0" in word for word in words)


def test_the_verdict_follows_the_adjusted_p() -> None:
    """.04 unadjusted is .12 adjusted: not shown."""
    not_shown = replace(comparison("edges", 0.05, 0.12), p=0.04)
    assert "higher" not in svg(named(report(comparisons=(not_shown,)))["differences"])
    assert "higher" in svg(named(report(comparisons=(comparison("edges", 0.05, 0.01),)))["differences"])


def test_an_incomplete_verdict_has_a_colour_of_its_own() -> None:
    hanging = replace(comparison("edges", 0.05, 0.01), verdict="incomplete: it hangs on outcomes that are missing")
    drawn = svg(named(report(comparisons=(hanging,)))["differences"])
    assert ">incomplete</text>" in drawn
    assert ">higher</text>" not in drawn


def test_baselines_are_named_in_the_rows_where_the_arm_alone_is_unclear() -> None:
    two = (comparison("b", 0.01, 1.0, baseline="a"), comparison("d", 0.02, 1.0, baseline="c"))
    drawn = svg(named(report(comparisons=two))["differences"])
    assert ">b</text>" in drawn
    assert ">Difference from its baseline in" in drawn
    twice = (two[0], comparison("b", 0.02, 1.0, baseline="c"))
    drawn = svg(named(report(comparisons=twice))["differences"])
    assert ">b − a</text>" in drawn
    assert ">b − c</text>" in drawn


def test_points_of_the_position_figure_say_value_interval_and_n() -> None:
    words = said(named(report())["position"])
    assert "r1-qwen-7b 20 passages, position 10: 59.0 % [54.5, 63.5], n = 200" in words


def test_one_series_needs_no_legend_and_one_position_more_no_line() -> None:
    alone = report(positions=(position_effect("m", "5 passages", {1: 0.5, 3: 0.4, 5: 0.5}),))
    drawn = svg(named(alone)["position"])
    assert "role-legend" not in drawn
    assert "position_length" not in named(alone)


def test_a_series_that_is_only_its_length_keeps_a_name() -> None:
    effects = tuple(
        position_effect("m", length, {1: 0.5, 3: 0.4}, series=length) for length in ("3 passages", "9 passages")
    )
    assert "position" in named(report(positions=effects))


def test_lengths_stay_in_the_order_of_the_report() -> None:
    effects = tuple(position_effect("m", length, {1: 0.5, 9: 0.4}) for length in ("9 passages", "100 passages"))
    drawn = svg(named(report(positions=effects))["position_length"])
    assert drawn.index(">9 passages<") < drawn.index(">100 passages<")


def test_outcomes_count_every_trial_of_an_arm() -> None:
    words = said(named(report(cells=(cell("edges", 0.5, {"answered": 3, "failed": 1, "empty": 0}),)))["outcomes"])
    assert "edges: answered 3 of 4 (75.0 %)" in words
    assert "edges: failed 1 of 4 (25.0 %)" in words
    assert not any("empty" in word for word in words)


def test_a_metric_that_is_no_share_is_not_shown_in_percent() -> None:
    costs = report(
        primary_metric="thinking_tokens",
        positions=(position_effect("m", "5 passages", {1: 0.5, 3: 0.4, 5: 0.5}),),
    )
    assert "%" not in re.sub(r"95 %", "", " ".join(said(named(costs)["position"])))


def test_names_from_data_stay_text() -> None:
    evil = report(
        cells=(cell(EVIL, 0.5, {"answered": 3}), cell("b", 0.4, {"answered": 3})),
        comparisons=(comparison(EVIL, 0.02, 0.5),),
        positions=tuple(position_effect(EVIL, length, {1: 0.5, 5: 0.4}) for length in ("5 passages", f"9 {EVIL}")),
        spent=tuple(replace(spent, arm=arm) for spent, arm in zip(report().spent, (EVIL, "b"), strict=False)),
    )
    drawn = figures(evil)
    assert len(drawn) == 5
    for figure in drawn:
        tags = {mark.tag.rpartition("}")[2] for mark in elements(figure)}
        assert tags <= {"svg", "g", "path", "rect", "line", "text", "defs", "linearGradient", "stop", "clipPath"}
        assert not any(name.rpartition("}")[2].startswith("on") for mark in elements(figure) for name in mark.attrib)


def test_an_svg_has_no_inline_style_and_no_id_of_another_figure() -> None:
    ids: list[str] = []
    for figure in figures(report()):
        drawn = svg(figure)
        assert "style=" not in drawn
        assert "<style" not in drawn
        own = re.findall(r' id="([^"]*)"', drawn)
        assert set(re.findall(r"url\(#([^)]*)\)", drawn)) <= set(own)
        ids += own
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("format_", ["png", "svg"])
def test_saved_figures_are_files_of_that_format(format_: str, tmp_path: Path) -> None:
    drawn = figures(report())[:2]
    paths = save_figures(drawn, tmp_path / "figures", formats=[format_])  # type: ignore[list-item]
    assert [path.name for path in paths] == [f"{figure.name}.{format_}" for figure in drawn]
    begins = {"png": b"\x89PNG", "svg": b"<svg"}[format_]
    assert all(path.read_bytes().startswith(begins) for path in paths)


def test_saved_figures_have_their_title(tmp_path: Path) -> None:
    (path,) = save_figures(figures(report())[:1], tmp_path, formats=["svg"])
    assert "Difference from the baseline" in path.read_text(encoding="utf-8")


def test_figures_are_the_same_each_time() -> None:
    first, second = ([svg(figure) for figure in figures(report())] for _ in range(2))
    assert first == second
