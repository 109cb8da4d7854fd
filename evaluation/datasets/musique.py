"""MuSiQue in its original schema, the answerable part and the full one."""

from evaluation.datasets.given import given, passages_of
from evaluation.datasets.record import Record
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("id", "question", "paragraphs", "answer"))
def musique(source: Source) -> Contents:
    """Gold are the supporting paragraphs; the tag is the kind of hops, such as "2hop" or "3hop1".

    A question of the full part that its paragraphs do not answer is one to be refused, without gold; "unanswerable"
    stands behind its id, which its answerable counterpart has, and among its tags.
    """
    return source.examples(_example)


def _example(record: Record) -> Example:
    name, question = record.text("id"), record.text("question")
    paragraphs = record.records("paragraphs")
    texts = [(one.text("title", blank=True), one.text("paragraph_text")) for one in paragraphs]
    hops, separated, _ = name.partition("__")
    tags = (hops,) if separated else ()
    if "answerable" in record.fields and not record.flag("answerable"):
        return Example(f"{name} unanswerable", question, (), passages_of(texts), tags=(*tags, "unanswerable"))
    answers = [record.text("answer")]
    if "answer_aliases" in record.fields:
        answers += record.texts("answer_aliases", empty=True)
    passages, gold = given(record, texts, [one.flag("is_supporting") for one in paragraphs])
    return Example(name, question, tuple(dict.fromkeys(answers)), passages, gold, tags=tags)
