"""Vectors by content, beside the generations of an index, so that equal passages are embedded once.

It survives `kill -9` at any moment (SQLite, one transaction a batch); a power failure may cost the last batches. It can
be lost without harm: vectors are then computed again.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"


class VectorCache:
    """The vectors of one index by key, open for its only writer.

    What is damaged in the file may show only in use, as a `sqlite3.DatabaseError` that `is_damage`, or as a key that is
    gone; then `start_over`.
    """

    def __init__(self, path: Path) -> None:
        """Opens or creates the cache; a file that is none is thrown away."""
        self._path = path
        try:
            self._database = _open(path)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._create()

    def close(self) -> None:
        """Releases the file."""
        self._database.close()

    def start_over(self) -> None:
        """Throws all vectors away, and the file with them."""
        self._database.close()
        self._create()

    def _create(self) -> None:
        for leftover in self._path.parent.glob(self._path.name + "*"):
            leftover.unlink()
        self._database = _open(self._path)

    def missing(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those of `keys`, each once and in order, that have no vector yet."""
        wanted = dict.fromkeys(keys)
        for (key,) in self._database.execute("SELECT key FROM vectors"):
            wanted.pop(key, None)
        return list(wanted)

    def add(self, vectors: Mapping[bytes, bytes]) -> None:
        """Stores vectors (float32 bytes) by key; when this returns, killing the process no longer loses them."""
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
        """Forgets all vectors but those of `keys`; all, where the file turns out to be damaged."""
        try:
            with self._database:
                self._database.execute("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
                self._database.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((key,) for key in keys))
                self._database.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)")
                self._database.execute("DROP TABLE kept")
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.start_over()


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether an error means that the file's content is wrong, rather than no room or no permission."""
    return not isinstance(error, sqlite3.OperationalError)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute(TABLE)
    except BaseException:
        database.close()
        raise
    return database
