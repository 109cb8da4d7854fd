"""Our own format, for questions over one's own index: ``{id?, question, answers, gold?, tags?, must?}``."""

import sys
from collections.abc import Mapping

from evaluation.datasets.record import Record, content_id
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example, Gold
from evaluation.must import Must
from rag.grounding.citations import comparable

KEYS = ("id", "question", "answers", "gold", "tags", "must")
GOLD_KEYS = ("source", "quote")
MUST_KEYS = ("cite", "contain", "not_contain", "refuse", "max_tokens", "max_seconds")


@reader(keys=("question", "answers"))
def questions(source: Source) -> Contents:
    """Gold is looked for in the index; a question without answers is to be refused.

    An absent id is made from the record's content without `must`, so that it stays while the record does and an
    assertion can be added to a question that was asked before.
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
        record.text("id") if "id" in record.fields else content_id(_without_must(record.fields)),
        record.text("question"),
        record.texts("answers", empty=True),
        gold=_gold(record) if "gold" in record.fields else (),
        tags=record.texts("tags", empty=True) if "tags" in record.fields else (),
        must=_must(record) if "must" in record.fields else None,
    )


def _without_must(fields: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if key != "must"}


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


def _must(record: Record) -> Must:
    inner = record.inner("must", record.fields["must"])
    inner.only(MUST_KEYS)
    said = inner.fields
    must = Must(
        cite=inner.texts("cite") if "cite" in said else (),
        contain=inner.texts("contain") if "contain" in said else (),
        not_contain=inner.texts("not_contain") if "not_contain" in said else (),
        refuse=inner.flag("refuse") if "refuse" in said else False,
        max_tokens=_most_tokens(inner) if "max_tokens" in said else None,
        max_seconds=_most_seconds(inner) if "max_seconds" in said else None,
    )
    for name in ("contain", "not_contain"):
        for text in getattr(must, name):
            if not comparable(text):
                raise inner.wrong(name, "texts with more than marks of emphasis", text)
    if must == Must():
        raise record.wrong("must", f"an object that asserts something: {', '.join(MUST_KEYS)}", dict(said))
    return must


def _most_tokens(must: Record) -> int:
    tokens = must.whole("max_tokens")
    if tokens < 1:
        raise must.wrong("max_tokens", "a whole number from 1", tokens)
    return tokens


def _most_seconds(must: Record) -> float:
    seconds = must.fields["max_seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= sys.float_info.max:
        raise must.wrong("max_seconds", "a number of seconds above 0", seconds)
    return float(seconds)
