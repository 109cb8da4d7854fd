"""One side of a question that differs, its context or its answers, as lines that fit a width."""

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from evaluation.analysis.numbers import NONE, number
from evaluation.check.values import Reply, Slot
from evaluation.report.plain import plain

Block = Callable[[Console, int], list[Text]]
"""The lines of a block on a console, none wider than the given number of columns."""

_INDENT = "  "
_LONGEST = 2_000
"""Characters looked at of a passage or an answer that is shown in part."""
_ANSWER_LINES = 4
_GONE = "text no longer in the index"
_NOT_KEPT = "not kept; `rag check bless --answers` keeps them"
_WITH_ANSWER = ("answered", "refused", "truncated_answer")


def context_block(
    slots: Sequence[Slot], other: Sequence[Slot], texts: Mapping[str, str], *, title: str, mark: str, full: bool
) -> Block:
    """A context in prompt order: position, whether gold, `mark` on what the `other` does not hold, rank, source, text.

    Args:
        slots: the context.
        other: the one on the other side.
        texts: of the passages that the index has, by id.
        title: the first line.
        mark: one column wide.
        full: whole texts, else their first words.
    """
    elsewhere = {slot.passage for slot in other}

    def lines(console: Console, width: int) -> list[Text]:
        drawn = [_cut(Text(title, "dim"), width)]
        if not slots:
            return [*drawn, Text(f"{_INDENT}none", "dim")]
        digits, ranks = len(str(len(slots))), max(len(str(slot.rank)) for slot in slots)
        sources = [plain(slot.source) for slot in slots]
        broad = min(max(map(cell_len, sources)), max(8, width // 3))
        for position, (slot, source) in enumerate(zip(slots, sources, strict=True), 1):
            own = slot.passage not in elsewhere
            line = Text(f"{_INDENT}{position:>{digits}} ").append("★" if slot.gold else " ", "yellow")
            line.append(mark if own else " ", "bold")
            line.append(f" rank {slot.rank:<{ranks}}{_INDENT}", "dim")
            line.append(set_cell_size(_end(source, broad), broad), "bold" if own else "")
            line.append(_INDENT)
            text = texts.get(slot.passage)
            if text is None:
                line.append(_GONE, "italic dim")
            elif not full:
                line.append(plain(text[:_LONGEST]))
            drawn.append(_cut(line, width))
            if full and text is not None:
                drawn += _wrapped(console, text, width)
        return drawn

    return lines


def answer_block(replies: Sequence[Reply], *, title: str, blessed: bool, full: bool) -> Block:
    """Answers, each with how it ended, its values and what it cites.

    Args:
        replies: one for each repeat.
        title: the first line.
        blessed: they are the baseline's, which keeps the texts of answers only where it was told to.
        full: whole answers, else their first lines.
    """

    def lines(console: Console, width: int) -> list[Text]:
        drawn = [_cut(Text(title, "dim"), width)]
        if not replies:
            return [*drawn, Text(f"{_INDENT}not asked", "dim")]
        for repeat, reply in enumerate(replies, 1):
            head = f"{repeat} {_head(reply)}" if len(replies) > 1 else _head(reply)
            drawn += _fitted(console, Text(head, "bold"), width)
            if reply.answer is not None:
                said = _wrapped(console, reply.answer if full else reply.answer[:_LONGEST], width)
                drawn += said if full else said[:_ANSWER_LINES]
                if len(said) > _ANSWER_LINES and not full:
                    drawn.append(Text(f"{_INDENT * 2}…", "dim"))
            elif reply.error is not None:
                drawn += _wrapped(console, reply.error[:_LONGEST], width, "red")
            elif reply.finish not in _WITH_ANSWER:
                drawn.append(_cut(Text(f"{_INDENT * 2}no answer", "dim"), width))
            elif not blessed:
                drawn.append(_cut(Text(f"{_INDENT * 2}not kept", "dim"), width))
        if blessed and any(reply.answer is None and reply.finish in _WITH_ANSWER for reply in replies):
            drawn += _wrapped(console, _NOT_KEPT, width, "dim")
        return drawn

    return lines


def _head(reply: Reply) -> str:
    values = [f"{name} {NONE if value is None else _value(value)}" for name, value in reply.values.items()]
    cited = [f"cites {', '.join(reply.cited)}"] if reply.cited else []
    return plain("; ".join([reply.finish.replace("_", " "), *values, *cited]))


def _value(value: float) -> str:
    """Whole numbers as such, as values of most metrics are 0 or 1."""
    return f"{value:,.0f}" if float(value).is_integer() else number(value)


def _wrapped(console: Console, text: str, width: int, style: str = "") -> list[Text]:
    """The lines of a text, each wrapped and indented; blank ones are left out."""
    return [
        part
        for line in text.splitlines()
        if (words := plain(line))
        for part in _fitted(console, Text(words, style), width, _INDENT * 2)
    ]


def _fitted(console: Console, text: Text, width: int, indent: str = _INDENT) -> list[Text]:
    lines = text.wrap(console, max(1, width - len(indent)))
    for line in lines:
        line.rstrip()
    return [Text(indent).append_text(line) for line in lines]


def _cut(line: Text, width: int) -> Text:
    """The beginning of a line, as far as it fits."""
    line.truncate(width, overflow="ellipsis")
    line.rstrip()
    return line


def _end(text: str, width: int) -> str:
    """The end of a text, as far as it fits: a path's name says most."""
    if cell_len(text) <= width:
        return text
    kept = text[-width:]
    while cell_len(kept) >= width:
        kept = kept[1:]
    return f"…{kept}"
