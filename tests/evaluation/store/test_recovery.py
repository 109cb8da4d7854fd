"""Damage is noticed, and what is whole is copied."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from evaluation.store import Recovered, open_run, recover, resume_run
from indexes.errors import RagError, RequestError
from tests.evaluation.store.building import candidates, example, failed, filled, trial

PAGE = 4096
EXAMPLES = 100


def damage(path: Path, pages: range | list[int], *, seed: int = 1) -> None:
    """Overwrites pages, counted from 0."""
    noise = random.Random(seed)
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(noise.randbytes(PAGE))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a run with 400 trials, to be copied."""
    path = tmp_path_factory.mktemp("whole") / "position.rag-run"
    filled(path, EXAMPLES).close()
    return path


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """The file of a run with 400 trials."""
    return Path(shutil.copy(whole, tmp_path))


def test_whole_run_is_recovered_whole(run: Path, tmp_path: Path) -> None:
    before = run.read_bytes()
    with resume_run(run) as store:
        store.put(failed(0, "closed_book"))
        store.put(failed(0, "closed_book"))
    target = tmp_path / "again" / "new.rag-run"
    assert recover(run, target) == Recovered(trials=401, examples=100, lost_estimate=0)
    with open_run(run) as old, open_run(target) as new:
        assert list(new.trials()) == list(old.trials())
        assert [each.attempts for each in new.trials()] == [each.attempts for each in old.trials()]
        assert new.examples() == old.examples()
        assert new.candidates("q7") == old.candidates("q7")
        assert new.manifest == old.manifest
    assert len(run.read_bytes()) == len(before)


def test_rows_still_in_the_log_are_recovered_too(run: Path, tmp_path: Path) -> None:
    with resume_run(run) as store:
        store.add_example(example(100), candidates(100))
        store.put(trial(100))
        target = tmp_path / "new.rag-run"
        assert recover(run, target).trials == 401
    with open_run(target) as new:
        assert new.trial(trial(100).key) == trial(100)


@pytest.mark.parametrize("seed", range(8))
def test_most_rows_outlive_pages_overwritten_in_the_middle_and_none_is_invented(
    seed: int, run: Path, tmp_path: Path
) -> None:
    pages = run.stat().st_size // PAGE
    hit = random.Random(seed).sample(sorted(set(range(pages // 3, pages)) - _roots(run)), 3)
    damage(run, hit, seed=seed)
    broken = run.read_bytes()
    with pytest.raises(RequestError, match=r"run 'position' is damaged: .*rag eval recover .*position\.rag-run$"):
        resume_run(run)
    target = tmp_path / "new.rag-run"
    found = recover(run, target)
    assert run.read_bytes() == broken
    with open_run(target) as new:
        trials = list(new.trials())
        assert len(trials) == found.trials
        assert found.trials + found.lost_estimate <= 400
        assert found.trials >= 300
        for each in trials:
            assert each == trial(int(each.key.example[1:]), each.key.arm, each.key.sample)
        assert len(new.examples()) == found.examples
        for known in new.examples():
            number = int(known.id[1:])
            assert known == example(number)
            assert new.candidates(known.id) == candidates(number)
    with resume_run(target) as store:  # and the rest can be asked again
        there = {each.id for each in store.examples()}
        for number in range(EXAMPLES):
            if f"q{number}" not in there:
                store.add_example(example(number), candidates(number))
        for number in range(EXAMPLES):
            for arm in ("best_first", "edges"):
                for sample in range(2):
                    wanted = trial(number, arm, sample)
                    if wanted.key not in store.finished():
                        store.put(wanted)
        assert len(list(store.trials())) == 400


def _roots(path: Path) -> set[int]:
    """Pages, counted from 0, without which a whole table is lost."""
    with closing(sqlite3.connect(path)) as database:
        return {root - 1 for (root,) in database.execute("SELECT rootpage FROM sqlite_schema")}


@pytest.mark.parametrize("table", ["trials", "examples", "passages", "trials_by_key", "manifest"])
def test_lost_table_is_an_error_with_a_remedy_never_an_empty_run(table: str, run: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(run)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    damage(run, [root - 1])
    with pytest.raises(RequestError, match=r"is damaged: .*rag eval recover"), open_run(run) as store:
        list(store.trials())
    target = tmp_path / "new.rag-run"
    if table == "manifest":
        with pytest.raises(RequestError, match="is damaged"):
            recover(run, target)
        assert not target.exists()
    else:
        found = recover(run, target)
        kept = 400 if table == "trials_by_key" else 0
        assert (found.trials, found.lost_estimate) == (kept, 400 - kept)


@pytest.mark.parametrize("column", ["outcome", "reasoning", "context", "finish", "sample"])
def test_changed_content_that_sqlite_cannot_notice_is_noticed(column: str, run: Path, tmp_path: Path) -> None:
    values = {"outcome": "{}", "reasoning": b"x", "context": "[1]", "finish": "refused", "sample": 77}
    with closing(sqlite3.connect(run)) as database, database:
        database.execute(f"UPDATE trials SET {column} = ? WHERE row = 9", (values[column],))  # noqa: S608
    with open_run(run) as store, pytest.raises(RequestError, match=r"has changed; copy what can .*rag eval recover"):
        list(store.trials())
    found = recover(run, tmp_path / "new.rag-run")
    assert found == Recovered(trials=399, examples=100, lost_estimate=1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE passages SET text = x'00' WHERE row = 30",
        "UPDATE passages SET origin = '{}' WHERE row = 30",
        "DELETE FROM passages WHERE row = 30",
        "UPDATE examples SET candidates = '{}' WHERE row = 8",
        "UPDATE examples SET example = '{}' WHERE row = 8",
        "DELETE FROM examples WHERE row = 8",
    ],
)
def test_example_without_all_its_passages_is_lost_with_its_trials(change: str, run: Path, tmp_path: Path) -> None:
    """Rows 29 to 32 of the passages are those of row 8 of the examples, q7."""
    with closing(sqlite3.connect(run)) as database, database:
        database.execute(change)
    found = recover(run, tmp_path / "new.rag-run")
    assert found == Recovered(trials=396, examples=99, lost_estimate=4)
    with open_run(tmp_path / "new.rag-run") as store:
        assert "q7" not in {each.id for each in store.examples()}
    with open_run(run) as store, pytest.raises(RagError, match=r"rag eval recover|no example 'q7'"):
        store.candidates("q7")


def test_recovery_never_overwrites(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="wanted a new run"):
        recover(run, run)
    with pytest.raises(RequestError, match="no other in that folder"):
        recover(tmp_path / "x" / "a.rag-run", tmp_path / "new.rag-run")
