"""What a check found, drawn for a terminal of any width: the verdict in words, the stages, and what to look at."""

from rich.console import Group, RenderableType
from rich.text import Text

from evaluation.check.outputs.stage_table import stage_table
from evaluation.check.outputs.words import Section, broken_assertions, headline, sections
from evaluation.check.values import Checked
from evaluation.report.drawn import DrawnTable
from evaluation.report.wrapped import Wrapped

_SHOWN = 10
"""Most lines of a section."""
_COLOURS = {"pass": "bold green", "regressed": "bold red", "inconclusive": "bold yellow"}


def render(checked: Checked) -> Group:
    """What `checked` says, to be printed by a console; nothing in it is read as markup."""
    style = _COLOURS["regressed" if broken_assertions(checked) else checked.verdict]
    return Group(Text(headline(checked), style), *_below(checked))


def render_first(checked: Checked) -> Group:
    """The same without the verdict, which nothing has before it is blessed."""
    return Group(*_below(checked)[1:])


def _below(checked: Checked) -> list[RenderableType]:
    parts: list[RenderableType] = []
    table = stage_table(checked)
    if table.rows:
        parts += [Text(), Text(table.title, "bold"), DrawnTable(table), *(Text(note, "dim") for note in table.notes)]
    for section in sections(checked):
        parts += [Text(), Text(section.title, "bold"), *_lines(section)]
    return parts


def _lines(section: Section) -> list[RenderableType]:
    shown = [*section.lines[:_SHOWN]]
    if len(section.lines) > _SHOWN:
        shown.append(f"and {len(section.lines) - _SHOWN:,} more: {section.more}")
    return [Wrapped(line, bullet="  ") for line in shown]
