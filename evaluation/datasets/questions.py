"""Our own format, for questions over one's own index: ``{id?, question, answers, gold?, tags?}``."""

from evaluation.datasets.record import Record, content_id
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example, Gold

KEYS = ("id", "question", "answers", "gold", "tags")
GOLD_KEYS = ("source", "quote")


@reader(keys=("question", "answers"))
def questions(source: Source) -> Contents:
    """Gold is looked for in the index; a question without answers is to be refused.

    An absent id is made from the record's content, so that it stays while the record does.
    """
    contents = source.examples(_example)
    with_gold = sum(bool(example.gold) for example in contents.examples)
    answerable_without = sum(bool(example.answers) and not example.gold for example in contents.examples)
    if not with_gold or not answerable_without:
        return contents
    warning = (
        f"{answerable_without} of {len(contents.examples)} questions have answers but name no gold; metrics of "
        "evidence do not apply to them"
    )
    return contents._replace(warnings=(warning,))


def _example(record: Record) -> Example:
    record.only(KEYS)
    return Example(
        record.text("id") if "id" in record.fields else content_id(record.fields),
        record.text("question"),
        record.texts("answers", empty=True),
        gold=_gold(record) if "gold" in record.fields else (),
        tags=record.texts("tags", empty=True) if "tags" in record.fields else (),
    )


def _gold(record: Record) -> tuple[Gold, ...]:
    found = []
    for name, item in record.each("gold", empty=True):
        if isinstance(item, dict):
            inner = record.inner(name, item)
            inner.only(GOLD_KEYS)
            found.append(Gold(inner.text("source"), inner.text("quote") if "quote" in item else None))
        elif isinstance(item, str):
            found.append(Gold(record.as_text(name, item)))
        else:
            raise record.wrong(name, 'a source, or {"source": ..., "quote": ...}', item)
    return tuple(found)
