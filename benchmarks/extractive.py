"""How often two extracted sentences hold a gold answer, over Natural Questions with hard distractors.

    .venv/bin/python -m benchmarks.extractive

Claim: the scoring of `extractive` beats the plain one, best cosine plus 0.3 times the share of the question's words.
Its weights were tuned on the other rows (`--rows 100:441`); the first hundred, the default, were held out. Right is
an answer that has a gold one in it, in lower case, without punctuation and articles, as in Lost in the Middle.
"""

import gzip
import json
import re
import string
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measuring import table
from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder
from indexes.passages import Passage, RankedPassage
from rag.context import Slot
from rag.extractive import choose
from rag.grounding.support import sentences_of

SENTENCES = 2
Chooser = Callable[[str, Sequence[Slot], Embedder], list[str]]


def main() -> None:
    """Answers every question both ways and prints the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the public data sets")
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks"), help="folder for the exported embedder")
    parser.add_argument("--rows", default="0:100", help="which questions (default: %(default)s)")
    given = parser.parse_args()
    first, last = map(int, given.rows.split(":"))
    rows = nq_rows(given.data)[first:last]
    embedder = open_embedder(cache=given.work / "cache")
    choosers: dict[str, Chooser] = {"plain": plain, "extractive": extractive}
    lines = []
    for passages in (5, 20):
        for name, chooser in choosers.items():
            right, seconds = measured(rows, passages, chooser, embedder)
            lines.append([name, str(passages), f"{right:.1%}", f"{1000 * seconds:.0f}"])
    table(
        f"{len(rows)} questions, {SENTENCES} sentences",
        ["scoring", "passages", "right", "ms per answer (median)"],
        lines,
    )


def nq_rows(data: Path) -> list[dict[str, Any]]:
    """The questions of Natural Questions with their 20 documents, the gold one first."""
    with gzip.open(data / "multidoc_qa.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row["id"].startswith("nq-")]


def measured(
    rows: Sequence[dict[str, Any]], passages: int, chooser: Chooser, embedder: Embedder
) -> tuple[float, float]:
    """The share of questions answered rightly from the first `passages` documents, and the median of the seconds."""
    right, seconds = 0, []
    for row in rows:
        slots = slots_of(row["docs"][:passages])
        started = time.perf_counter()
        sentences = chooser(row["question"], slots, embedder)
        seconds.append(time.perf_counter() - started)
        right += holds_answer(" ".join(sentences), row["answers"])
    return right / len(rows), median(seconds)


def slots_of(documents: Sequence[dict[str, Any]]) -> list[Slot]:
    """The documents as slots, ranked by title: ranks break ties only, and must not tell which one is gold."""
    ordered = sorted(documents, key=lambda document: (document["title"], document["text"]))
    return [
        Slot(rank, RankedPassage(Passage(f"{rank}", d["text"], d["title"], d["title"], None, None, 0, 0), rank, 0), 0)
        for rank, d in enumerate(ordered, 1)
    ]


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether a gold answer is a part of `text`, both normalised."""
    return any(_normalised(answer) in _normalised(text) for answer in answers)


def extractive(question: str, slots: Sequence[Slot], embedder: Embedder) -> list[str]:
    """As the product chooses."""
    return [sentence.text for sentence in choose(question, slots, embedder, count=SENTENCES)]


def plain(question: str, slots: Sequence[Slot], embedder: Embedder) -> list[str]:
    """Cosine of the sentence with its title, plus 0.3 times the share of the question's words that it has."""
    sentences, asked = sentences_of(slots), _words(question)
    texts = [f"{sentence.slot.ranked.passage.title}: {sentence.text}" for sentence in sentences]
    vectors = embedder.encode([question, *texts], kind="query")  # queries may be too long
    shares = [len(asked & _words(sentence.text)) / len(asked) for sentence in sentences]
    scores = vectors[1:] @ vectors[0] + 0.3 * np.array(shares)
    return [sentences[index].text for index in np.argsort(-scores, kind="stable")[:SENTENCES]]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _normalised(text: str) -> str:
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(word for word in bare.split() if word not in {"a", "an", "the"})


if __name__ == "__main__":
    main()
