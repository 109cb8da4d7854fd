"""The lexical index (BM25, by bm25s): built once a generation, memory-mapped by readers."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.vectors import Hits

STOP_WORDS = "en"


def build_lexical(folder: Path, texts: Sequence[str]) -> None:
    """Writes the BM25 index of `texts` (k1 = 1.5, b = 0.75, Lucene's idf); nothing where no text has a word."""
    import bm25s

    folder.mkdir()
    tokens = bm25s.tokenize(list(texts), stopwords=STOP_WORDS, show_progress=False)
    if not any(len(ids) for ids in tokens.ids):
        return
    index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    index.index(tokens, show_progress=False)
    index.save(str(folder), show_progress=False)


class LexicalIndex:
    """A BM25 index opened for search."""

    def __init__(self, folder: Path) -> None:
        """Remembers the folder; it is opened by the first search."""
        self._folder = folder

    @cached_property
    def _index(self) -> Any | None:
        import bm25s

        if not any(self._folder.iterdir()):
            return None
        return bm25s.BM25.load(str(self._folder), mmap=True, show_progress=False)

    def search(self, query: str, k: int, *, allowed: NDArray[np.int64] | None = None) -> Hits:
        """The `k` best rows that share a word with `query`, ties by row.

        Args:
            query: words; stop words do not count.
            k: how many at most.
            allowed: only these rows.
        """
        import bm25s

        words = bm25s.tokenize([query], stopwords=STOP_WORDS, show_progress=False, return_ids=False)[0]
        if not words or self._index is None:
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        scores: NDArray[np.float32] = self._index.get_scores(words)
        rows = np.flatnonzero(scores > 0) if allowed is None else allowed[scores[allowed] > 0]
        if len(rows) > k:
            worst = np.partition(scores[rows], -k)[-k]
            rows = rows[scores[rows] >= worst]
        order = np.lexsort((rows, -scores[rows]))[:k]
        return Hits(rows[order].astype(np.int64), scores[rows][order])
