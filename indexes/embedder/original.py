"""The fallback: a model that cannot be exported, run by sentence-transformers itself (slow to start)."""

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indexes.embedder.protocol import EmbedderSpec, Kind, Vectors

_LONGEST = 512
"""Tokens, where a model states no limit."""


class SentenceTransformersEmbedder:
    """A sentence-transformers model as it is.

    Attributes:
        model: the model itself, on the CPU.
        note: one line on why the model was not exported; None where nobody tried.
    """

    def __init__(self, folder: Path, *, name: str, fingerprint: str, note: str | None = None) -> None:
        """Loads the model from `folder`; its own code, if any, is not run.

        Args:
            folder: the model's files.
            name: how the user calls the model.
            fingerprint: SHA-256 over the files.
            note: why it was not exported.
        """
        with quiet():
            from sentence_transformers import SentenceTransformer

            self.model: SentenceTransformer = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, trust_remote_code=False
            )
        self.note = note
        self.spec = EmbedderSpec(
            name=name,
            fingerprint=fingerprint,
            dimension=len(self.model.encode("dimension", show_progress_bar=False)),
            max_tokens=self.model.max_seq_length or _LONGEST,
            query_prompt=self._prompt("query"),
            document_prompt=self._prompt("document", "passage", "corpus"),
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompt and special tokens, not cut off."""
        if not texts:
            return []
        encoded = self.model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, padding=False, verbose=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def room(self) -> int:
        """Tokens that a document may have."""
        special: int = self.model.tokenizer.num_special_tokens_to_add(pair=False)
        return self.spec.max_tokens - special - self.count_tokens([self.spec.document_prompt])[0]

    def encode(self, texts: Sequence[str], *, kind: Kind, progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors of `texts`, in their order.

        Raises:
            ValueError: a document is longer than `room()`; queries are cut off.
        """
        room = self.room()
        if kind == "document" and (longest := max(self.count_tokens(texts), default=0)) > room:
            raise ValueError(f"a document of {longest} tokens; the embedder reads {room}")
        vectors = self._encode(texts, kind)
        if progress:
            progress(len(texts))
        return vectors

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prompt = self.spec.query_prompt if kind == "query" else self.spec.document_prompt
        encode = self.model.encode_query if kind == "query" else self.model.encode_document
        vectors = encode(list(texts), prompt=prompt, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def _prompt(self, *names: str) -> str:
        """The model's prompt of one of these names; sentence-transformers adds empty ones to those of the model."""
        prompts = self.model.prompts
        given = (prompts.get(name) for name in (*names, self.model.default_prompt_name or ""))
        return next(filter(None, given), "")


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the progress bars, warnings and log lines of torch and transformers from the terminal."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from transformers.utils import logging as transformers_logging

            transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            yield
    finally:
        logging.disable(disabled)
