"""Copies what can still be read of a damaged run into a new one, row by row; invents nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.run import Manifest
from evaluation.store.connecting import connect_to_recover
from evaluation.store.errors import DamageError, translated
from evaluation.store.manifest import read_manifest
from evaluation.store.opening import check_there, drafted
from evaluation.store.reading import read_candidates, read_examples, read_trials
from evaluation.store.schema import check_schema
from evaluation.store.writing import insert_example, put_trial
from indexes.errors import RagError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was copied.

    Attributes:
        trials: that are in the new run.
        examples: that are in the new run.
        lost_estimate: how many trials the damaged run had besides, as far as that can be told.
    """

    trials: int
    examples: int
    lost_estimate: int


def recover(path: Path, target: Path) -> Recovered:
    """Copies all whole rows of the run at `path` to a new run at `target`, which can be resumed to ask the rest again.

    An example is copied with all passages of its ranking or not at all, a trial only with its example. The run at
    `path` is left as it is.

    Args:
        path: a run, damaged or not.
        target: the file of the new run.

    Raises:
        RequestError: there is no run at `path`, not even its manifest can be read, or there is something at `target`.
        RagError: there is no space.
    """
    with translated(path):
        check_there(path)
        with closing(connect_to_recover(path)) as source:
            check_schema(source, path)
            manifest = read_manifest(source)
            with drafted(target, manifest) as database:
                return _copy(source, database, manifest)


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, manifest: Manifest) -> Recovered:
    names = tuple(arm.name for arm in manifest.design.arms)
    arms = {name: number for number, name in enumerate(names)}
    examples = trials = last = 0
    bound = max(manifest.examples, _number(source, "SELECT max(row) FROM examples"))

    def example(number: int) -> tuple[Example, Candidates]:
        row = "WHERE row = ?", (number,)
        return next(read_examples(source, *row)), next(read_candidates(source, *row))

    for _, found in _readable(example, bound):
        with suppress(RagError):  # damage has made it another one's double
            insert_example(target, *found)
            examples += 1
    stored = max(
        _number(source, "SELECT max(row) FROM trials"),
        _number(source, "SELECT count(*) FROM trials INDEXED BY trials_by_key"),
    )
    bound = max(bound * len(arms) * manifest.design.samples, stored)
    for number, trial in _readable(
        lambda number: next(read_trials(source, names, "WHERE t.row = ?", (number,))), bound
    ):
        last = number
        with suppress(RagError):  # its example is not whole
            put_trial(target, trial, arms)
            trials += 1
    return Recovered(trials, examples, max(stored, last) - trials)


def _readable(read: Callable[[int], T], bound: int) -> Iterator[tuple[int, T]]:
    """What stands in the rows from 1 to `bound`, each with its number; without those that cannot be had."""
    for number in range(1, bound + 1):
        found = None
        with suppress(StopIteration, DamageError, sqlite3.DatabaseError):
            found = read(number)
        if found is not None:
            yield number, found


def _number(source: sqlite3.Connection, query: str) -> int:
    """What the query gives; 0 where nothing can be read."""
    with suppress(sqlite3.DatabaseError):
        return source.execute(query).fetchone()[0] or 0
    return 0
