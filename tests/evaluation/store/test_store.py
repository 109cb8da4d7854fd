"""What is put into a run comes out of it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.must import Must
from evaluation.run import Manifest, Run
from evaluation.store import RunStore, create_run, open_run, resume_run
from evaluation.store.manifest import manifest_from_json, manifest_to_json
from evaluation.store.rows import TrialRow, checksum, context_of, trial_of, trial_row
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.errors import RagError, RequestError, UnknownNameError
from rag.answer import Timings, Usage
from tests.evaluation.store.building import (
    ARMS,
    KEY,
    candidates,
    example,
    failed,
    filled,
    manifest,
    passage,
    trial,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a run may be made; its folder is not there yet."""
    return tmp_path / "rag-runs" / "position-3fa2c1.rag-run"


@pytest.fixture
def store(path: Path) -> Iterator[RunStore]:
    """A run of three examples and twelve trials, open for writing."""
    with filled(path) as store:
        yield store


def without_key() -> Manifest:
    """The manifest as it must come back."""
    made = manifest()
    subjects = tuple(replace(each, choice=replace(each.choice, api_key=None)) for each in made.design.subjects)
    return replace(made, design=replace(made.design, subjects=subjects))


def test_manifest_comes_back_without_the_key_of_the_endpoint(store: RunStore, path: Path) -> None:
    assert store.manifest == without_key()
    assert store.manifest.design.subjects[0].choice.timeout == 7.5
    store.close()
    assert KEY.encode() not in path.read_bytes()


def test_manifest_that_has_no_key_is_equal_after_a_round_trip() -> None:
    assert manifest_from_json(manifest_to_json(without_key())) == without_key()


def test_fact_that_is_no_json_makes_no_file(path: Path) -> None:
    with pytest.raises(TypeError):
        create_run(path, replace(manifest(), facts={"path": path}))
    assert not path.exists()


def test_closed_run_is_one_file_beside_its_lock(store: RunStore, path: Path) -> None:
    store.close()
    assert sorted(each.name for each in path.parent.iterdir() if each.suffix != ".lock") == [path.name]


def test_store_is_a_run(store: RunStore) -> None:
    run: Run = store
    assert run.name == "position-3fa2c1"


def test_examples_come_back_in_order_without_their_passages_and_assertions(path: Path) -> None:
    bare = Example("a", "Who?", None)
    refused = Example("b", "Why?", (), tags=("x", "y"))
    own = replace(example(7), passages=(passage(28),), gold_ids=(passage(28).id,), must=Must(refuse=True))
    with create_run(path, manifest()) as store:
        for each in (own, refused, bare):
            store.add_example(each, replace(candidates(7), example=each.id))
        assert store.examples() == (example(7), refused, bare)
        assert [each.answers for each in store.examples()] == [("answer 7",), (), None]


def test_candidates_come_back_exactly(store: RunStore) -> None:
    assert [store.candidates(f"q{number}") for number in range(3)] == [candidates(number) for number in range(3)]


def test_candidates_may_be_none(path: Path) -> None:
    with create_run(path, manifest()) as store:
        store.add_example(example(0), Candidates("q0", ()))
        assert store.candidates("q0") == Candidates("q0", ())
        store.put(replace(trial(0, "closed_book"), context=()))
        assert next(store.trials()).context == ()


def test_passages_are_stored_once(path: Path) -> None:
    with create_run(path, manifest()) as store:
        for number in range(3):
            store.add_example(example(number), candidates(number, first=0))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM passages").fetchone() == (4,)


def test_passages_come_in_the_order_of_their_ids(store: RunStore) -> None:
    ids = [passage(3).id, passage(1).id]
    found = store.passages(ids)
    assert list(found) == ids
    assert found == {id_: passage(int(id_, 16)) for id_ in ids}


def test_unknown_example_arm_and_passage_are_said(store: RunStore) -> None:
    with pytest.raises(RagError, match="no example 'q9'"):
        store.candidates("q9")
    with pytest.raises(RagError, match="no passage 'nowhere'"):
        store.passages(["nowhere"])
    with pytest.raises(UnknownNameError, match="did you mean 'edges'"):
        store.trials("edgs")
    for key in (TrialKey("edgs", "q0", 0), TrialKey("edges", "q9", 0), TrialKey("edges", "q0", 9)):
        assert store.trial(key) is None


def test_trials_come_by_example_arm_and_sample_whatever_order_they_were_put_in(path: Path) -> None:
    keys = [TrialKey(arm, f"q{number}", sample) for number in range(3) for arm in ARMS for sample in range(2)]
    with create_run(path, manifest()) as store:
        for number in range(3):
            store.add_example(example(number), candidates(number))
        for arm, id_, sample in sorted(keys, key=lambda key: checksum(key)):
            store.put(trial(int(id_[1:]), arm, sample))
        found = list(store.trials())
        assert [each.key for each in found] == keys
        assert found[0].timings == trial(0).timings
        assert found == [trial(int(id_[1:]), arm, sample) for arm, id_, sample in keys]
        assert [each.key for each in store.trials("edges")] == [key for key in keys if key.arm == "edges"]
        assert store.trial(keys[4]) == found[4]


def test_failed_trial_is_replaced_and_its_attempts_are_counted(path: Path) -> None:
    key = trial(0).key
    with create_run(path, manifest()) as store:
        store.add_example(example(0), candidates(0))
        for attempts in (1, 2, 3):
            store.put(failed(0))
            found = store.trial(key)
            assert found is not None
            assert (found.finish, found.attempts, found.error) == ("failed", attempts, "connection refused")
            assert store.finished() == set()
        store.put(trial(0))
        found = store.trial(key)
        assert found == trial(0)
        assert found is not None
        assert found.attempts == 4
        assert store.finished() == {key}
        assert len(list(store.trials())) == 1


@pytest.mark.parametrize("again", [trial(0), failed(0), replace(trial(0), finish="not_applicable", reason="no gold")])
def test_outcome_is_never_doubled_nor_replaced(store: RunStore, again: Trial) -> None:
    before = list(store.trials())
    with pytest.raises(RagError, match="has an outcome already"):
        store.put(again)
    assert list(store.trials()) == before


def test_everything_but_failed_is_finished(path: Path) -> None:
    finishes: list[TrialFinish]
    finishes = ["answered", "refused", "empty", "unfinished_thinking", "truncated_answer", "not_applicable", "failed"]
    with create_run(path, manifest(1, samples=7)) as store:
        store.add_example(example(0), candidates(0))
        for sample, finish in enumerate(finishes):
            store.put(replace(trial(0, "edges", sample), finish=finish))
        assert store.finished() == {TrialKey("edges", "q0", sample) for sample in range(6)}
        counts = store.counts()
        assert list(counts) == list(ARMS)
        assert counts["edges"] == dict.fromkeys(finishes, 1)
        assert counts["best_first"] == {}


def test_what_a_trial_refers_to_must_be_stored(store: RunStore) -> None:
    for wrong, said in (
        (trial(0, "middle"), "design's arms, found 'middle'"),
        (trial(9), "stored example, found 'q9'"),
        (replace(trial(0, "closed_book"), context=("ghost",)), "stored passage, found 'ghost'"),
    ):
        with pytest.raises(RagError, match=said):
            store.put(wrong)
    assert len(list(store.trials())) == 12


def test_example_is_added_once_and_whole(store: RunStore) -> None:
    with pytest.raises(RagError, match="'q0' is stored already"):
        store.add_example(example(0), candidates(0))
    with pytest.raises(RagError, match="ranking of example 'q4', found that of 'q5'"):
        store.add_example(example(4), candidates(5))
    other = candidates(4)
    clash = replace(other.candidates[3].ranked, passage=replace(passage(0), text="other words"))
    wrong = replace(other, candidates=(*other.candidates[:3], replace(other.candidates[3], ranked=clash)))
    with pytest.raises(RagError, match=r"stands for two passages, of 'doc0\.md' and of 'doc0\.md'"):
        store.add_example(example(4), wrong)
    with pytest.raises(RagError, match="no passage"):
        store.passages([passage(16).id])  # of the ranking that was refused
    store.add_example(example(4), other)
    assert store.candidates("q4") == other


def test_id_that_is_no_unicode_is_refused(store: RunStore) -> None:
    with pytest.raises(RequestError, match="valid Unicode"):
        store.add_example(replace(example(0), id="\ud800"), replace(candidates(0), example="\ud800"))
    store.add_example(example(3), candidates(3))


def test_trials_may_be_put_while_they_are_read(store: RunStore) -> None:
    store.add_example(example(3), candidates(3))
    read = store.trials()
    first = next(read)
    store.put(trial(3))
    assert [first, *read][:12] == list(store.trials())[:12]


def test_store_may_be_used_and_closed_by_other_threads(path: Path) -> None:
    store = create_run(path, manifest(8))
    for number in range(8):
        store.add_example(example(number), candidates(number))
    threads = [threading.Thread(target=store.put, args=(trial(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    closer = threading.Thread(target=store.close)
    closer.start()
    closer.join()
    with resume_run(path) as again:
        assert list(again.trials()) == [trial(number) for number in range(8)]


def test_reader_sees_what_is_written_meanwhile_and_writes_nothing(store: RunStore, path: Path) -> None:
    with open_run(path) as reader:
        assert list(reader.trials()) == list(store.trials())
        store.add_example(example(3), candidates(3))
        store.put(trial(3))
        assert reader.trial(trial(3).key) == trial(3)
        assert reader.examples()[-1] == example(3)
        assert reader.candidates("q3") == candidates(3)
        with pytest.raises(RequestError, match="cannot be opened or written"):
            reader.put(trial(3, "edges"))
        with pytest.raises(RequestError, match="cannot be opened or written"):
            reader.add_example(example(4), candidates(4))


TEXT = st.text(st.characters(codec=None), max_size=50)  # halves of characters and NUL included


@given(
    answer=st.none() | TEXT,
    reasoning=st.none() | TEXT,
    said=st.lists(TEXT, max_size=2),
    seed=st.integers(-(2**70), 2**70),
    seconds=st.floats(allow_nan=False),
    tokens=st.none() | st.integers(0, 2**40),
)
def test_trial_comes_back_from_its_row_exactly(
    answer: str | None, reasoning: str | None, said: list[str], seed: int, seconds: float, tokens: int | None
) -> None:
    made = Trial(
        TrialKey("edges", "q", 3),
        "empty",
        answer=answer,
        reasoning=reasoning,
        context=("a", "b"),
        usage=Usage(cached=tokens),
        timings=Timings(total=seconds),
        warnings=tuple(said),
        seed=seed,
        error=answer,
        reason=reasoning,
        attempts=5,
        began=seconds,
    )
    row = trial_row(made, example=1, arm=2, context=(7, 9))
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (a, b, c, d, e, f, g, h, i)")
        database.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        stored = TrialRow(*database.execute("SELECT * FROM t").fetchone())
    assert context_of(stored) == [7, 9]
    back = trial_of(stored, example="q", arm="edges", context=("a", "b"))
    assert (back, back.timings, back.attempts, back.began) == (made, made.timings, 5, seconds)
