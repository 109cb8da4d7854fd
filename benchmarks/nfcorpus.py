"""Retrieval quality on BEIR NFCorpus: nDCG@10 over the 323 test queries.

    .venv/bin/python -m benchmarks.nfcorpus

Claims: with one vector per document, title and text cut off at 256 word pieces as published, dense search reaches
0.316 +- 0.005 and the fusion with BM25 at least 0.33; through our cutting (a document counts where its best passage
stands) neither is lower.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import nDCG
from tokenizers import Tokenizer

from benchmarks.corpus import Text, nfcorpus, write_corpus
from benchmarks.measuring import arguments, table
from indexes.build import build_index
from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder
from indexes.embedder.source import DEFAULT_EMBEDDER, find_model
from indexes.index import Index
from indexes.lexical import LexicalIndex, build_lexical
from indexes.ranking import FUSION_DEPTH, MODES, fuse, rank
from indexes.vectors import VectorIndex, build_vectors

Run = dict[str, dict[str, float]]
"""Query id to document id to score."""


def main() -> None:
    """Searches in all ways and prints the table."""
    given = arguments(__doc__, repeats=1)
    documents = nfcorpus(given.data)
    queries, judgements = _queries(given.data)
    embedder = open_embedder(cache=given.work / "cache")
    runs = whole_documents(documents, queries, embedder, given.work / "nfcorpus-whole")
    runs |= passages(documents, queries, given.work)
    rows = []
    for (unit, mode), run in runs.items():
        found = ir_measures.calc_aggregate([nDCG @ 10], judgements, run)[nDCG @ 10]
        rows.append((unit, mode, f"{found:.4f}"))
    table(f"NFCorpus, {len(queries)} queries", ["unit", "mode", "nDCG@10"], rows)


def whole_documents(
    documents: Mapping[str, Text], queries: Mapping[str, str], embedder: Embedder, folder: Path
) -> dict[tuple[str, str], Run]:
    """One vector and one lexical entry per document, in the indexes that passages otherwise stand in."""
    ids = list(documents)
    texts = [f"{title} {text}" for title, text in documents.values()]
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "vectors.npy"
    if not kept.exists():
        np.save(kept, embedder.encode(_cut_off(texts, embedder), kind="document"))
    build_vectors(folder / "vectors.faiss", np.load(kept), "Flat")
    if not (folder / "lexical").exists():
        build_lexical(folder / "lexical", texts)
    vectors, lexical = VectorIndex(folder / "vectors.faiss"), LexicalIndex(folder / "lexical")
    runs: dict[str, Run] = {mode: {} for mode in MODES}
    for key, query in queries.items():
        dense = vectors.search(embedder.encode([query], kind="query")[0], FUSION_DEPTH)
        words = lexical.search(query, FUSION_DEPTH)
        for mode, hits in {"dense": dense, "lexical": words, "hybrid": fuse([dense.rows, words.rows], 100)}.items():
            runs[mode][key] = {ids[row]: float(score) for row, score in zip(hits.rows, hits.scores, strict=True)}
    return {("whole documents, cut off", mode): run for mode, run in runs.items()}


def passages(documents: Mapping[str, Text], queries: Mapping[str, str], work: Path) -> dict[tuple[str, str], Run]:
    """Our own index; a document scores what its best passage scores."""
    folder, corpus = work / "indexes" / "nfcorpus", work / "nfcorpus" / "corpus.jsonl"
    if not (folder / "manifest.json").exists():
        write_corpus(corpus, documents.items())
        build_index(folder, [corpus.parent], cache=work / "cache")
    with Index(folder, cache=work / "cache") as index:

        def best(query: str, mode: Any) -> dict[str, float]:
            scores: dict[str, float] = {}
            for found in rank(index, query, k=50, mode=mode).passages:
                scores.setdefault(found.passage.source.partition("#")[2], found.score)
            return scores

        return {
            (f"best of {index.manifest.passages} passages", mode): {
                key: best(query, mode) for key, query in queries.items()
            }
            for mode in MODES
        }


def _cut_off(texts: list[str], embedder: Embedder) -> list[str]:
    """The beginnings of `texts` that fit the embedder."""
    tokenizer = Tokenizer.from_file(str(find_model(DEFAULT_EMBEDDER) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(embedder.room())
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    return [text[: encoding.offsets[-1][1]] for text, encoding in zip(texts, encodings, strict=True)]


def _queries(data: Path) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    """The test queries by id, and the graded judgements on them."""
    judgements: dict[str, dict[str, int]] = {}
    with zipfile.ZipFile(data / "nfcorpus.zip") as archive:
        with archive.open("nfcorpus/qrels/test.tsv") as file:
            for row in csv.DictReader(io.TextIOWrapper(file, encoding="utf-8"), delimiter="\t"):
                judgements.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
        with archive.open("nfcorpus/queries.jsonl") as file:
            texts = {row["_id"]: row["text"] for row in map(json.loads, file)}
    return {key: texts[key] for key in judgements}, judgements


if __name__ == "__main__":
    main()
