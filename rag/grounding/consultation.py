"""How the thinking went through the context: which passages it names, quotes or repeats, and in which order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from rag.answer import Citation, Consultation, Consulted, ThoughtQuote
from rag.context import Context, Slot
from rag.grounding.citations import comparable, places
from rag.grounding.labels import find_marks, is_quotable
from rag.grounding.naming import find_names
from rag.prompt import Prompt, render_passage
from rag.refusal import is_refusal

RUN = 8
"""Words in a row that, standing in one passage only, were read there."""

_SHORTEST_TITLE = 8
_QUOTE = re.compile(r'(?<![\w"])"(?=[^\s"])([^"\n]+)"(?!\w)|[“„]([^“”„\n]+)[”“]|«([^«»\n]+)»')
_FILE = re.compile(r"[^/\\]{2,}\.\w{1,5}")
_WORD = re.compile(r"[^\W_]+")


class _Look(NamedTuple):
    """A place in the thinking that shows that a passage was looked at: characters `start` up to `end`."""

    start: int
    end: int
    position: int


class _Quote(NamedTuple):
    start: int
    end: int
    text: str
    positions: tuple[int, ...]


def consult(
    reasoning: str, context: Context, citations: Sequence[Citation], *, prompt: Prompt | None = None
) -> Consultation:
    """Which passages of `context` a thinking looked at, in order, and what it quotes.

    A passage is looked at where its label stands (``[3]``, "passages 2 and 5", "the third passage"), its title or file
    name if no other passage has it, or its words: in quotation marks, or eight in a row that no other passage has.
    What the thinking repeats of the question and the instructions says nothing about passages.

    Args:
        reasoning: the thinking.
        context: what the model was given.
        citations: the answer's; passages that the model cites itself count as cited.
        prompt: with the question and the instructions; None: not known.
    """
    beside = comparable(_beside(prompt, context)) if prompt else ""
    quotes = _quotes(reasoning, context, beside)
    numbered = chain(find_marks(reasoning), find_names(reasoning, count=len(context.slots)))
    known = {slot.position for slot in context.slots}
    looks = [
        *(_Look(name.start, name.end, label) for name in numbered for label in name.labels if label in known),
        *_titles(reasoning, context, beside),
        *(_Look(quote.start, quote.end, quote.positions[0]) for quote in quotes if len(quote.positions) == 1),
        *_runs(reasoning, context, beside),
    ]
    looks = _apart(looks)
    return Consultation(_consulted(looks, context, citations), _thought_quotes(quotes, looks))


def _beside(prompt: Prompt, context: Context) -> str:
    """What the model read beside the passages."""
    text = "\n\n".join(message.content for message in prompt.messages)
    for slot in context.slots:
        text = text.replace(render_passage(slot.ranked.passage, slot.position).strip(), "\n")
    return text


def _apart(looks: Sequence[_Look]) -> list[_Look]:
    """`looks` in order; of those at one passage that overlap, as a quotation and its words do, the first."""
    kept: list[_Look] = []
    ends: dict[int, int] = {}
    for look in sorted(looks, key=lambda look: look.start):  # stable: "[3, 1]" looks at 3 first
        if look.start >= ends.get(look.position, 0):
            kept.append(look)
        ends[look.position] = max(look.end, ends.get(look.position, 0))
    return kept


def _consulted(looks: Sequence[_Look], context: Context, citations: Sequence[Citation]) -> tuple[Consulted, ...]:
    ids = {slot.position: slot.ranked.passage.id for slot in context.slots}
    cited = {citation.label for citation in citations if citation.origin == "model"}
    counts: dict[int, int] = {}
    for look in looks:
        counts[look.position] = counts.get(look.position, 0) + 1
    return tuple(
        Consulted(position, ids[position], order, mentions, position in cited)
        for order, (position, mentions) in enumerate(counts.items(), start=1)
    )


def _thought_quotes(quotes: Sequence[_Quote], looks: Sequence[_Look]) -> tuple[ThoughtQuote, ...]:
    """Each quotation once; of several passages that have it, in the one looked at last before, else in the first."""
    found: dict[str, ThoughtQuote] = {}
    for quote in quotes:
        before = [look.position for look in looks if look.start <= quote.start and look.position in quote.positions]
        position = before[-1] if before else next(iter(quote.positions), None)
        found.setdefault(comparable(quote.text), ThoughtQuote(quote.text, position))
    return tuple(found.values())


def _quotes(reasoning: str, context: Context, beside: str) -> list[_Quote]:
    """What stands in quotation marks, without the marks of a drafted answer; nothing that the prompt says itself."""
    texts = {slot.position: comparable(slot.ranked.passage.text) for slot in context.slots}
    found = []
    for quote in _QUOTE.finditer(reasoning):
        text = _unmarked(next(filter(None, quote.groups())))
        if is_quotable(text) and _WORD.search(text) and not is_refusal(text) and not places(text, beside):
            having = tuple(position for position, passage in texts.items() if places(text, passage))
            found.append(_Quote(quote.start(), quote.end(), text, having))
    return found


def _unmarked(text: str) -> str:
    for mark in reversed(find_marks(text)):
        text = text[: mark.start].rstrip() + text[mark.end :]
    return text.strip()


def _titles(reasoning: str, context: Context, beside: str) -> Iterator[_Look]:
    owners: dict[str, set[int]] = {}
    for slot in context.slots:
        for name in _named(slot):
            owners.setdefault(name, set()).add(slot.position)
    written = comparable(reasoning)
    for name, positions in owners.items():
        if len(positions) == 1 and name in written and name not in beside:
            (position,) = positions
            if not any(name in _read(slot) for slot in context.slots if slot.position != position):
                pattern = r"\s+".join(map(re.escape, name.split()))
                for found in re.finditer(rf"(?<!\w){pattern}(?!\w)", reasoning):
                    yield _Look(*found.span(), position)


def _named(slot: Slot) -> Iterator[str]:
    """Title and file name, if long enough to be meant when they are written."""
    passage = slot.ranked.passage
    title = comparable(passage.title)
    if len(title) >= _SHORTEST_TITLE and (" " in title or _FILE.fullmatch(title)):
        yield title
    file = re.split(r"[/\\]", passage.source.partition("#")[0])[-1]
    if _FILE.fullmatch(file) and file != title:
        yield file


def _read(slot: Slot) -> str:
    passage = slot.ranked.passage
    return comparable(f"{passage.title}\n{passage.heading or ''}\n{passage.text}")


def _runs(reasoning: str, context: Context, beside: str) -> Iterator[_Look]:
    """The stretches of `RUN` or more words that stand in one passage only."""
    owners = _owners(context, beside)
    words = list(_WORD.finditer(reasoning))
    open_run: _Look | None = None
    for at, run in enumerate(_shingles([word[0].casefold() for word in words])):
        owner = owners.get(run)
        if open_run and (owner != open_run.position or words[at].start() > open_run.end):
            yield open_run
            open_run = None
        if owner:
            start = open_run.start if open_run else words[at].start()
            open_run = _Look(start, words[at + RUN - 1].end(), owner)
    if open_run:
        yield open_run


def _owners(context: Context, beside: str) -> Mapping[tuple[str, ...], int | None]:
    """The position that has each run of words; None for what several have, or the prompt beside them."""
    owners: dict[tuple[str, ...], int | None] = {}
    for slot in context.slots:
        for run in _shingles(_WORD.findall(slot.ranked.passage.text.casefold())):
            owners[run] = slot.position if owners.get(run, slot.position) == slot.position else None
    owners.update(dict.fromkeys(_shingles(_WORD.findall(beside.casefold()))))
    return owners


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[offset:] for offset in range(RUN)), strict=False)
