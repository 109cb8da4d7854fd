"""HotpotQA in its original schema, and as its Hugging Face copy writes lists of pairs: column by column."""

from typing import NamedTuple

from evaluation.datasets.given import Given, given
from evaluation.datasets.record import Record
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("question", "answer", "context", "supporting_facts"))
def hotpotqa(source: Source) -> Contents:
    """Gold are the paragraphs with supporting facts; the tags are the question's type and level."""
    return source.examples(_example)


class Paragraph(NamedTuple):
    """A paragraph of the context."""

    title: str
    sentences: tuple[str, ...]


def wiki_id(record: Record) -> str:
    """The id, under the original key or that of the copy."""
    return record.text("_id" if "_id" in record.fields else "id")


def wiki_tags(record: Record, *keys: str) -> tuple[str, ...]:
    """The texts under those of the keys that are there."""
    return tuple(record.text(key) for key in keys if key in record.fields)


def supported(record: Record) -> Given:
    """The paragraphs of the context; gold are those whose titles the supporting facts name.

    The facts' sentence numbers are left alone: they count from 0, and some of HotpotQA's point behind the paragraph.

    Raises:
        RequestError: a fact's title is not in the context.
    """
    paragraphs = [_paragraph(record, *pair) for pair in _pairs(record, "context", "title", "sentences")]
    facts = {record.as_text(name, title) for name, title, _ in _pairs(record, "supporting_facts", "title", "sent_id")}
    if lost := sorted(facts - {paragraph.title for paragraph in paragraphs}):
        raise record.wrong("supporting_facts", "about paragraphs of the context", lost[0])
    texts = [(paragraph.title, _joined(paragraph.sentences)) for paragraph in paragraphs]
    return given(record, texts, [paragraph.title in facts for paragraph in paragraphs])


def _example(record: Record) -> Example:
    passages, gold = supported(record)
    return Example(
        wiki_id(record),
        record.text("question"),
        (record.text("answer"),),
        passages,
        gold,
        tags=wiki_tags(record, "type", "level"),
    )


def _pairs(record: Record, key: str, first: str, second: str) -> list[tuple[str, object, object]]:
    """The pairs under `key`, each with its name; they may be written as an object of two columns of equal length."""
    if isinstance(record.fields.get(key), dict):
        columns = record.inner(key, record.fields[key])
        left, right = columns.each(first), columns.each(second)
        if len(left) != len(right):
            raise columns.wrong(second, f"as long as {key}.{first}, {len(left)} items", [item for _, item in right])
        return [(f"{key}.{name}", one, two) for (name, one), (_, two) in zip(left, right, strict=True)]
    pairs = []
    for name, item in record.each(key):
        pair = record.typed(name, item, list, f"a pair of {first} and {second}")
        if len(pair) != 2:
            raise record.wrong(name, f"a pair of {first} and {second}", pair)
        pairs.append((name, pair[0], pair[1]))
    return pairs


def _paragraph(record: Record, name: str, title: object, sentences: object) -> Paragraph:
    found = record.typed(name, sentences, list, "a title and a list of sentences")
    return Paragraph(
        record.as_text(name, title), tuple(record.as_text(name, sentence, blank=True) for sentence in found)
    )


def _joined(sentences: tuple[str, ...]) -> str:
    """The paragraph's text; sentences bring their own spaces (HotpotQA) or none (2WikiMultihopQA)."""
    text = ""
    for sentence in sentences:
        apart = text and not text[-1:].isspace() and not sentence[:1].isspace()
        text += f" {sentence}" if apart else sentence
    return text.strip()
