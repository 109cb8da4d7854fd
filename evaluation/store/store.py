"""The run store: a run's file, opened for reading, or for writing by one process alone."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Self

from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.run import Manifest
from evaluation.store.errors import DamageError, translated
from evaluation.store.reading import read_candidates, read_examples, read_passages, read_trials
from evaluation.store.writing import insert_example, put_trial
from evaluation.trials import Trial, TrialFinish, TrialKey
from indexes.errors import RagError, UnknownNameError
from indexes.passages import Passage


class RunStore:
    """A run as it is on disk: an `evaluation.run.Run`, and what adds to it.

    All methods raise a `RequestError` that names `rag eval recover` where the file turns out to be damaged. It may be
    used from several threads.
    """

    def __init__(
        self, path: Path, database: sqlite3.Connection, manifest: Manifest, *, close: Callable[[], None]
    ) -> None:
        """Opened by `create_run`, `open_run` and `resume_run`.

        Args:
            path: the file.
            database: connected to it.
            manifest: that was read from it.
            close: closes `database`, and releases what else was taken.
        """
        self._path = path
        self._database = database
        self._manifest = manifest
        self._close = close
        self._arms = {arm.name: number for number, arm in enumerate(manifest.design.arms)}
        self._names = tuple(self._arms)
        self._writing = Lock()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self._path.stem

    @property
    def manifest(self) -> Manifest:
        """What the run was made of."""
        return self._manifest

    def close(self) -> None:
        """Releases the file, and the right to write it. Whoever closes a run last leaves one file."""
        self._close()

    def __enter__(self) -> Self:
        """Leaving closes the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the store; all that was put is on disk already."""
        self.close()

    def add_example(self, example: Example, candidates: Candidates) -> None:
        """Stores an example, its ranking and the passages of it; all or, where that fails, nothing.

        Raises:
            RagError: the example is there, an id stands for two passages, there is no space, or the run is read only.
        """
        with translated(self._path), self._writing:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                insert_example(self._database, example, candidates)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:  # else SQLite itself has rolled it back
                    self._database.execute("ROLLBACK")
                raise

    def put(self, trial: Trial) -> None:
        """Stores a trial, which is on disk when this returns.

        A stored trial of the same key that failed is replaced, whose attempts are counted on.

        Raises:
            RagError: the key has an outcome already, its arm, example or context is not of this run, there is no
                space, or the run is read only.
        """
        with translated(self._path), self._writing:
            put_trial(self._database, trial, self._arms)

    def finished(self) -> set[TrialKey]:
        """The trials that have an outcome: all but those that failed and those that are not there."""
        return self._keys("<> 'failed'")

    def failed(self) -> set[TrialKey]:
        """The trials that were asked and failed."""
        return self._keys("= 'failed'")

    def counts(self) -> dict[str, dict[TrialFinish, int]]:
        """How many trials of each arm, in the order of the design, ended in each way that occurs."""
        counts: dict[str, dict[TrialFinish, int]] = {name: {} for name in self._names}
        query = "SELECT arm, finish, count(*) FROM trials GROUP BY arm, finish ORDER BY arm, finish"
        with translated(self._path):
            for arm, finish, count in self._database.execute(query):
                counts[self._arm(arm)][finish] = count
        return counts

    def examples(self) -> tuple[Example, ...]:
        """All examples in the order in which they were added; without their own passages and which of them are gold."""
        with translated(self._path):
            return tuple(read_examples(self._database, "ORDER BY row"))

    def candidates(self, example: str) -> Candidates:
        """The stored ranking of an example.

        Raises:
            RagError: there is no such example.
        """
        with translated(self._path):
            found = next(read_candidates(self._database, "WHERE id = ?", (example,)), None)
        if found is None:
            raise RagError(f"run {self.name!r} has no example {example!r}")
        return found

    def trials(self, arm: str | None = None) -> Iterator[Trial]:
        """The trials of one arm or all, by example, arm and sample in the order of the design, one at a time.

        Raises:
            UnknownNameError: there is no such arm.
        """
        if arm is not None and arm not in self._arms:
            raise UnknownNameError("arm", arm, self._arms)
        # without the plus, SQLite sorts rather than going by the index
        where, values = ("", ()) if arm is None else ("WHERE +t.arm = ?", (self._arms[arm],))
        return self._trials(f"{where} ORDER BY t.example, t.arm, t.sample", values)

    def trial(self, key: TrialKey) -> Trial | None:
        """One trial; None where it is not there."""
        if key.arm not in self._arms:
            return None
        where = "WHERE t.example = (SELECT row FROM examples WHERE id = ?) AND t.arm = ? AND t.sample = ?"
        return next(self._trials(where, (key.example, self._arms[key.arm], key.sample)), None)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages with those ids, in their order.

        Raises:
            RagError: one is not there.
        """
        with translated(self._path):
            found = {passage.id: passage for _, passage in read_passages(self._database, "id", ids)}
        for id_ in ids:
            if id_ not in found:
                raise RagError(f"run {self.name!r} has no passage {id_!r}")
        return {id_: found[id_] for id_ in ids}

    def _keys(self, finish: str) -> set[TrialKey]:
        with translated(self._path):
            examples: dict[int, str] = dict(self._database.execute("SELECT row, id FROM examples"))
            rows = self._database.execute(f"SELECT arm, example, sample FROM trials WHERE finish {finish}")  # noqa: S608
            try:
                return {TrialKey(self._names[arm], examples[example], sample) for arm, example, sample in rows}
            except (KeyError, IndexError, TypeError) as error:
                raise DamageError("trials of examples or arms that are not there") from error

    def _trials(self, where: str, values: Sequence[object]) -> Iterator[Trial]:
        with translated(self._path):
            yield from read_trials(self._database, self._names, where, values)

    def _arm(self, number: object) -> str:
        if not isinstance(number, int) or not 0 <= number < len(self._names):
            raise DamageError(f"trials of arm {number!r}, which the design does not have")
        return self._names[number]
