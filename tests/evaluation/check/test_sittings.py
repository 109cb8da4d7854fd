"""A check that was stopped, or had no time left, goes on where it stopped; one that has ended never does."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest

from evaluation.check.checking import compare_last
from evaluation.check.judging import exit_status
from evaluation.check.sittings import MAIN
from evaluation.check.values import Checked, Reply
from tests.cli.eval.endpoint import Body, Endpoint, endpoint
from tests.cli.eval.starting import ROOT, wait_for
from tests.evaluation.check.building_projects import (
    DOWN,
    HARBOURS,
    N,
    Project,
    metric,
    question,
    right,
    rows,
    since,
    wrong,
)
from tests.evaluation.check.conftest import Clock

EARLY = [harbour for harbour in HARBOURS if harbour < "G"]
Stopping = Callable[[], AbstractContextManager[Callable[[], bool]]]


def after(asked: int, server: Endpoint) -> Stopping:
    """A user who stops the check when so many questions came."""
    return lambda: nullcontext(lambda: len(server.questions) >= asked)


def interrupt(project: Project, server: Endpoint, *, asked: int, **wishes: Any) -> None:
    """Checks until so many more questions came."""
    with pytest.raises(KeyboardInterrupt):
        project.check(stopping=after(len(server.questions) + asked, server), **wishes)


@pytest.mark.parametrize("lanes", [1, 4])
def test_stopped_in_the_middle_the_next_check_asks_the_rest(blessed: Project, server: Endpoint, lanes: int) -> None:
    interrupt(blessed, server, asked=5, lanes=lanes)
    stopped = len(server.questions)
    assert 5 <= stopped < 5 + lanes
    notes: list[str] = []
    checked = blessed.check(lanes=lanes, note=notes.append)
    assert checked.verdict == "pass"
    assert sorted(since(server)) == sorted(HARBOURS)
    assert len(set(rows(checked))) == len(rows(checked)) == N
    assert f"going on where the last run stopped: {stopped} replies are there already" in notes


def test_stopped_twice_it_still_asks_each_question_once(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=3)
    interrupt(blessed, server, asked=4)
    assert blessed.check().verdict == "pass"
    assert since(server) == list(HARBOURS)
    assert blessed.check().verdict == "pass"
    assert since(server, N) == list(HARBOURS)


def test_stopped_while_nothing_is_left_it_is_not_stopped(blessed: Project, server: Endpoint) -> None:
    assert blessed.check(stopping=after(N, server)).verdict == "pass"


def test_no_time_left_is_inconclusive_and_the_next_check_ends_it(
    blessed: Project, server: Endpoint, clock: Clock
) -> None:
    clock.up = lambda: len(server.questions) >= 5
    checked = blessed.check(seconds=60)
    assert (checked.verdict, checked.unasked, exit_status(checked)) == ("inconclusive", N - 5, 3)
    assert metric(checked, "end_to_end", "sub_span").basis == "out of time"
    assert len(rows(checked)) == 5
    assert compare_last(blessed.config).differences == ()
    checked = blessed.check()
    assert (checked.verdict, checked.unasked) == ("pass", 0)
    assert since(server) == list(HARBOURS)
    assert len(rows(checked)) == N


def test_no_time_at_all_never_passes(blessed: Project, server: Endpoint) -> None:
    checked = blessed.check(seconds=0)
    assert (checked.verdict, checked.unasked, server.questions) == ("inconclusive", N, [])
    assert exit_status(checked, "pass") == 3
    assert blessed.check().verdict == "pass"


def test_no_time_left_for_the_former_passages_is_made_up_for_next_time(
    blessed: Project, server: Endpoint, clock: Clock
) -> None:
    blessed.crowd("Aldin", "Brems", "Corva")
    clock.up = lambda: len(server.questions) >= N + 1
    checked = blessed.check(seconds=60)
    assert (checked.verdict, checked.unasked) == ("inconclusive", 2)
    assert metric(checked, "end_to_end", "sub_span").basis == "out of time"
    checked = blessed.check()
    assert (checked.verdict, checked.unasked) == ("pass", 0)
    assert since(server) == [*HARBOURS, "Aldin", "Brems", "Corva"]
    blessed.check()
    assert since(server, N + 3) == [*HARBOURS, "Aldin", "Brems", "Corva"]


def test_no_time_left_for_the_second_run_is_made_up_for_next_time(
    blessed: Project, server: Endpoint, clock: Clock
) -> None:
    server.answer = wrong
    clock.up = lambda: len(server.questions) >= N + 5
    checked = blessed.check(seconds=60)
    assert (checked.verdict, checked.unasked, checked.confirmed) == ("inconclusive", N - 5, None)
    checked = blessed.check()
    assert (checked.verdict, checked.unasked, checked.confirmed) == ("regressed", 0, True)
    assert since(server) == [*HARBOURS, *HARBOURS]
    server.answer = right
    assert blessed.check().verdict == "pass"
    assert len(server.questions) == 3 * N


def test_the_second_run_of_an_older_check_confirms_nothing(blessed: Project, server: Endpoint) -> None:
    server.answer = wrong
    assert blessed.check().confirmed is True
    interrupt(blessed, server, asked=5)
    server.answer = lambda body: (wrong if len(server.questions) <= 3 * N else right)(body)
    checked = blessed.check()
    assert (checked.verdict, checked.confirmed) == ("inconclusive", False)
    assert len(server.questions) == 4 * N


def test_answers_over_former_passages_of_an_older_check_are_asked_anew(blessed: Project, server: Endpoint) -> None:
    blessed.crowd("Aldin", "Brems", "Corva")
    blessed.check()
    interrupt(blessed, server, asked=5)
    blessed.check()
    assert since(server) == [*HARBOURS, "Aldin", "Brems", "Corva"] * 2


def test_stopped_by_the_last_question_of_the_first_run_the_second_one_is_not_begun(
    blessed: Project, server: Endpoint
) -> None:
    flags: list[bool] = []

    @contextmanager
    def stopping() -> Iterator[Callable[[], bool]]:
        flags.append(False)  # nothing was pressed since this was entered
        yield lambda: flags[-1]

    def answer(body: Body) -> str:
        flags[-1] = len(server.questions) == N  # Ctrl-C while the last one is in flight
        return wrong(body)

    server.answer = answer
    with pytest.raises(KeyboardInterrupt):
        blessed.check(stopping=stopping)
    assert len(server.questions) == N
    server.answer = wrong
    assert blessed.check().confirmed is True
    assert len(server.questions) == 2 * N


def test_blessing_discards_what_is_open(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=5)
    blessed.bless("second")
    before = len(server.questions)
    assert before == 5 + N
    assert blessed.check().verdict == "pass"
    assert since(server, before) == list(HARBOURS)


def test_blessing_discards_what_is_open_of_some_tags_too(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=2, tags=("early",))
    blessed.bless("second")
    before = len(server.questions)
    assert blessed.check(tags=("early",)).verdict == "pass"
    assert since(server, before) == EARLY


def test_documents_that_changed_meanwhile_are_asked_about_anew(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=5)
    page = blessed.document("Lomard")
    page.write_text(page.read_text() + "\nIn winter it is closed.\n")
    checked = blessed.check()
    assert checked.baseline
    assert "corpus" in checked.baseline.changed
    assert since(server)[5 : 5 + N] == list(HARBOURS)
    assert len(rows(checked)) == N


def test_a_question_that_was_edited_meanwhile_is_asked_anew_and_told_as_added(
    blessed: Project, server: Endpoint
) -> None:
    interrupt(blessed, server, asked=5)
    lines = [question(harbour) for harbour in HARBOURS]
    lines[1]["question"] = "In which year was the harbour of Brems dug?"
    blessed.write_questions(lines)
    checked = blessed.check()
    assert checked.baseline
    assert checked.baseline.added == ("brems",)
    assert since(server, 5) == list(HARBOURS)
    assert [body["messages"][-1]["content"] for body in server.questions[5:]][1].count("In which year")


def test_a_check_of_some_tags_leaves_the_open_one_of_all_alone(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=5)
    checked = blessed.check(tags=("early",))
    assert (checked.verdict, checked.n) == ("pass", len(EARLY))
    assert checked.baseline
    assert (checked.baseline.added, checked.baseline.removed) == ((), ())
    assert since(server, 5) == EARLY
    compared = compare_last(blessed.config)
    assert compared.differences == ()
    assert compared.ids == {harbour.lower() for harbour in EARLY}
    before = len(server.questions)
    assert blessed.check().n == N
    assert since(server, before) == list(HARBOURS[5:])
    assert compare_last(blessed.config).ids == {harbour.lower() for harbour in HARBOURS}


def test_a_check_of_all_leaves_the_open_one_of_some_tags_alone(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=2, tags=("early",))
    blessed.check()
    before = len(server.questions)
    blessed.check(tags=("early",))
    assert since(server, before) == EARLY[2:]


@pytest.mark.parametrize("answers", [DOWN, ""])
def test_a_check_in_which_nobody_is_asked_leaves_what_is_open(blessed: Project, server: Endpoint, answers: str) -> None:
    interrupt(blessed, server, asked=5)
    blessed.configure(answers)
    assert blessed.check().path is None
    blessed.answered_by(server)
    assert blessed.check().verdict == "pass"
    assert since(server) == list(HARBOURS)


def test_a_sitting_that_is_damaged_is_asked_anew(blessed: Project, server: Endpoint) -> None:
    interrupt(blessed, server, asked=5)
    path = blessed.config.work / "check.open" / MAIN
    assert path.exists()
    path.write_bytes(b"no run at all")
    assert blessed.check().verdict == "pass"
    assert since(server, 5) == list(HARBOURS)


def test_with_a_sitting_that_is_damaged_goes_what_was_asked_after_it(blessed: Project, server: Endpoint) -> None:
    server.answer = wrong
    interrupt(blessed, server, asked=N + 5)
    (blessed.config.work / "check.open" / MAIN).write_bytes(b"no run at all")
    assert blessed.check().confirmed is True
    assert since(server, N + 5) == [*HARBOURS, *HARBOURS]


KILLED = """
import sys
from pathlib import Path
from tests.evaluation.check.building_projects import Project
Project(Path(sys.argv[1])).check(lanes=3)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_in_the_middle_it_ends_as_one_that_was_not(answering: Project) -> None:
    def said(checked: Checked) -> list[tuple[Reply, ...]]:
        return [
            tuple(Reply(one.finish, one.values, one.answer, one.cited) for one in outcome.replies)
            for outcome in checked.current.outcomes
        ]

    with endpoint(answer=right, delay=0.05) as server:
        answering.answered_by(server)
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(answering.path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )
        wait_for(lambda: len(server.questions) >= 6, process)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it was done before it was killed"
        resumed = answering.check(lanes=3)
        assert N <= len(server.questions) <= N + 3
        kept = rows(resumed)
        assert len(set(kept)) == len(kept) == N
        before = len(server.questions)
        whole = answering.check(lanes=3)
        assert len(server.questions) == before + N
    assert said(resumed) == said(whole)
    assert kept == rows(whole)
