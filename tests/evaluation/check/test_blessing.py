"""`bless`: what is asked, what is written, and what is refused."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.check.baseline import read_baseline
from evaluation.check.judging import exit_status
from evaluation.check.sittings import MAIN
from evaluation.check.values import Baseline
from evaluation.store import resume_run
from evaluation.store.errors import RunBusyError
from indexes.errors import RagError, RequestError
from tests.cli.eval.endpoint import Endpoint
from tests.evaluation.check.building_projects import (
    DOWN,
    EXTRACTIVE,
    HARBOURS,
    MOMENT,
    N,
    Project,
    metric,
    right,
    since,
    wrong,
    wrong_for,
    year,
)


def read(path: Path) -> Baseline:
    found = read_baseline(path)
    assert found
    return found


@pytest.fixture
def thrice(project: Project, server: Endpoint) -> Project:
    """The project whose `bless` asks each question three times."""
    project.answered_by(server, repeats=3)
    return project


def test_each_question_is_asked_as_often_as_said_and_all_replies_are_kept(thrice: Project, server: Endpoint) -> None:
    blessing = thrice.bless(" why not \n")
    assert sorted(since(server)) == sorted(HARBOURS * 3)
    assert len({body["seed"] for body in server.questions}) == 3 * N
    kept = read(thrice.config.baseline)
    assert (kept.reason, kept.blessed) == ("why not", MOMENT.isoformat(timespec="seconds"))
    assert [len(one.replies) for one in kept.result.outcomes] == [3] * N
    assert all(reply.values == {"sub_span": 1.0} for one in kept.result.outcomes for reply in one.replies)
    assert blessing.checked.baseline is None
    assert thrice.check().verdict == "pass"
    assert len(server.questions) == 3 * N + N


def test_a_drop_against_several_repeats_is_found(thrice: Project, server: Endpoint) -> None:
    thrice.bless()
    server.answer = wrong
    checked = thrice.check()
    assert (checked.verdict, checked.confirmed) == ("regressed", True)
    assert len(server.questions) == 5 * N


def test_failed_replies_are_not_blessed_and_only_they_are_asked_again(thrice: Project, server: Endpoint) -> None:
    server.status = lambda asked: 500 if asked in (4, 20) else 200
    with pytest.raises(RagError, match=r"2 replies failed: .*; nothing was blessed, and the same command asks only"):
        thrice.bless()
    assert not thrice.config.baseline.exists()
    assert not thrice.config.anchor.exists()
    failed = {since(server)[4], since(server)[20]}
    before = len(server.questions)
    thrice.bless()
    assert before == 3 * N
    assert set(since(server, before)) == failed
    assert len(server.questions) == 3 * N + 2
    assert [len(one.replies) for one in read(thrice.config.baseline).result.outcomes] == [3] * N


def test_a_server_that_goes_away_leaves_the_baseline_of_before(thrice: Project, server: Endpoint) -> None:
    thrice.bless()
    before = thrice.config.baseline.read_bytes()
    begun = len(server.questions)
    server.status = lambda asked: 200 if asked < begun + 5 else 500
    with pytest.raises(RagError, match="nothing was blessed"):
        thrice.bless("second")
    assert thrice.config.baseline.read_bytes() == before
    server.status = lambda _: 200
    begun = len(server.questions)
    thrice.bless("second")
    assert len(server.questions) == begun + 3 * N - 5
    assert read(thrice.config.baseline).reason == "second"


def test_a_server_that_is_down_blesses_nothing(thrice: Project, server: Endpoint) -> None:
    thrice.bless()
    before = thrice.config.baseline.read_bytes()
    thrice.configure(DOWN)
    with pytest.raises(RagError, match="nothing was blessed") as refused:
        thrice.bless("second")
    assert not isinstance(refused.value, RequestError)
    assert thrice.config.baseline.read_bytes() == before


def test_what_was_stopped_or_had_no_time_goes_on(thrice: Project, server: Endpoint) -> None:
    with pytest.raises(KeyboardInterrupt):
        thrice.bless(wishes={"stopping": lambda: nullcontext(lambda: len(server.questions) >= 7)})
    with pytest.raises(RagError, match=f"{3 * N - 7} replies were not asked; nothing was blessed"):
        thrice.bless(wishes={"seconds": 0})
    assert not thrice.config.baseline.exists()
    thrice.bless()
    assert len(server.questions) == 3 * N


def test_a_further_blessing_asks_everything_anew(thrice: Project, server: Endpoint) -> None:
    thrice.bless()
    server.answer = wrong_for("Corva")
    blessing = thrice.bless("second")
    assert len(server.questions) == 6 * N
    assert metric(blessing.checked, "end_to_end", "sub_span").lost == ("corva",)
    assert thrice.check().verdict == "pass"


def test_answers_without_chance_are_asked_for_once(project: Project) -> None:
    project.configure(EXTRACTIVE + "repeats = 3\n")
    project.bless()
    kept = read(project.config.baseline)
    assert kept.result.exact
    assert [len(one.replies) for one in kept.result.outcomes] == [1] * N
    checked = project.check()
    assert metric(checked, "end_to_end", "sub_span").basis == "identical"
    assert metric(checked, "end_to_end", "sub_span").low is None


def test_the_anchor_is_written_once_and_moved_only_where_that_is_wanted(project: Project) -> None:
    assert project.bless("first").anchored
    anchor = project.config.anchor.read_bytes()
    assert anchor == project.config.baseline.read_bytes()
    project.document("Corva").unlink()
    assert not project.bless("second").anchored
    assert project.config.anchor.read_bytes() == anchor
    checked = project.check()
    assert checked.verdict == "pass"
    assert checked.anchor
    assert checked.anchor.reason == "first"
    assert any(warning.startswith("drift: recall@2 is 8.3 points worse") for warning in checked.warnings)
    assert project.bless("third", anchor=True).anchored
    assert project.config.anchor.read_bytes() == project.config.baseline.read_bytes()
    assert project.check().anchor is None


@pytest.mark.parametrize("damage", ["<<<<<<< HEAD\n", "", '{"ragcheck": 99}\n'])
def test_a_damaged_baseline_stops_a_check_and_can_be_blessed_over(project: Project, damage: str) -> None:
    project.bless()
    project.config.baseline.write_text(damage)
    with pytest.raises(RequestError, match=r"ragcheck\.baseline\.jsonl"):
        project.check()
    notes: list[str] = []
    blessing = project.bless("repaired", wishes={"note": notes.append})
    assert (blessing.checked.baseline, blessing.anchored) == (None, False)
    assert any(note.startswith("not compared with the baseline of before") for note in notes)
    assert exit_status(project.check()) == 0


def test_a_damaged_anchor_stops_a_check_and_can_be_blessed_over(project: Project) -> None:
    project.bless()
    project.config.anchor.write_text("<<<<<<< HEAD\n")
    with pytest.raises(RequestError, match="rag check bless --anchor"):
        project.check()
    assert project.bless("repaired", anchor=True).anchored
    assert exit_status(project.check()) == 0


def test_texts_of_answers_are_kept_only_where_that_is_wanted(answering: Project) -> None:
    answering.bless()
    assert "It was dug in" not in answering.config.baseline.read_text()
    answering.bless("with answers", with_answers=True)
    kept = read(answering.config.baseline)
    assert [one.replies[0].answer for one in kept.result.outcomes] == [
        f"It was dug in {year(harbour)} [1]." for harbour in HARBOURS
    ]
    assert answering.check().verdict == "pass"


def test_without_a_reason_nothing_is_asked(answering: Project, server: Endpoint) -> None:
    with pytest.raises(RequestError, match="wanted a reason"):
        answering.bless(" \n")
    assert not server.questions
    assert not answering.config.work.exists()


def test_nothing_of_a_baseline_hangs_on_how_many_were_asked_at_once(thrice: Project, server: Endpoint) -> None:
    one = thrice.bless(wishes={"lanes": 1}).baseline
    many = thrice.bless(wishes={"lanes": 8}).baseline

    def untimed(baseline: Baseline) -> Baseline:
        outcomes = tuple(
            replace(outcome, replies=tuple(replace(reply, seconds=None) for reply in outcome.replies))
            for outcome in baseline.result.outcomes
        )
        return replace(baseline, result=replace(baseline.result, outcomes=outcomes))

    assert untimed(one) == untimed(many)
    assert server.answer is right


def test_while_a_check_is_asking_nothing_is_written(blessed: Project, server: Endpoint) -> None:
    before = blessed.config.baseline.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        blessed.check(stopping=lambda: nullcontext(lambda: len(server.questions) >= 5))
    with resume_run(blessed.config.work / "check.open" / MAIN), pytest.raises(RunBusyError):
        blessed.bless("second")
    assert blessed.config.baseline.read_bytes() == before
