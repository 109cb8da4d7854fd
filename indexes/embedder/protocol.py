"""The seam for embedding models: what indexing and search ask of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["query", "document"]
"""What a text is: models may be trained with another prompt for each."""

Vectors = NDArray[np.float32]
"""Row vectors, shape (n, dimension), each of length 1."""


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What identifies an embedder: equal specs give equal vectors (up to rounding).

    Attributes:
        name: as the user gives it: a hub name, a folder, or a built-in name.
        fingerprint: SHA-256 (hex) over weights and tokenizer; vectors of equal fingerprints may be mixed.
        dimension: length of a vector.
        max_tokens: longest input in tokens, special tokens included; what is longer would be cut off.
        query_prompt: put before queries.
        document_prompt: put before documents.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    query_prompt: str = ""
    document_prompt: str = ""


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def spec(self) -> EmbedderSpec:
        """What this embedder is."""
        ...

    @property
    def note(self) -> str | None:
        """What the user should know about how it runs; None where all is well."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompt and special tokens, not cut off."""
        ...

    def room(self) -> int:
        """Tokens that a document may have: `max_tokens` less special tokens and the document prompt."""
        ...

    def encode(self, texts: Sequence[str], *, kind: Kind, progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors of `texts`, in their order; prompts are added here. `progress` is told texts done."""
        ...
