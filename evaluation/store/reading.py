"""Reads examples, rankings, passages and trials from a run's database."""

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Literal

from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.store.errors import DamageError
from evaluation.store.rows import (
    ExampleRow,
    PassageRow,
    TrialRow,
    candidate_passages,
    candidates_of,
    context_of,
    example_of,
    passage_of,
    trial_of,
)
from evaluation.trials import Trial
from indexes.passages import Passage

_EXAMPLES = "SELECT id, example, candidates, checksum FROM examples"
_TRIALS = """SELECT e.id, t.example, t.arm, t.sample, t.finish, t.attempts, t.outcome, t.context, t.reasoning,
                    t.checksum
             FROM trials t LEFT JOIN examples e ON e.row = t.example"""


def read_examples(database: sqlite3.Connection, where: str, values: Sequence[object] = ()) -> Iterator[Example]:
    """Examples, one at a time.

    Args:
        database: where from.
        where: the rest of the query: which rows, in which order.
        values: for its question marks.
    """
    for row in database.execute(f"{_EXAMPLES} {where}", values):
        yield example_of(ExampleRow(*row))


def read_candidates(database: sqlite3.Connection, where: str, values: Sequence[object] = ()) -> Iterator[Candidates]:
    """The rankings of examples, one at a time, chosen as by `read_examples`."""
    for found in database.execute(f"{_EXAMPLES} {where}", values):
        row = ExampleRow(*found)
        numbers = candidate_passages(row)
        passages = dict(read_passages(database, "row", numbers))
        _check_all(numbers, passages)
        yield candidates_of(row, passages)


def read_passages(
    database: sqlite3.Connection, column: Literal["row", "id"], values: Sequence[int] | Sequence[str]
) -> Iterator[tuple[int, Passage]]:
    """The passages, each with its row number, whose `column` has one of `values`; in no particular order."""
    query = f"""SELECT row, id, origin, text, checksum FROM passages
                WHERE {column} IN (SELECT value FROM json_each(?))"""  # noqa: S608 - one of two names
    for number, *stored in database.execute(query, (json.dumps(values),)):
        yield number, passage_of(PassageRow(*stored))


def read_trials(
    database: sqlite3.Connection, arms: Sequence[str], where: str, values: Sequence[object] = ()
) -> Iterator[Trial]:
    """Trials, one at a time.

    Args:
        database: where from.
        arms: names of the arms, by number.
        where: the rest of the query: which rows of `t`, in which order; by example, so that few passages are looked up.
        values: for its question marks.
    """
    ids: dict[int, str] = {}
    current = None
    for name, *stored in database.execute(f"{_TRIALS} {where}", values):
        row = TrialRow(*stored)
        numbers = context_of(row)
        if name is None:
            raise DamageError(f"example {row.example!r} is not there, but trials of it are")
        if not 0 <= row.arm < len(arms):
            raise DamageError(f"a trial of arm {row.arm!r}, which the design does not have")
        if row.example != current:  # the next has passages of its own
            current = row.example
            ids.clear()
        missing = [number for number in numbers if number not in ids]
        if missing:
            query = "SELECT row, id FROM passages WHERE row IN (SELECT value FROM json_each(?))"
            ids.update(database.execute(query, (json.dumps(missing),)))
            _check_all(missing, ids)
        context = tuple(ids[number] for number in numbers)
        yield trial_of(row, example=name, arm=arms[row.arm], context=context)


def _check_all(numbers: Iterable[int], found: Container[int]) -> None:
    for number in numbers:
        if number not in found:
            raise DamageError(f"passage {number} is not there, but is referred to")
