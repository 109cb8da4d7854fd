"""Token counters: the embedder's, one that remembers, and an estimate."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexes.embedder.protocol import Embedder


class EmbedderCounter:
    """Counts as the embedder's tokenizer does; for answerers without a language model."""

    exact = True

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

    exact = True

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

    exact = False

    @property
    def name(self) -> str:
        """Says that it is an estimate."""
        return "estimate"

    def count(self, texts: Sequence[str]) -> list[int]:
        """Roughly the tokens of each text."""
        return [max(-(-len(text.encode("utf-8", "replace")) // 4), len(text.split())) for text in texts]


class HubCounter:
    """Counts with a tokenizer file of the model hub, where it is cached here."""

    exact = True

    def __init__(self, hub_id: str, file: Path) -> None:
        """Reads `file`, a ``tokenizer.json``."""
        from tokenizers import Tokenizer

        self._name = hub_id
        self._tokenizer = Tokenizer.from_file(str(file))

    @property
    def name(self) -> str:
        """The model's hub id."""
        return self._name

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return [len(one) for one in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def hub_counter(hub_id: str | None) -> HubCounter | None:
    """A counter for a model whose tokenizer was fetched from the hub before; nothing is fetched."""
    if hub_id is None or hub_id.count("/") != 1:
        return None

    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        file = try_to_load_from_cache(hub_id, "tokenizer.json")
    except HFValidationError:  # a server's name for a model that is none of the hub's
        return None
    return HubCounter(hub_id, Path(file)) if isinstance(file, str) else None
