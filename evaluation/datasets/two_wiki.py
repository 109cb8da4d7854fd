"""2WikiMultihopQA in its original schema: HotpotQA's with evidence triples, and without levels."""

from evaluation.datasets.hotpotqa import supported, wiki_id, wiki_tags
from evaluation.datasets.record import Record
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("question", "answer", "context", "supporting_facts", "evidences"))
def two_wiki(source: Source) -> Contents:
    """Gold are the paragraphs with supporting facts; the tag is the question's type."""
    return source.examples(_example)


def _example(record: Record) -> Example:
    passages, gold = supported(record)
    answers = (record.text("answer"),)
    return Example(wiki_id(record), record.text("question"), answers, passages, gold, tags=wiki_tags(record, "type"))
