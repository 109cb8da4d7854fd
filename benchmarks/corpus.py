"""The collections that are measured: public data sets, read and written out as a user would have them."""

import gzip
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from indexes.build import build_index

_DISTRACTORS = 79
"""With so many, the collection of `ten_thousand` comes to about 10,000 passages."""


class Text(NamedTuple):
    """A document of a data set."""

    title: str
    text: str


class Question(NamedTuple):
    """A question and the one document that answers it."""

    text: str
    gold: Text


def nq_questions(data: Path) -> list[Question]:
    """The 2,655 questions of Natural Questions, each with its gold passage; some share one."""
    rows = _json_lines(data / "nq-open-oracle.jsonl.gz")
    return [Question(row["question"], Text(row["ctxs"][0]["title"], row["ctxs"][0]["text"])) for row in rows]


def nfcorpus(data: Path) -> dict[str, Text]:
    """The documents of NFCorpus by id."""
    with zipfile.ZipFile(data / "nfcorpus.zip") as archive, archive.open("nfcorpus/corpus.jsonl") as file:
        return {row["_id"]: Text(row["title"], row["text"]) for row in map(json.loads, file)}


def write_corpus(path: Path, texts: Iterable[tuple[str, Text]]) -> None:
    """Writes texts by id as a BEIR `corpus.jsonl`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for key, (title, text) in texts:
            file.write(json.dumps({"_id": key, "title": title, "text": text}, ensure_ascii=False) + "\n")


def ten_thousand(data: Path, work: Path) -> Path:
    """The folder of an index of 10,000 passages (NQ, NFCorpus and a few distractors); built once, kept in `work`."""
    folder = work / "indexes" / "ten-thousand"
    if not (folder / "manifest.json").exists():
        print("building the index of 10,000 passages (once, some minutes) ...", flush=True)
        gold = dict.fromkeys(question.gold for question in nq_questions(data))
        distractors = (
            Text(found["title"], found["text"])
            for row in _json_lines(data / "nq-open-20_total_documents_gold_at_0.first441.jsonl.gz")
            for found in row["ctxs"]
            if not found["isgold"]
        )
        texts = [*gold, *nfcorpus(data).values(), *list(dict.fromkeys(distractors))[:_DISTRACTORS]]
        corpus = work / "ten-thousand" / "corpus.jsonl"
        write_corpus(corpus, ((str(number), text) for number, text in enumerate(texts)))
        build_index(folder, [corpus.parent], cache=work / "cache")
    return folder


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
