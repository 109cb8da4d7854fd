"""How an answer is shown under its text: sources with their evidence, warnings, tokens and times."""

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from cli.amounts import count_of
from cli.console import note, stderr, stdout, warning
from cli.printable import one_line

if TYPE_CHECKING:
    from indexes.index import Index
    from rag.answer import Answer, Citation, Usage
    from rag.context import Context

WIDEST = 100


def show_sources(answer: "Answer", index: "Index") -> None:
    """The passages that are cited, each once, with the sentences that bear the answer out."""
    from cli.places import places_of

    passages = {slot.position: slot.ranked.passage for slot in answer.context.slots}
    labels = list(dict.fromkeys(c.label for c in answer.citations if c.label in passages))
    if not labels:
        return
    out = stdout()
    out.print()
    places = places_of(index, [passages[label] for label in labels])
    for label, place in zip(labels, places, strict=True):
        citations = [citation for citation in answer.citations if citation.label == label]
        line = Text(f"[{label}] ", "bold cyan").append_text(place.text())
        heading = one_line(passages[label].heading or passages[label].title)
        line.append(f"  {heading}", "dim").append_text(_mark(citations))
        out.print(line, soft_wrap=True)
        for sentence in answer.evidence:
            if sentence.label == label:
                out.print(Text(_quoted(sentence.text, min(out.width, WIDEST)), "dim"), soft_wrap=True)


def _quoted(sentence: str, width: int) -> str:
    return textwrap.fill(f"“{one_line(sentence)}”", width, initial_indent="    ", subsequent_indent="    ")


def _mark(citations: "list[Citation]") -> Text:
    if any(citation.verified is False for citation in citations):
        return Text("  not as quoted", "bold red")
    if any(citation.verified is None for citation in citations):
        return Text("  attributed", "yellow")
    if any(citation.quote for citation in citations):
        return Text("  verbatim", "green")
    return Text("")


def show_end(answer: "Answer") -> None:
    """Warnings, how it ended if not well, then one dim line of tokens and times; all on stderr."""
    for text in answer.warnings:
        warning(text)
    if answer.finish == "empty":
        warning("the model ended without an answer; ask again, or try another model")
    if answer.partial:
        note(f"what had come: {answer.partial}")
    if answer.error:
        stderr().print(Text(f"no answer: {one_line(answer.error)}", "bold red"), soft_wrap=True)
    timings = answer.timings
    parts = [
        f"{_size(answer.context)}, {answer.context.placement}",
        *_left_out(answer.context),
        *_spent(answer.usage),
        *([f"{timings.total / 1000:.1f} s"] if timings.total else []),
    ]
    note(" · ".join(parts))


def _spent(usage: "Usage") -> list[str]:
    """The tokens of prompt and reply, and what share of the prompt the server had read before."""
    parts = []
    if usage.prompt:
        share = f" ({usage.cached / usage.prompt:.0%} cached)" if usage.cached is not None else ""
        parts.append(f"{usage.prompt:,} prompt tokens{share}")
    if usage.completion:
        parts.append(f"{usage.completion:,} generated")
    if usage.reasoning:
        parts.append(
            f"{usage.reasoning:,} of them thinking" if usage.completion else f"{usage.reasoning:,} of thinking"
        )
    return parts


def draw_context(context: "Context", index: "Index", *, to_stderr: bool) -> None:
    """The slots in the order in which the model reads them: position, rank, score, tokens, source, first words."""
    from cli.places import places_of

    out = stderr() if to_stderr else stdout()
    places = places_of(index, [slot.ranked.passage for slot in context.slots])
    out.print(Text(f"{'slot':>4}  {'rank':>4}  {'score':>7}  {'tokens':>6}  source", "dim"), soft_wrap=True)
    for slot, place in zip(context.slots, places, strict=True):
        line = Text(f"{f'[{slot.position}]':>4}", "bold cyan")
        line.append(f"  {slot.ranked.rank:>4}", "bold" if slot.ranked.rank == 1 else "")
        line.append(f"  {slot.ranked.score:>7.4f}  {slot.tokens:>6}  ")
        out.print(line.append_text(place.text()), soft_wrap=True)
        words = Text(" " * 29 + one_line(slot.ranked.passage.text), "dim")
        words.truncate(min(out.width, WIDEST), overflow="ellipsis")
        out.print(words, soft_wrap=True)
    total = f"{_size(context)} by {context.tokenizer}, {context.placement}"
    out.print(Text(" · ".join([total, *_left_out(context)]), "dim"), soft_wrap=True)


def _size(context: "Context") -> str:
    return f"{count_of(len(context.slots), 'passage')}, {context.tokens:,} tokens"


def _left_out(context: "Context") -> list[str]:
    dropped = context.dropped
    counts = ((len(dropped.duplicate), "near-duplicates"), (len(dropped.budget), "over budget"))
    named = [f"{count} {reason}" for count, reason in counts if count]
    return [f"left out {' and '.join(named)}"] if named else []
