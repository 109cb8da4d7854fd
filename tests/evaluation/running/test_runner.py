import asyncio
from collections.abc import Callable

import pytest

from evaluation.running.runner import Rows, Standing, Work, lanes_for, run_trials
from evaluation.trials import TrialKey
from indexes.errors import RagError
from rag.answer import Reply
from rag.prompt import Prompt
from rag.scripted import ScriptedAnswerer
from tests.evaluation.building_work import MemoryRows, Noting, answered, arm, work

FAILED = Reply(None, None, "failed", error="the server is gone")


def run(what: Work, rows: Rows, *, lanes: int = 2, stopping: Callable[[], bool] = lambda: False) -> Standing:
    return asyncio.run(run_trials(what, rows, lanes=lanes, stopping=stopping))


def test_there_is_one_row_for_each_arm_example_and_sample() -> None:
    rows = MemoryRows()
    standing = run(work({"edges": "ab", "middle": "ba"}, examples=3, samples=2), rows)
    wanted = {TrialKey(a, f"q{q}", s) for a in ("edges", "middle") for q in range(3) for s in range(2)}
    assert set(rows.rows) == wanted
    assert (standing.done, standing.total, standing.asked, standing.failed) == (12, 12, 12, 0)
    assert (standing.prompt, standing.cached, standing.completion) == (120, 48, 24)


def test_what_is_answered_is_not_asked_again() -> None:
    rows, who = MemoryRows(), Noting(answered)
    run(work({"edges": "ab"}, answerer=who), rows)
    again = run(work({"edges": "ab", "middle": "ba"}, answerer=who), rows)
    assert len(who.prompts) == 6
    assert (again.asked, again.done) == (3, 6)
    assert run(work({"edges": "ab", "middle": "ba"}, answerer=who), rows).asked == 0


def test_failed_trials_are_rows_and_are_asked_again() -> None:
    rows = MemoryRows()
    broken = Noting(lambda prompt: FAILED if "question 1?" in prompt.question else answered(prompt))
    standing = run(work({"edges": "ab"}, answerer=broken), rows)
    assert (standing.failed, standing.done) == (1, 2)
    assert rows.rows[TrialKey("edges", "q1", 0)].error == "the server is gone"
    assert run(work({"edges": "ab"}), rows).asked == 1
    assert rows.rows[TrialKey("edges", "q1", 0)].finish == "answered"
    assert rows.rows[TrialKey("edges", "q1", 0)].attempts == 2


def test_a_server_that_is_gone_ends_the_run_and_what_was_answered_stays() -> None:
    rows, replies = MemoryRows(), 0

    def until_five(prompt: Prompt) -> Reply:
        nonlocal replies
        replies += 1
        return answered(prompt) if replies <= 5 else FAILED

    with pytest.raises(RagError, match=r"the server is gone.*goes on"):
        run(work({"edges": "ab"}, examples=100, answerer=Noting(until_five)), rows)
    assert len(rows.finished()) == 5
    assert len(rows.rows) < 20


def test_arms_that_cannot_be_had_are_rows_with_their_reason() -> None:
    rows = MemoryRows()
    standing = run(work({"edges": "ab", "gold": "gold was not retrieved"}, examples=2), rows)
    row = rows.rows[TrialKey("gold", "q0", 0)]
    assert (row.finish, row.reason) == ("not_applicable", "gold was not retrieved")
    assert (standing.done, standing.asked) == (4, 2)


def test_nothing_retrieved_is_a_refusal_without_a_request() -> None:
    rows, who = MemoryRows(), Noting(answered)
    run(work({"edges": []}, examples=1, answerer=who), rows)
    assert rows.rows[TrialKey("edges", "q0", 0)].finish == "refused"
    assert not who.prompts


def test_closed_book_asks_without_passages() -> None:
    rows, who = MemoryRows(), Noting(answered)
    run(work({"closed_book": []}, examples=1, answerer=who), rows)
    [prompt] = who.prompts
    assert prompt.template == "closed_book"
    assert "passages>" not in prompt.messages[0].content


def test_stopping_lets_what_is_in_flight_end() -> None:
    rows, who = MemoryRows(), Noting(answered)
    run(work({"edges": "ab"}, examples=50, answerer=who), rows, stopping=lambda: len(who.prompts) >= 4)
    assert len(rows.rows) == len(who.prompts)
    assert 4 <= len(rows.rows) <= 6


@pytest.mark.parametrize(("examples", "arms"), [(40, 1), (1, 40), (5, 8)])
def test_all_lanes_have_work_as_long_as_there_is_any(examples: int, arms: int) -> None:
    who = Noting(answered)
    rows = MemoryRows()
    run(work({f"arm {at}": "ab" for at in range(arms)}, examples=examples, answerer=who), rows, lanes=4)
    assert who.most == 4
    assert len(rows.rows) == 40


def test_every_trial_has_a_seed_of_its_own_and_the_same_in_another_run() -> None:
    both = [arm("edges"), arm("middle"), arm("again", copy=1)]
    contexts = {"edges": "ab", "middle": "ba", "again": "ab"}
    runs = []
    for _ in range(2):
        rows = MemoryRows()
        run(work(contexts, examples=3, samples=2, arms=both), rows)
        runs.append({key: trial.seed for key, trial in rows.rows.items()})
    assert runs[0] == runs[1]
    assert len(set(runs[0].values())) == len(runs[0]) == 18
    assert all(0 <= seed < 2**31 for seed in runs[0].values())


def test_what_failed_before_is_asked_after_all_that_was_never_asked() -> None:
    rows, who = MemoryRows(), Noting(lambda prompt: FAILED if "question 0?" in prompt.question else answered(prompt))
    asked = 0

    def stop_after_two() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    run(work({"edges": "ab"}, examples=5, answerer=who), rows, lanes=1, stopping=stop_after_two)
    who.prompts.clear()
    run(work({"edges": "ab"}, examples=5, answerer=who), rows, lanes=1)
    assert [prompt.question for prompt in who.prompts] == [f"question {n}?" for n in (2, 3, 4, 0)]


def test_a_model_in_this_process_is_asked_one_after_the_other() -> None:
    assert lanes_for([ScriptedAnswerer(["yes"])], 16) == 1
