"""Exports a sentence-transformers model once, so that later processes need neither torch nor transformers."""

import shutil
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from indexes.embedder.onnx import GRAPH, TOKENIZER, OnnxEmbedder, write_spec
from indexes.embedder.original import SentenceTransformersEmbedder, quiet
from indexes.embedder.protocol import Kind

_COSINE = 0.999
"""An export whose vectors are further than this from the original's is not used."""


class ExportError(Exception):
    """The model cannot be exported; the message says why. It can still be run as it is."""


def export(original: SentenceTransformersEmbedder, folder: Path) -> None:
    """Writes the graph (transformer, pooling and all), the tokenizer and the spec to `folder`, in one rename.

    Raises:
        ExportError: the model has no fast tokenizer, or the exported one gives other vectors.
        OSError: `folder` cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(mkdtemp(prefix=".export-", dir=folder.parent))
    try:
        _write_tokenizer(original, aside / TOKENIZER)
        try:
            _write_graph(original, aside)
        except OSError:
            raise
        except Exception as error:  # torch and ONNX Runtime raise whatever they like
            raise ExportError(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}") from error
        packages = ("sentence-transformers", "torch", "onnxruntime", "tokenizers")
        write_spec(aside, original.spec, versions={package: version(package) for package in packages})
        _check(original, OnnxEmbedder(aside))
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_in_place(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        if not (folder / GRAPH).exists():  # another process that exported the same model was first
            raise


def _write_tokenizer(original: SentenceTransformersEmbedder, path: Path) -> None:
    tokenizer = original.model.tokenizer
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None or tokenizer.pad_token_id is None:
        raise ExportError("its tokenizer cannot be written as tokenizer.json")
    fast.no_truncation()
    fast.enable_padding(direction=tokenizer.padding_side, pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    fast.save(str(path))


def _write_graph(original: SentenceTransformersEmbedder, folder: Path) -> None:
    """Exports, then has ONNX Runtime optimise; weights go beside the graph, from where they load twice as fast."""
    import onnxruntime
    import torch

    model = original.model
    with quiet():  # sentence-transformers 6 calls it `preprocess`, 5 does not
        features = model.tokenize(["An example.", "A longer example, which the first one is padded to."])
    names = [name for name, value in features.items() if isinstance(value, torch.Tensor)]

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            values = dict(zip(names, tensors, strict=True))
            for module in self.model:
                values = module(values)
            return torch.nn.functional.normalize(values["sentence_embedding"], dim=1)

    traced = folder / "traced.onnx"
    with quiet():
        torch.onnx.export(
            Pipeline().eval(),
            tuple(features[name] for name in names),
            str(traced),
            input_names=names,
            output_names=["embedding"],
            dynamic_axes={"embedding": {0: "text"}} | {name: {0: "text", 1: "token"} for name in names},
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / GRAPH)
    weights = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{weights}_file_name", "model.weights")
    options.add_session_config_entry(f"{weights}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(traced), options, providers=["CPUExecutionProvider"])
    for path in folder.iterdir():
        if path.name not in {GRAPH, TOKENIZER, "model.weights"}:
            path.unlink()


def _check(original: SentenceTransformersEmbedder, exported: OnnxEmbedder) -> None:
    texts = sample_texts(limit=exported.room())
    kinds: dict[str, Kind] = {original.spec.query_prompt: "query", original.spec.document_prompt: "document"}
    try:
        for kind in kinds.values():
            cosines = np.sum(original.encode(texts, kind=kind) * exported.encode(texts, kind=kind), axis=1)
            if not (worst := float(cosines.min())) >= _COSINE:
                raise ExportError(f"the exported model's vectors differ from the original's (cosine {worst:.4f})")
    except (KeyError, ValueError) as error:
        raise ExportError(f"the exported model cannot be run: {error}") from error


def sample_texts(*, limit: int) -> list[str]:
    """64 texts, from one word to most of `limit` tokens, with capitals, digits, accents and other scripts."""
    words = [
        "Retrieval",
        "finds",
        "passages,",
        "and",
        "the",
        "ORDER",
        "of",
        "passages",
        "may",
        "matter;",
        "café",
        "naïve",
        "Straße",
        "3.14",
        "(2026)",
        "'quoted'",
        "C++",
        "e-mail@example.org",
        "Привет",
        "世界",
        "🎉",
        "water",
        "boils",
        "at",
        "100",
        "°C",
        "under",
        "normal",
        "pressure.",
    ]
    longest = max(1, min(limit, 512) // 5)
    sizes = (1 + number * (longest - 1) // 63 for number in range(64))
    return [" ".join(words[(3 * n + k) % len(words)] for k in range(size)) for n, size in enumerate(sizes)]
