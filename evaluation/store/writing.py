"""Puts examples and trials into a run's database."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import cast

from evaluation.candidates import Candidates
from evaluation.examples import Example
from evaluation.store.rows import PassageRow, example_row, passage_of, passage_row, trial_row
from evaluation.trials import Trial
from indexes.errors import RagError
from indexes.passages import Passage


def insert_example(database: sqlite3.Connection, example: Example, candidates: Candidates) -> None:
    """Adds an example, its ranking and those of its passages that are not there yet; to be called in a transaction.

    Raises:
        RagError: the ranking is another example's, the example is there, or an id stands for two passages.
    """
    if candidates.example != example.id:
        raise RagError(f"wanted the ranking of example {example.id!r}, found that of {candidates.example!r}")
    if database.execute("SELECT 1 FROM examples WHERE id = ?", (example.id,)).fetchone():
        raise RagError(f"example {example.id!r} is stored already")
    numbers = {each.ranked.passage.id: _passage_number(database, each.ranked.passage) for each in candidates.candidates}
    row = example_row(example, candidates, numbers)
    database.execute("INSERT INTO examples (id, example, candidates, checksum) VALUES (?, ?, ?, ?)", row)


def _passage_number(database: sqlite3.Connection, passage: Passage) -> int:
    query = "SELECT row, id, origin, text, checksum FROM passages WHERE id = ?"
    found = database.execute(query, (passage.id,)).fetchone()
    if found is None:
        query = "INSERT INTO passages (id, origin, text, checksum) VALUES (?, ?, ?, ?)"
        return cast("int", database.execute(query, passage_row(passage)).lastrowid)
    stored = passage_of(PassageRow(*found[1:]))
    if stored != passage:
        raise RagError(
            f"passage id {passage.id!r} stands for two passages, of {stored.source!r} and of {passage.source!r}; "
            "each passage needs an id of its own"
        )
    number: int = found[0]
    return number


def put_trial(database: sqlite3.Connection, trial: Trial, arms: Mapping[str, int]) -> None:
    """Adds a trial, or replaces one that failed, whose attempts are counted on.

    Args:
        database: where to.
        trial: the trial.
        arms: the number of each arm, by name.

    Raises:
        RagError: there is an outcome already, or the arm, the example or a passage is not known.
    """
    key = trial.key
    if key.arm not in arms:
        raise RagError(f"wanted a trial of one of the design's arms, found {key.arm!r}")
    example = database.execute("SELECT row FROM examples WHERE id = ?", (key.example,)).fetchone()
    if example is None:
        raise RagError(f"wanted a trial of a stored example, found {key.example!r}; add the example first")
    numbers = _passage_numbers(database, trial.context)
    row = trial_row(trial, example=example[0], arm=arms[key.arm], context=[numbers[id_] for id_ in trial.context])
    done = database.execute(
        """INSERT INTO trials (example, arm, sample, finish, attempts, outcome, context, reasoning, checksum)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (example, arm, sample) DO UPDATE SET
             finish = excluded.finish, attempts = attempts + 1, outcome = excluded.outcome,
             context = excluded.context, reasoning = excluded.reasoning, checksum = excluded.checksum
           WHERE finish = 'failed'""",
        row,
    )
    if done.rowcount != 1:
        raise RagError(
            f"the trial of arm {key.arm!r}, example {key.example!r}, sample {key.sample} has an outcome already; "
            "only one that failed is replaced"
        )


def _passage_numbers(database: sqlite3.Connection, ids: Sequence[str]) -> dict[str, int]:
    query = "SELECT id, row FROM passages WHERE id IN (SELECT value FROM json_each(?))"
    numbers: dict[str, int] = dict(database.execute(query, (json.dumps(ids),)))
    for id_ in ids:
        if id_ not in numbers:
            raise RagError(f"wanted a stored passage, found {id_!r}; add the example that it is a candidate of first")
    return numbers
