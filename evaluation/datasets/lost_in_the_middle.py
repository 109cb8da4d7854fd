"""Multi-document questions as Lost in the Middle wrote them: ``{question, answers, ctxs: [{title, text, isgold}]}``."""

import re

from evaluation.datasets.given import given, passages_of
from evaluation.datasets.record import Record, content_id
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("question", "answers", "ctxs"))
def lost_in_the_middle(source: Source) -> Contents:
    """Gold is what is flagged ``isgold``; in files without that flag, of retrieved passages, what ``hasanswer``."""
    contents = source.examples(_example)
    warnings = []
    if counted := re.search(r"gold_at_(\d{1,6})", source.path.name):
        at = int(counted[1]) + 1
        warnings.append(f"the file's name counts positions from 0: {counted[0]!r} is position {at} here")
    without = sum(not example.gold_ids for example in contents.examples)
    if without:
        warnings.append(f"in {without} of {len(contents.examples)} examples no passage has the answer")
    return contents._replace(warnings=tuple(warnings))


def _example(record: Record) -> Example:
    question, answers, ctxs = record.text("question"), record.texts("answers"), record.records("ctxs")
    texts = [(ctx.text("title", blank=True), ctx.text("text")) for ctx in ctxs]
    example = Example(content_id([question, answers]), question, answers)  # the same wherever its gold stands
    if any("isgold" in ctx.fields for ctx in ctxs):
        passages, gold = given(record, texts, ["isgold" in ctx.fields and ctx.flag("isgold") for ctx in ctxs])
    else:  # what was retrieved may lack the answer
        passages = passages_of(texts)
        gold = tuple(one.id for one, ctx in zip(passages, ctxs, strict=True) if ctx.flag("hasanswer"))
    return Example(example.id, question, answers, passages, gold)
