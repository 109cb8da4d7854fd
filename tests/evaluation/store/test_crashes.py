"""What was put is there, whatever ends the process or fills the disk."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation.store import create_run, open_run, resume_run
from evaluation.store.store import RunStore
from indexes.errors import RagError
from tests.evaluation.store.building import candidates, example, failed, filled, manifest, trial

ROOT = Path(__file__).parents[3]

WRITER = """
import sys
from pathlib import Path
from evaluation.store import create_run, resume_run
from tests.evaluation.store.building import candidates, example, manifest, trial
path, target = Path(sys.argv[1]), int(sys.argv[2])
with resume_run(path) if path.exists() else create_run(path, manifest(target)) as store:
    there, done = len(store.examples()), len(store.finished())
    print("ready", flush=True)
    for number in range(done, target):
        if number >= there:
            store.add_example(example(number), candidates(number))
        store.put(trial(number, reasoning=200))
        print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_whatever_a_put_has_acknowledged_outlives_kill_9(tmp_path: Path) -> None:
    """Twenty times at random moments; each writer takes up what the one before has left."""
    path = tmp_path / "a.rag-run"
    moments = random.Random(5)
    acknowledged = -1
    for _ in range(20):
        command = [sys.executable, "-c", WRITER, str(path), "100000"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            first = [writer.stdout.readline() for _ in range(moments.randrange(8))]
            time.sleep(moments.uniform(0, 0.01))
            writer.send_signal(signal.SIGKILL)
            for line in (*first, *writer.stdout):
                if line.endswith("\n"):
                    acknowledged = int(line)
        with open_run(path) as store:
            found = list(store.trials())
        assert acknowledged + 1 <= len(found) <= acknowledged + 2
        assert found == [trial(number, reasoning=200) for number in range(len(found))]
        acknowledged = len(found) - 1
    assert acknowledged > 40
    with resume_run(path) as store:
        assert len(store.finished()) == acknowledged + 1


def fill(store: RunStore) -> int:
    """Puts trials until there is no space; the number of those that returned."""
    for number in range(3, 10_000):
        try:
            store.add_example(example(number), candidates(number))
            store.put(trial(number, reasoning=2000))
        except RagError as error:
            assert "no space" in str(error)  # noqa: PT017 - how far it came matters
            assert "run the same command again" in str(error)  # noqa: PT017
            return number - 3
    raise AssertionError("the disk never filled")


def test_full_disk_is_said_and_what_was_stored_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.rag-run"
    filled(path).close()
    with resume_run(path) as store:
        pages = store._database.execute("PRAGMA page_count").fetchone()[0] + 40
        store._database.execute(f"PRAGMA max_page_count={pages}")
        put = fill(store)
        assert put > 10
        kept = list(store.trials())
        assert len(kept) == 12 + put
        with pytest.raises(RagError, match="no space"):
            fill_one(store)
        assert list(store.trials()) == kept
    with resume_run(path) as store:  # there is room again
        assert list(store.trials()) == kept
        fill_one(store)
        assert len(store.finished()) == len(kept) + 1


def fill_one(store: RunStore) -> None:
    """Puts one more trial, too large for what is left of a page."""
    store.put(trial(1, "closed_book", 1, reasoning=100_000))


LIMITED = """
import resource, sys
from pathlib import Path
from evaluation.store import resume_run
from tests.evaluation.store.test_crashes import fill
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
with resume_run(Path(sys.argv[1])) as store:
    print(fill(store))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_file_that_may_not_grow_is_said_and_what_was_stored_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.rag-run"
    filled(path).close()
    command = [sys.executable, "-c", LIMITED, str(path), str(1024 * 1024)]
    put = int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert put > 10
    with resume_run(path) as store:
        assert len(store.finished()) == 12 + put
        store.put(failed(0, "closed_book"))
        assert store.trial(trial(2 + put).key) == trial(2 + put, reasoning=2000)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_run_that_finds_no_space_at_all_leaves_nothing(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from evaluation.store import create_run
from indexes.errors import RagError
from tests.evaluation.store.building import manifest
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    create_run(Path(sys.argv[1]), manifest())
except RagError as error:
    print(error)
"""
    path = tmp_path / "a.rag-run"
    command = [sys.executable, "-c", code, str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.startswith("no space for run 'a'")
    assert {each.name for each in tmp_path.iterdir()} <= {"a.rag-run.lock"}
    create_run(path, manifest()).close()
