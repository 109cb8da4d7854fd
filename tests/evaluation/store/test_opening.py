"""Files that are no run, or may not be used, or are in use."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from evaluation.store import RunStore, create_run, open_run, recover, resume_run
from indexes.errors import RequestError, UnknownNameError
from tests.evaluation.store.building import candidates, example, filled, manifest, trial

ROOT = Path(__file__).parents[3]
Opening = Callable[[Path], RunStore]
OPENINGS = pytest.mark.parametrize("opening", [open_run, resume_run])


def python(code: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Runs `code` in another process."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The file of a run with twelve trials."""
    path = tmp_path / "position.rag-run"
    filled(path).close()
    return path


@OPENINGS
@pytest.mark.parametrize("content", [b"", b"no database at all\n" * 100, b"SQLite format 3\0" + bytes(4096)])
def test_file_that_is_no_run_is_refused_and_left_as_it_is(opening: Opening, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes.rag-run"
    path.write_bytes(content)
    with pytest.raises(RequestError, match="another kind of file"):
        opening(path)
    assert path.read_bytes() == content


@OPENINGS
def test_database_of_others_is_refused_and_left_as_it_is(opening: Opening, tmp_path: Path) -> None:
    path = tmp_path / "other.rag-run"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE trials (a)")
    before = path.read_bytes()
    with pytest.raises(RequestError, match="another kind of file"):
        opening(path)
    with pytest.raises(RequestError, match="another kind of file"):
        recover(path, tmp_path / "new.rag-run")
    assert path.read_bytes() == before


@OPENINGS
def test_newer_version_is_named(opening: Opening, run: Path) -> None:
    with closing(sqlite3.connect(run)) as database:
        database.execute("PRAGMA user_version=3")
    with pytest.raises(RequestError, match=r"schema version 3, this rag reads versions up to 1; a newer rag is needed"):
        opening(run)


@OPENINGS
def test_missing_run_names_those_in_its_folder(opening: Opening, run: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"'positoin.rag-run'; did you mean 'position.rag-run'\?"):
        opening(run.with_name("positoin.rag-run"))
    with pytest.raises(RequestError, match="no other in that folder"):
        opening(run.parent / "nowhere" / "position.rag-run")


@OPENINGS
def test_folder_is_refused(opening: Opening, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="one file, found a folder"):
        opening(tmp_path)


def test_run_is_not_made_twice(run: Path) -> None:
    with pytest.raises(RequestError, match="resume that, or choose another name"):
        create_run(run, manifest())
    with open_run(run) as store:
        assert len(store.finished()) == 12


def test_run_needs_its_suffix(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"named like 'position.rag-run', found .*runs.db"):
        create_run(tmp_path / "runs.db", manifest())


def test_run_is_not_made_where_a_file_is_the_folder(run: Path) -> None:
    with pytest.raises(RequestError, match="cannot be opened"):
        create_run(run / "inner.rag-run", manifest())


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions")
def test_run_in_a_folder_that_may_not_be_written_can_be_read_but_not_resumed(run: Path) -> None:
    run.with_name(f"{run.name}.lock").unlink(missing_ok=True)
    code = """
import os, sys
from pathlib import Path
from evaluation.store import create_run, open_run, resume_run
from indexes.errors import RequestError
os.chdir(Path(sys.argv[1]).parent)
if os.getuid() == 0:
    os.setuid(65534)
with open_run(Path("position.rag-run")) as store:
    print(len(list(store.trials())), len(store.finished()))
    manifest = store.manifest
for attempt in (lambda: resume_run(Path("position.rag-run")), lambda: create_run(Path("new.rag-run"), manifest)):
    try:
        attempt()
    except RequestError as error:
        print(error)
"""
    run.chmod(0o444)
    temporary = Path(tempfile.gettempdir())
    for folder in run.parents:
        if os.getuid() == 0 and temporary in folder.parents:
            folder.chmod(0o755)
    run.parent.chmod(0o555)
    try:
        lines = python(code, run).stdout.splitlines()
    finally:
        run.parent.chmod(0o755)
    assert lines[0] == "12 12"
    assert lines[1:] == [
        "run 'position' cannot be opened at 'position.rag-run': Permission denied",
        "run 'new' cannot be opened at 'new.rag-run': Permission denied",
    ]


def test_second_writer_is_refused_until_the_first_has_ended(run: Path) -> None:
    code = """
import sys
from pathlib import Path
from evaluation.store import resume_run
from indexes.errors import RequestError
try:
    with resume_run(Path(sys.argv[1])) as store:
        print(len(store.finished()))
except RequestError as error:
    print(error)
"""
    with resume_run(run):
        assert "is being written by another process; wait" in python(code, run).stdout
        with pytest.raises(RequestError, match="is being written by another process"):
            resume_run(run)
    assert python(code, run).stdout == "12\n"


def test_reading_in_the_process_that_writes_does_not_cost_it_its_hold_on_the_log(run: Path) -> None:
    """Closing any handle of a file ends all POSIX locks that the process has on it (SQLite opens one for us only)."""
    code = """
import sys
from pathlib import Path
from evaluation.store import open_run
with open_run(Path(sys.argv[1])) as store:
    print(len(store.finished()))
"""
    with resume_run(run) as store:
        with open_run(run) as reader:
            assert len(reader.finished()) == 12
        for number in range(3, 9):
            store.add_example(example(number), candidates(number))
            store.put(trial(number))
            assert python(code, run).stdout == f"{10 + number}\n"  # closes the last connection of its process
        assert run.with_name(f"{run.name}-wal").exists()
    with open_run(run) as reader:
        assert len(reader.finished()) == 18


def test_log_of_a_run_that_was_removed_is_not_taken_for_that_of_the_next(run: Path) -> None:
    log = run.with_name(f"{run.name}-wal")
    with resume_run(run) as store:
        store.add_example(example(3), candidates(3))
        kept = log.read_bytes()
    run.unlink()
    log.write_bytes(kept)
    with create_run(run, manifest()) as store:
        assert store.examples() == ()


def test_draft_of_a_killed_process_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "a.rag-run"
    path.with_name("a.rag-run.new").write_bytes(b"half of a run")
    create_run(path, manifest()).close()
    assert {each.name for each in tmp_path.iterdir()} <= {"a.rag-run", "a.rag-run.lock"}
