"""Tiny files in the original schemas, and how they are written."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LITM: dict[str, Any] = {
    "question": "who built the mill",
    "answers": ["Ada Karlen"],
    "ctxs": [
        {"id": "7", "title": "Mills", "text": "Mills grind.", "score": "1.1", "hasanswer": False, "isgold": False},
        {"title": "The mill", "text": "Ada Karlen built the mill.", "hasanswer": True, "isgold": True},
    ],
    "nq_annotated_gold": {"title": "The mill", "long_answer": "...", "short_answers": ["Ada Karlen"]},
}
KV: dict[str, Any] = {"ordered_kv_records": [["k1", "v1"], ["k2", "v2"]], "key": "k2", "value": "v2"}
HOTPOT: dict[str, Any] = {
    "_id": "5a7a06935542990198eaf050",
    "answer": "1920",
    "question": "In which year was the magazine's founder born?",
    "supporting_facts": [["The Weekly", 0], ["Boris Tolmer", 9]],
    "context": [
        ["The Weekly", ["The Weekly was founded by Boris Tolmer.", " It is read."]],
        ["Other Weekly", ["Another magazine."]],
        ["Boris Tolmer", ["Boris Tolmer (born 1920) is a publisher."]],
    ],
    "type": "bridge",
    "level": "hard",
}
HOTPOT_COLUMNS: dict[str, Any] = {
    "id": HOTPOT["_id"],
    **{key: HOTPOT[key] for key in ("answer", "question", "type", "level")},
    "supporting_facts": {"title": ["The Weekly", "Boris Tolmer"], "sent_id": [0, 9]},
    "context": {
        "title": ["The Weekly", "Other Weekly", "Boris Tolmer"],
        "sentences": [
            ["The Weekly was founded by Boris Tolmer.", " It is read."],
            ["Another magazine."],
            ["Boris Tolmer (born 1920) is a publisher."],
        ],
    },
}
TWO_WIKI: dict[str, Any] = {
    "_id": "13f5ad2c088c11ebbd6fac1f6bf848b6",
    "type": "bridge_comparison",
    "question": "Are both directors from the same country?",
    "context": [
        ["Film A", ["Film A is by Clara Dunmel.", "It is long."]],
        ["Clara Dunmel", ["Clara Dunmel is French."]],
        ["Film C", ["Film C is older."]],
    ],
    "entity_ids": "Q1_Q2",
    "supporting_facts": [["Film A", 0], ["Clara Dunmel", 0]],
    "evidences": [["Film A", "director", "Clara Dunmel"], ["Clara Dunmel", "country", "France"]],
    "answer": "no",
    "evidences_id": [],
    "answer_id": None,
}
MUSIQUE: dict[str, Any] = {
    "id": "2hop__482757_12019",
    "paragraphs": [
        {"idx": 0, "title": "Lake", "paragraph_text": "A lake.", "is_supporting": False},
        {"idx": 1, "title": "River", "paragraph_text": "The river ends in the Kolmer sea.", "is_supporting": True},
        {"idx": 2, "title": "Kolmer sea", "paragraph_text": "The sea is 90 m deep.", "is_supporting": True},
    ],
    "question": "How deep is the sea in which the river ends?",
    "question_decomposition": [{"id": 1, "question": "...", "answer": "...", "paragraph_support_idx": 1}],
    "answer": "90 m",
    "answer_aliases": ["90 metres", "90 m"],
    "answerable": True,
}
MULTIDOC: dict[str, Any] = {
    "id": "nq-0",
    "dataset": "nq",
    "split": "first",
    "question": "who built the mill",
    "answers": ["Ada Karlen"],
    "type": "single-hop",
    "docs": [
        {"title": "The mill", "text": "Ada Karlen built the mill.", "gold": True},
        {"title": "Mills", "text": "Mills grind.", "gold": False},
    ],
}
QUESTION: dict[str, Any] = {
    "id": "q1",
    "question": "Who built it?",
    "answers": ["Ada"],
    "gold": ["a.md"],
    "tags": ["easy"],
}
RECORDS: dict[str, dict[str, Any]] = {
    "lost_in_the_middle": LITM,
    "key_value": KV,
    "hotpotqa": HOTPOT,
    "two_wiki": TWO_WIKI,
    "musique": MUSIQUE,
    "multidoc": MULTIDOC,
    "questions": QUESTION,
}
"""A record of each format that is a file."""


def write_lines(path: Path, *records: Mapping[str, object]) -> Path:
    """JSON Lines, packed if the name says so."""
    return write_text(path, "".join(json.dumps(record) + "\n" for record in records))


def write_list(path: Path, *records: Mapping[str, object]) -> Path:
    """A JSON list, packed if the name says so."""
    return write_text(path, json.dumps(records, indent=1))


def write_text(path: Path, text: str) -> Path:
    """Any text, packed if the name says so."""
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_beir(
    folder: Path,
    *,
    corpus: Sequence[Mapping[str, object]] = (
        {"_id": "d1", "title": "One", "text": "The first."},
        {"_id": "d2", "title": "Only a title", "text": ""},
        {"_id": "d3", "title": "", "text": "The third.", "metadata": {}},
    ),
    queries: Sequence[Mapping[str, object]] = (
        {"_id": "q2", "text": "second?"},
        {"_id": "q1", "text": "first?"},
        {"_id": "q3", "text": "not judged?"},
    ),
    judgements: str = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n",
    split: str = "test",
) -> Path:
    """A folder as BEIR has them."""
    (folder / "qrels").mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", *corpus)
    write_lines(folder / "queries.jsonl", *queries)
    write_text(folder / "qrels" / f"{split}.tsv", judgements)
    return folder
