"""A fake embedding model: for tests, and for trying things without a model. Equal words give near vectors, no more."""

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np

from indexes.embedder.protocol import EmbedderSpec, Kind, Vectors

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Signed feature hashing of lower-cased words; the same in every process. Tokens are words."""

    note: str | None = None

    def __init__(self, dimension: int = 256, max_tokens: int = 256) -> None:
        """Makes one.

        Args:
            dimension: length of a vector.
            max_tokens: words that a document may have; longer queries are cut off.
        """
        identity = hashlib.sha256(f"hashing/1 {dimension}".encode()).hexdigest()
        self.spec = EmbedderSpec("hashing", identity, dimension, max_tokens)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text."""
        return [len(_WORD.findall(text)) for text in texts]

    def room(self) -> int:
        """Words that a document may have."""
        return self.spec.max_tokens

    def encode(self, texts: Sequence[str], *, kind: Kind, progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors; a text without words gives the first axis.

        Raises:
            ValueError: a document is longer than `room()`.
        """
        vectors = np.zeros((len(texts), self.spec.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            words = _WORD.findall(text.lower())
            if kind == "document" and len(words) > self.room():
                raise ValueError(f"a document of {len(words)} tokens; the embedder reads {self.room()}")
            for word in words[: self.room()]:
                number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
                vector[(number >> 1) % self.spec.dimension] += 1 if number & 1 else -1
            norm = np.linalg.norm(vector)
            if norm:
                vector /= norm
            else:
                vector[0] = 1
        if progress:
            progress(len(texts))
        return vectors
