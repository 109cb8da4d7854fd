"""Tables: what stands in them."""

from dataclasses import replace

from evaluation.report.contract import contract
from evaluation.report.tables import Table, tables
from tests.evaluation.report.building_text import COMPARISON, EFFECT, HOSTILE, bare_report, full_report


def titled(tables_: tuple[Table, ...], title: str) -> Table:
    return next(table for table in tables_ if table.title.startswith(title))


def test_values_stand_with_their_intervals_and_n() -> None:
    table = titled(tables(full_report()), "sub_span")
    assert table.columns == ("arm", "share", "95 %", "n")
    assert table.rows[1] == ("edges", "54.2 %", "[49.5, 58.8]", "441")
    assert table.notes == ("sub_span: share of answers that contain a right answer.",)


def test_what_is_no_share_is_not_in_percent() -> None:
    table = titled(tables(full_report()), "latency")
    assert table.columns == ("arm", "mean", "95 %", "n")
    assert table.rows == (("best_first", "12.3", "[10.1, 14.5]", "441"), ("edges", "—", "—", "0"))
    compared = titled(tables(full_report()), "latency against best_first (secondary, not adjusted)")
    assert compared.columns == ("arm", "difference", "p", "+ / −", "n")
    assert compared.rows == (("edges", "+2.2 [1.1, 3.3]", ".54", "31 / 26", "441"),)


def test_comparisons_say_all_three_p_and_what_could_be_shown() -> None:
    table = titled(tables(full_report()), "sub_span against best_first")
    assert table.columns == ("arm", "points", "p", "exact", "Holm", "+ / −", "detects", "n")
    assert table.rows == (("edges", "+1.1 [−2.4, 4.6]", ".54", ".61", ".81", "31 / 26", "5.0", "441"),)
    assert table.notes[0] == "edges: no difference shown; underpowered"


def test_comparisons_with_several_baselines_name_them() -> None:
    report = replace(full_report(), comparisons=(COMPARISON, replace(COMPARISON, baseline="shuffled(seed=0)")))
    table = titled(tables(report), "sub_span against the baseline")
    assert [row[:2] for row in table.rows] == [("edges", "best_first"), ("edges", "shuffled(seed=0)")]
    assert table.names == 2


def test_the_position_of_the_evidence() -> None:
    made = tables(full_report())
    points = titled(made, "Accuracy by position")
    assert points.columns == ("series", "at 1", "at 10", "at 20", "n")
    assert points.rows == (("edges", "60.0 %", "50.0 %", "58.0 %", "200"),)
    effect = titled(made, "Effect of the position, in points (flat: within 5.0)")
    assert effect.rows == (("edges", "10.0", "3.0", "< .001", "< .001", "+9.0 [4.0, 14.0]", ".002", "15.3", "no"),)


def test_series_with_other_positions_get_another_table() -> None:
    report = replace(full_report(), positions=(EFFECT, replace(EFFECT, points=EFFECT.points[:2])))
    assert [table.columns for table in tables(report) if table.title.startswith("Accuracy by")] == [
        ("series", "at 1", "at 10", "at 20", "n"),
        ("series", "at 1", "at 10", "n"),
    ]


def test_depths_stand_in_the_table_as_the_arms_say_them() -> None:
    """Two of them may stand at the same position."""
    points = tuple(
        replace(point, position=2.0, label=f"depth {at}") for point, at in zip(EFFECT.points, (0, 0.25, 1), strict=True)
    )
    report = replace(full_report(), positions=(EFFECT, replace(EFFECT, points=points)))
    table = [table for table in tables(report) if table.title.startswith("Accuracy by")][1]
    assert table.columns == ("series", "depth 0", "depth 0.25", "depth 1", "n")


def test_what_an_interaction_could_have_shown_may_not_be_known() -> None:
    report = full_report()
    report = replace(report, interactions=(replace(report.interactions[0], detectable=None, p_adjusted=None),))
    assert "detects" not in titled(tables(report), "Reasoning × position").columns
    assert contract(report)["interaction"]["effects"][0]["detectable"] is None


def test_an_interaction_names_the_kind_of_the_twin() -> None:
    table = titled(tables(full_report()), "Reasoning × position")
    assert table.columns == ("reasoning", "twin", "kind", "difference", "p", "Holm", "detects", "n")
    assert table.rows == (("r1", "qwen", "same_base", "−5.0 [−11.0, 1.0]", ".090", ".18", "8.0", "200"),)
    assert "same_base: a model tuned from the same base." in table.notes


def test_order_repeats_outcomes_costs_and_what_is_left_out() -> None:
    made = tables(full_report())
    assert titled(made, "Sensitivity to order").rows == (("r1", "18.0 %", "11.0 %", "+7.0", ".004", "4", "2", "200"),)
    assert titled(made, "The same arm asked twice").rows == (("best_first", "4.0 %", "−0.2", ".77", "441"),)
    outcomes = titled(made, "How the trials ended")
    assert outcomes.columns == ("arm", "answered", "refused", "failed")
    assert outcomes.rows == (("best_first", "400", "30", "0"), ("edges", "400", "30", "2"))
    assert titled(made, "Spent").rows == (
        ("best_first", "812", "61.0", "4.2", "71.3 %"),
        ("edges", "—", "60.0", "—", "—"),
    )
    assert [row[1] for row in titled(made, "What does not count").rows] == ["12", "2", "40"]


def test_a_verdict_of_the_headline_is_not_said_again() -> None:
    verdict = "no difference shown; underpowered"
    for headline, notes in (
        ((f"edges vs best_first: +1.1 points: {verdict}",), 1),
        ((f"best_last vs best_first: +1.1 points: {verdict}", "edges vs best_first: higher"), 2),
    ):
        table = titled(tables(replace(full_report(), headline=headline)), "sub_span against best_first")
        assert len(table.notes) == notes


def test_every_cell_is_one_line_without_control_characters() -> None:
    made = tables(full_report(HOSTILE))
    texts = [text for table in made for text in (table.title, *table.columns, *sum(table.rows, ()), *table.notes)]
    assert any("alert(1)" in text for text in texts)
    assert not [text for text in texts if set(text) & set("\n\x1b\u202e")]
    assert all(len(row) == len(table.columns) for table in made for row in table.rows)


def test_a_run_without_trials_has_no_tables() -> None:
    assert tables(bare_report()) == ()
