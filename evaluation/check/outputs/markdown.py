"""What a check found as GitHub's Markdown, short enough for a comment on a pull request."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape

from evaluation.check.outputs.stage_table import stage_table
from evaluation.check.outputs.words import Section, headline, sections
from evaluation.check.values import Checked
from evaluation.report.markdown import escaped

_TABLE, _LONG, _SHORT = 8_000, 12_000, 3_000
"""Most characters of the rows of the table, of the section that can be unfolded, and of each of the others."""
_LONGEST = 600
"""Most characters of a line, before they are escaped."""


def markdown(checked: Checked) -> str:
    """The verdict first, then the stages and what to look at; the lost questions can be unfolded.

    Text of others stands in it as text, whatever it looks like: no HTML, link, mention or reference. It is below 60,000
    characters for any number of questions; what there is no room for is counted.
    """
    word, _, why = headline(checked).partition(": ")
    lines = [f"**{word}**: {_shown(why)}"]
    table = stage_table(checked)
    if table.rows:
        rows = (_cells(group, row) for group, row in zip(table.groups, table.rows, strict=True))
        aligned = ["---"] * (1 + table.names) + ["---:"] * (len(table.columns) - table.names)
        kept = _fitting(rows, _TABLE)
        hidden = len(table.rows) - len(kept)
        lines += [
            "",
            f"{_shown(table.title)}:",
            "",
            _cells("stage", table.columns),
            f"| {' | '.join(aligned)} |",
            *kept,
        ]
        lines += [""] * bool(hidden or table.notes)
        lines += [f"and {hidden:,} more: rag check run --json"] * bool(hidden)
        lines += [_shown(note) for note in table.notes]
    for section in sections(replace(checked, path=None)):  # a path of the machine tells a reader elsewhere nothing
        lines += ["", *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    kept = _fitting((f"- {_shown(line)}" for line in section.lines), _LONG if section.long else _SHORT)
    if section.long:
        yield f"<details><summary>{escape(section.title)}</summary>"
    else:
        yield f"**{_shown(section.title)}**"
    yield ""
    yield from kept
    if hidden := len(section.lines) - len(kept):
        yield f"- and {hidden:,} more: `{section.more}`"
    if section.long:
        yield from ("", "</details>")


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """As many of the first lines as there is room for."""
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _cells(first: str, row: Sequence[str]) -> str:
    return f"| {' | '.join(_shown(cell) for cell in (first, *row))} |"


def _shown(text: str) -> str:
    """Text on one line, not too long, that Markdown leaves as it is."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return escaped(short)
