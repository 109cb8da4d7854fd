"""How the thinking went through the context: what `rag ask --explain` shows under the sources."""

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from cli.answers import WIDEST
from cli.console import stdout, warning
from cli.printable import one_line

if TYPE_CHECKING:
    from indexes.index import Index
    from rag.answer import Answer, Consultation, Consulted

NO_THINKING = "there was no thinking, so it cannot be told which passages the model looked at"
NOT_LOOKED = "the thinking names, quotes and repeats no passage"

_INDENT = 12


def show_consultation(answer: "Answer", index: "Index") -> None:
    """The slots in prompt order: when and how often the thinking looked at each, and whether the answer cites it.

    Then the order in which the thinking went through them; on stderr, what it quotes that no passage has.
    """
    out = stdout()
    out.print()
    if answer.consultation is None:
        out.print(Text(NO_THINKING, "dim"))
        return
    _draw_slots(answer, answer.consultation, index)
    way = " → ".join(f"[{passage.position}]" for passage in answer.consultation.passages)
    said = textwrap.fill(f"looked at: {way}" if way else NOT_LOOKED, min(out.width, WIDEST), subsequent_indent=" " * 11)
    out.print(Text(said, "dim"), soft_wrap=True)
    _warn_of_quotes(answer, answer.consultation)


def _draw_slots(answer: "Answer", consultation: "Consultation", index: "Index") -> None:
    from cli.places import places_of

    out = stdout()
    consulted = {passage.position: passage for passage in consultation.passages}
    cited = {citation.label for citation in answer.citations if citation.origin == "model"}
    places = places_of(index, [slot.ranked.passage for slot in answer.context.slots])
    out.print(
        Text(f"{'slot':>4}  {'rank':>4}  {'order':>5}  {'times':>5}  {'answer':<20}  source", "dim"), soft_wrap=True
    )
    for slot, place in zip(answer.context.slots, places, strict=True):
        passage = consulted.get(slot.position)
        line = Text(f"{f'[{slot.position}]':>4}", "bold cyan")
        line.append(f"  {slot.ranked.rank:>4}", "bold" if slot.ranked.rank == 1 else "")
        line.append(f"  {passage.order if passage else '–':>5}  {passage.mentions if passage else '–':>5}  ")
        line.append_text(_verdict(passage, cited=slot.position in cited))
        source = place.text()
        if line.cell_len + 2 + source.cell_len > out.width:  # a path that a terminal breaks cannot be opened from it
            line.rstrip()
            out.print(line, soft_wrap=True)
            line = Text(" " * _INDENT)
        else:
            line.append("  ")
        out.print(line.append_text(source), soft_wrap=True)


def _verdict(passage: "Consulted | None", *, cited: bool) -> Text:
    if passage is None:
        words, style = ("cited, not looked at", "yellow") if cited else ("not looked at", "dim")
    else:
        words, style = ("cited", "green") if cited else ("consulted, not cited", "yellow")
    return Text(f"{words:<20}", style)


def _warn_of_quotes(answer: "Answer", consultation: "Consultation") -> None:
    """The drafts of its answer are quotations too, but of the model itself."""
    said = one_line(answer.text or "")
    unfound = [one_line(quote.text) for quote in consultation.quotes if quote.position is None]
    shown = [f"“{text}”" for text in unfound if text not in said]
    if shown:
        warning(f"words that the thinking quotes stand in no passage: {', '.join(shown)}")
