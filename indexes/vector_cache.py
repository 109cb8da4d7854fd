"""Vectors by content, beside the generations of an index, so that equal passages are embedded once.

It survives `kill -9` at any moment (SQLite, one transaction a batch) and can be lost without harm: vectors are then
computed again.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"


class VectorCache:
    """The vectors of one index by key, open for its only writer."""

    def __init__(self, path: Path) -> None:
        """Opens or creates the cache; one that is damaged is thrown away."""
        try:
            self._database = _open(path)
        except sqlite3.OperationalError:  # no room, no permission: not the file's fault
            raise
        except sqlite3.DatabaseError:
            for leftover in path.parent.glob(path.name + "*"):
                leftover.unlink()
            self._database = _open(path)

    def close(self) -> None:
        """Releases the file."""
        self._database.close()

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those of `keys`, each once and in order, that have no vector yet."""
        wanted = dict.fromkeys(keys)
        for (key,) in self._database.execute("SELECT key FROM vectors"):
            wanted.pop(key, None)
        return list(wanted)

    def add(self, vectors: Mapping[bytes, bytes]) -> None:
        """Stores vectors (float32 bytes) by key, durably when this returns."""
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())

    def get(self, keys: Sequence[bytes]) -> Iterable[bytes]:
        """The vectors of `keys`, in their order.

        Raises:
            KeyError: a key has none.
        """
        for key in keys:
            row = self._database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise KeyError(key.hex())
            yield row[0]

    def keep(self, keys: Iterable[bytes]) -> None:
        """Forgets all vectors but those of `keys`."""
        with self._database:
            self._database.execute("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
            self._database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((key,) for key in keys))
            self._database.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)")
            self._database.execute("DROP TABLE kept")


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(TABLE)
    return database
