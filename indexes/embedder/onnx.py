"""An embedding model that `export` has written to a folder, run on ONNX Runtime: neither torch nor transformers."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from indexes.embedder.protocol import EmbedderSpec, Kind, Vectors
from indexes.embedder.source import file_sha256

GRAPH, TOKENIZER, SPEC = "model.onnx", "tokenizer.json", "embedder.json"

_TOKENS_AT_ONCE = 512
"""Tokens of a batch, padding included: what is computed between two layers then stays in the processor's cache (seen:
1.7 times as fast as 32 passages at once)."""
_TOKENISED_AT_ONCE = 1_000_000
"""Characters: what the tokenizer returns takes many times the memory of the text."""


class OnnxEmbedder:
    """An exported model. Vectors of one text are equal, up to rounding, whatever it is encoded with."""

    note: str | None = None

    def __init__(self, folder: Path, *, name: str | None = None) -> None:
        """Opens an export.

        Args:
            folder: what `export` has written.
            name: how the user calls the model; None for the name that it was exported under.
        """
        spec = read_spec(folder)
        self.spec = replace(spec, name=name or spec.name)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        padding = self._tokenizer.padding or {}
        self._pad_id, self._pads_left = padding.get("pad_id", 0), padding.get("direction") == "left"
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # the graph was optimised when it was exported
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._session = onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompt and special tokens, not cut off."""
        return [len(ids) for ids in self._tokenise(texts, special=False)]

    def room(self) -> int:
        """Tokens that a document may have."""
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return self.spec.max_tokens - special - self.count_tokens([self.spec.document_prompt])[0]

    def encode(self, texts: Sequence[str], *, kind: Kind, progress: Callable[[int], None] | None = None) -> Vectors:
        """Unit vectors of `texts`, in their order. `progress` is told, per batch, how many texts are done so far.

        Raises:
            ValueError: a document is longer than `room()`; queries are cut off.
        """
        prompt = self.spec.query_prompt if kind == "query" else self.spec.document_prompt
        inputs = list(self._tokenise([prompt + text for text in texts], special=True))
        for index, ids in enumerate(inputs):
            if len(ids) > self.spec.max_tokens:
                if kind == "document":
                    raise ValueError(f"a document of {len(ids)} tokens; the embedder reads {self.spec.max_tokens}")
                inputs[index] = self._cut_off(prompt + texts[index])
        vectors = np.empty((len(texts), self.spec.dimension), np.float32)
        longest_first = sorted(range(len(texts)), key=lambda index: (-len(inputs[index]), index))
        start = 0
        while start < len(texts):
            stop = start + max(1, _TOKENS_AT_ONCE // len(inputs[longest_first[start]]))
            batch = longest_first[start:stop]
            vectors[batch] = self._run([inputs[index] for index in batch])
            start += len(batch)
            if progress:
                progress(start)
        return vectors

    def _tokenise(self, texts: Sequence[str], *, special: bool) -> Iterator[NDArray[np.int64]]:
        start = 0
        while start < len(texts):
            stop, size = start, 0
            while stop < len(texts) and size < _TOKENISED_AT_ONCE:
                size += len(texts[stop])
                stop += 1
            for encoding in self._tokenizer.encode_batch_fast(texts[start:stop], add_special_tokens=special):
                yield np.array(encoding.ids, np.int64)
            start = stop

    def _cut_off(self, text: str) -> NDArray[np.int64]:
        shortening = Tokenizer.from_str(self._tokenizer.to_str())
        shortening.enable_truncation(self.spec.max_tokens)
        return np.array(shortening.encode(text).ids, np.int64)

    def _run(self, inputs: Sequence[NDArray[np.int64]]) -> Vectors:
        width = max(len(ids) for ids in inputs)
        tokens = np.full((len(inputs), width), self._pad_id, np.int64)
        mask = np.zeros_like(tokens)
        for row, ids in enumerate(inputs):
            place = slice(width - len(ids), None) if self._pads_left else slice(len(ids))
            tokens[row, place] = ids
            mask[row, place] = 1
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        [vectors] = self._session.run(None, {name: given[name] for name in self._inputs})
        return np.asarray(vectors, np.float32)


def read_spec(folder: Path) -> EmbedderSpec:
    """The spec of the export in `folder`.

    Raises:
        OSError, ValueError, LookupError, TypeError: there is none, or it is damaged.
    """
    return EmbedderSpec(**json.loads((folder / SPEC).read_text(encoding="utf-8"))["spec"])


def is_damaged(folder: Path) -> bool:
    """Whether the files of the export in `folder` are no longer what was written."""
    try:
        read_spec(folder)
        files = json.loads((folder / SPEC).read_text(encoding="utf-8"))["files"]
        return any(file_sha256(folder / name) != known for name, known in files.items())
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return True


def write_spec(folder: Path, spec: EmbedderSpec, **more: object) -> None:
    """Writes the spec, the checksums of the export's other files, and what else is worth knowing, into `folder`."""
    files = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps({"spec": asdict(spec), "files": files, **more}, indent=1, ensure_ascii=False)
    (folder / SPEC).write_text(text, encoding="utf-8")
