"""The questions that differ on a terminal: what changed, then contexts and answers, the baseline's left of now's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from evaluation.check.differences import Difference, Kind
from evaluation.check.outputs.diff_sides import Block, answer_block, context_block
from evaluation.report.plain import plain
from evaluation.report.wrapped import Wrapped

_WIDE = 110
"""Columns from which two blocks stand side by side."""
_GAP = 3
_STYLES: Mapping[Kind, str] = {"worse": "bold red", "better": "bold green", "other": "bold"}
_LEGEND = "★ holds gold; − stands in the baseline's context only, + in that of now"


def render_differences(differences: Sequence[Difference], texts: Mapping[str, str], *, full: bool = False) -> Group:
    """What differs, to be printed by a console; nothing in it is read as markup.

    Args:
        differences: in the order in which they are shown.
        texts: of the passages that the index has, by id.
        full: passages and answers with their whole text, and contexts also where they are the same.
    """
    if not differences:
        return Group(Text("no question differs from the baseline"))
    parts: list[RenderableType] = [Wrapped(_counted(differences), "bold")]
    if any(one.baseline_context or one.context for one in differences):
        parts.append(Wrapped(_LEGEND, "dim"))
    for one in differences:
        parts += [Text(), Wrapped(f"{one.kind}: {plain(one.id)}: {plain(one.question)}", _STYLES[one.kind])]
        parts += [Wrapped(plain(change), bullet="• ") for change in one.changes]
        parts += _context(one, texts, full=full)
        if one.baseline_replies or one.replies:
            before = answer_block(one.baseline_replies, title="answers, baseline", blessed=True, full=full)
            parts.append(_Pair(before, answer_block(one.replies, title="answers, now", blessed=False, full=full)))
    return Group(*parts)


def _counted(differences: Sequence[Difference]) -> str:
    counts = Counter(one.kind for one in differences)
    n = len(differences)
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in _STYLES if counts[kind])
    return f"{n:,} question{' differs' if n == 1 else 's differ'} from the baseline: {kinds}"


def _context(one: Difference, texts: Mapping[str, str], *, full: bool) -> list[RenderableType]:
    before, now = one.baseline_context, one.context
    if not before and not now:
        return []
    if not full and [slot.passage for slot in before] == [slot.passage for slot in now]:
        n = len(now)
        same = "context: the same passage" if n == 1 else f"context: the same {n} passages in the same order"
        return [Wrapped(same, "dim")]
    return [
        _Pair(
            context_block(before, now, texts, title="context, baseline", mark="−", full=full),
            context_block(now, before, texts, title="context, now", mark="+", full=full),
        )
    ]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two blocks side by side; one above the other on a narrow console."""

    left: Block
    right: Block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        if width < _WIDE:
            yield from self.left(console, width)
            yield from self.right(console, width)
            return
        half = (width - _GAP) // 2
        for left, right in zip_longest(self.left(console, half), self.right(console, half), fillvalue=Text()):
            line = left.copy()
            line.truncate(half, pad=True)
            yield Text.assemble(line, " " * _GAP, right, no_wrap=True)
