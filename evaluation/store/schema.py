"""The tables of a run's file, and the header by which such a file is known."""

import sqlite3
from pathlib import Path

from evaluation.store.errors import no_run
from indexes.errors import RequestError

SUFFIX = ".rag-run"
SCHEMA_VERSION = 1
"""Of the tables and of what is in them; a file of a newer version is refused, not guessed at."""
APPLICATION = 0x52414752
"""SQLite's `application_id` of our files."""

TABLES = f"""
PRAGMA application_id={APPLICATION};
PRAGMA user_version={SCHEMA_VERSION};
BEGIN;
CREATE TABLE manifest (row INTEGER PRIMARY KEY, manifest TEXT, checksum INTEGER);
CREATE TABLE passages (row INTEGER PRIMARY KEY, id TEXT, origin TEXT, text BLOB, checksum INTEGER);
CREATE TABLE examples (row INTEGER PRIMARY KEY, id TEXT, example TEXT, candidates TEXT, checksum INTEGER);
CREATE TABLE trials (
  row INTEGER PRIMARY KEY, example INTEGER, arm INTEGER, sample INTEGER, finish TEXT, attempts INTEGER,
  outcome TEXT, context TEXT, reasoning BLOB, checksum INTEGER);
CREATE UNIQUE INDEX passages_by_id ON passages (id);
CREATE UNIQUE INDEX examples_by_id ON examples (id);
CREATE UNIQUE INDEX trials_by_key ON trials (example, arm, sample);
COMMIT;
"""
"""Passages, examples and trials are never removed, so rows count from 1 without gaps. Arms are numbers: their places in
the design, from 0. Columns named for a value hold JSON; texts that are long are compressed (zlib)."""


def check_schema(database: sqlite3.Connection, path: Path) -> None:
    """Looks whether `database`, connected to the file `path`, is a run that this version can read.

    Asks SQLite, for a process that opens such a file by itself loses its other connections' locks when it closes it.

    Raises:
        RequestError: it is not a run, or of a newer version.
    """
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise no_run(path)
    if version > SCHEMA_VERSION:
        raise RequestError(
            f"run {path.stem!r} has schema version {version}, this rag reads versions up to {SCHEMA_VERSION}; "
            "a newer rag is needed"
        )
