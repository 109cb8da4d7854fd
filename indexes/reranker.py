"""The seam for rerankers: a cross-encoder reads query and passage together; slower than vectors, and finer."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

from indexes.errors import RequestError


class Reranker(Protocol):
    """Scores passages for a query."""

    @property
    def name(self) -> str:
        """As recorded in a ranking."""
        ...

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score for each text, higher is better; comparable within one query."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder, by hub name or folder; loaded when first used."""

    def __init__(self, name: str) -> None:
        """Remembers the name, e.g. "cross-encoder/ms-marco-MiniLM-L6-v2"."""
        self.name = name

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(self.name)
        except (OSError, ValueError) as error:
            raise RequestError(
                f"reranker {self.name!r} cannot be loaded ({str(error).splitlines()[0]}); give the hub name or the "
                "folder of a sentence-transformers cross-encoder, or leave --reranker out"
            ) from error

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Scores by the model; long passages are cut off at its limit."""
        if not texts:
            return []
        pairs = [(query, text) for text in texts]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]
