"""The exported encoder beside sentence-transformers: the same vectors, faster.

    .venv/bin/python -m benchmarks.encoder

Claim: on 1,000 real passages the cosine of both vectors is at least 0.999 for every one. Both get all texts in one
call, with batches of 32, sorted by length, on as many threads as they choose.
"""

from pathlib import Path

import numpy as np

from benchmarks.corpus import nq_questions
from benchmarks.measuring import arguments, interleaved, table, timed
from indexes.embedder.onnx import OnnxEmbedder
from indexes.embedder.open import DEFAULT_EMBEDDER, open_embedder
from indexes.embedder.original import SentenceTransformersEmbedder
from indexes.embedder.source import find_model

TEXTS = 1000


def main() -> None:
    """Compares the vectors, times both and prints the table."""
    given = arguments(__doc__, repeats=3)
    exported = open_embedder(cache=given.work / "cache")
    assert isinstance(exported, OnnxEmbedder)  # noqa: S101
    original = SentenceTransformersEmbedder(
        Path(find_model(DEFAULT_EMBEDDER)), name="original", fingerprint=exported.spec.fingerprint
    )
    golds = list(dict.fromkeys(f"{title}: {text}" for _, (title, text) in nq_questions(given.data)))
    fitting = [
        text for text, count in zip(golds, exported.count_tokens(golds), strict=True) if count <= exported.room()
    ]
    texts = fitting[:TEXTS]
    seconds = interleaved(
        {
            "sentence-transformers": lambda: timed(lambda: original.encode(texts, kind="document")),
            "ONNX export": lambda: timed(lambda: exported.encode(texts, kind="document")),
        },
        given.repeats,
    )
    rows = [
        (name, f"{len(texts) / found:.1f}", f"{seconds['sentence-transformers'] / found:.2f}")
        for name, found in seconds.items()
    ]
    table("Encoding 1,000 passages", ["encoder", "texts/s", "speed"], rows)
    cosines = np.sum(original.encode(texts, kind="document") * exported.encode(texts, kind="document"), axis=1)
    print(f"least cosine of {len(texts)} texts: {cosines.min():.7f} (claim: at least 0.999)")


if __name__ == "__main__":
    main()
