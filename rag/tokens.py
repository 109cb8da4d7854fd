"""Token counters: the embedder's, one that remembers, and an estimate."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexes.embedder.protocol import Embedder


class EmbedderCounter:
    """Counts as the embedder's tokenizer does; for answerers without a language model."""

    def __init__(self, embedder: "Embedder") -> None:
        """Counts with `embedder`."""
        self._embedder = embedder

    @property
    def name(self) -> str:
        """The embedder's name."""
        return self._embedder.spec.name

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self._embedder.count_tokens(texts)


class CachedCounter:
    """Asks a tokenizer that is worth asking once per text only, such as a server's."""

    def __init__(self, name: str, count_new: Callable[[Sequence[str]], list[int]]) -> None:
        """Counts with `count_new`; `name` says whose tokenizer that is."""
        self._name = name
        self._count_new = count_new
        self._counts: dict[str, int] = {}

    @property
    def name(self) -> str:
        """The tokenizer."""
        return self._name

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._counts]
        if new:
            self._counts.update(zip(new, self._count_new(new), strict=True))
        return [self._counts[text] for text in texts]


class EstimateCounter:
    """Guesses for a model whose tokenizer is out of reach: a token for four bytes, at least one for a word.

    Bytes, not characters, because tokenizers cut scripts other than Latin finer.

    >>> EstimateCounter().count(["", "a b c", "straightforward"])
    [0, 3, 4]
    """

    @property
    def name(self) -> str:
        """Says that it is an estimate."""
        return "estimate"

    def count(self, texts: Sequence[str]) -> list[int]:
        """Roughly the tokens of each text."""
        return [max(-(-len(text.encode("utf-8", "replace")) // 4), len(text.split())) for text in texts]
