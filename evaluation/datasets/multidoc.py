"""Multi-document questions of several datasets in one schema: ``{id, dataset, question, answers, type, docs}``."""

from evaluation.datasets.given import given
from evaluation.datasets.record import Record
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("id", "question", "answers", "docs"))
def multidoc(source: Source) -> Contents:
    """Gold is what is marked ``gold``; the tags are the dataset and the question's type."""
    return source.examples(_example)


def _example(record: Record) -> Example:
    docs = record.records("docs")
    texts = [(doc.text("title", blank=True), doc.text("text")) for doc in docs]
    passages, gold = given(record, texts, [doc.flag("gold") for doc in docs])
    return Example(
        record.text("id"),
        record.text("question"),
        record.texts("answers"),
        passages,
        gold,
        tags=tuple(record.text(key) for key in ("dataset", "type") if key in record.fields),
    )
