"""BEIR: a folder, or a zip of one, with ``corpus.jsonl``, ``queries.jsonl`` and judgements in ``qrels/SPLIT.tsv``."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from typing import TypeVar

from evaluation.datasets.files import checksum, read_lines, read_records, unpacking
from evaluation.datasets.given import passage_of
from evaluation.datasets.record import Record, shown
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example, Gold
from indexes.errors import RequestError, UnknownNameError
from indexes.passages import Passage

CORPUS, QUERIES = "corpus.jsonl", "queries.jsonl"

_T = TypeVar("_T")
_Judged = dict[str, dict[str, int]]


@reader()
def beir(source: Source) -> Contents:
    """The queries that the split judges, in the order of ``queries.jsonl``, with what is relevant as their gold.

    The source of a document is what an index of the folder calls it: ``corpus.jsonl#ID``. Its text is the title where
    there is no other. Answers are not known. The checksum is of the names and bytes of the files that are read.
    """
    with _folder(source) as folder:
        judgements = _judgements(folder, source.split)
        judged = _judged(judgements)
        queries = _by_id(folder / QUERIES, lambda record: record.text("text"))
        corpus = _corpus(folder / CORPUS)
        read = {CORPUS: folder / CORPUS, QUERIES: folder / QUERIES, f"qrels/{source.split}.tsv": judgements}
        content = "".join(f"{name}\0{checksum(file)}\0" for name, file in read.items())
        where = str(judgements)
    if unknown := [query for query in judged if query not in queries]:
        raise RequestError(f"{where} judges the query {shown(unknown[0])}, which {QUERIES} does not have")
    examples = tuple(_example(query, text, judged[query]) for query, text in queries.items() if query in judged)
    kept = tuple(example for example in examples if example.gold)
    if not kept:
        raise RequestError(f"{where} judges no document relevant")
    checked = hashlib.sha256(content.encode()).hexdigest()
    return Contents(kept, checked, tuple(corpus.values()), _warnings(examples, corpus))


@contextmanager
def _folder(source: Source) -> Iterator[Traversable]:
    """The folder that has the corpus: the one given, or the zip's top or the one folder there."""
    if source.path.is_dir():
        _require(source.path)
        yield source.path
        return
    with unpacking(source.path), zipfile.ZipFile(source.path) as archive:
        top = zipfile.Path(archive)
        inner = [item for item in top.iterdir() if item.is_dir() and (item / CORPUS).is_file()]
        folder = inner[0] if len(inner) == 1 and not (top / CORPUS).is_file() else top
        _require(folder)
        yield folder


def _require(folder: Traversable) -> None:
    for name in (CORPUS, QUERIES):
        if not (folder / name).is_file():
            raise RequestError(
                f"{folder} is no BEIR dataset: {name} is missing; wanted {CORPUS}, {QUERIES}, qrels/*.tsv"
            )


def _judgements(folder: Traversable, split: str) -> Traversable:
    names = [file.name for file in (folder / "qrels").iterdir()] if (folder / "qrels").is_dir() else []
    splits = [name.removesuffix(".tsv") for name in names if name.endswith(".tsv")]
    if split not in splits:
        raise UnknownNameError("split", split, splits, hint=f"{folder} keeps them as qrels/SPLIT.tsv")
    return folder / "qrels" / f"{split}.tsv"


def _judged(file: Traversable) -> _Judged:
    """Grades by query and document; 0 and less is not relevant."""
    judged: _Judged = {}
    for number, line in read_lines(file):
        parts = line.split("\t")
        if number == 1 and parts[-1].strip() == "score":
            continue
        try:
            query, document, grade = parts[0], parts[1], int(parts[2])
        except (IndexError, ValueError):
            wanted = "query-id, corpus-id and a whole number, tabs between them"
            raise RequestError(f"{file}, line {number}: wanted {wanted}; found {shown(line)}") from None
        if judged.setdefault(query, {}).setdefault(document, grade) != grade:
            raise RequestError(f"{file}, line {number}: {shown(document)} is judged again, with another grade")
    return judged


def _corpus(file: Traversable) -> dict[str, Passage]:
    def document(record: Record) -> Passage:
        title = record.text("title", blank=True) if "title" in record.fields else ""
        text = record.text("text", blank=True)
        return passage_of(_source(record.text("_id")), title, text if text.strip() else title)

    return _by_id(file, document)


def _by_id(file: Traversable, made: Callable[[Record], _T]) -> dict[str, _T]:
    """What is made of each record of the file, by its id."""
    found: dict[str, _T] = {}
    for record in read_records(file):
        name = record.text("_id")
        if name in found:
            raise record.error(f"the id {shown(name)} is already that of another record; ids must differ")
        found[name] = made(record)
    return found


def _example(query: str, text: str, grades: dict[str, int]) -> Example:
    gold = tuple(Gold(_source(document), grade=grade) for document, grade in grades.items() if grade > 0)
    return Example(query, text, None, gold=gold)


def _source(document: str) -> str:
    return f"{CORPUS}#{document}"


def _warnings(examples: tuple[Example, ...], corpus: dict[str, Passage]) -> tuple[str, ...]:
    warnings = []
    if without := sum(not example.gold for example in examples):
        warnings.append(f"{without} of {len(examples)} judged queries have no relevant document and are left out")
    known = {passage.source for passage in corpus.values()}
    if lost := sorted({gold.source for example in examples for gold in example.gold} - known):
        warnings.append(f"relevant documents that are not in the corpus: {len(lost)}, such as {shown(lost[0])}")
    return tuple(warnings)
