"""A report as a Markdown document: the verdict in words, tables, warnings."""

import re

from evaluation.analysis.values import Report
from evaluation.report.plain import plain
from evaluation.report.table import Table
from evaluation.report.tables import tables

_ACTIVE = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w)|!(?=\[)|@(?=\w)")
_CALLS = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH-)(?=\d)", re.I)
"""Where GitHub would see a mention, a reference or an address; it does after it has decoded entities and escapes."""
_APART = "\N{ZERO WIDTH SPACE}"
_METRIC = re.compile(rf"\b((?:recall|ndcg|mrr|gold_dropped)@){_APART}(?=\d+(?![\w.-]))")
"""A metric with its cutoff, which calls nobody and is to be copied."""
_LEADING = re.compile(r"^(#+|[-+=]|\d{1,9}(?=[.)](?:\s|$)))(?=[\s.)=-]|$)")


def markdown(report: Report) -> str:
    """The report as GitHub's Markdown; names stand in it as text, whatever they look like."""
    lines = [f"# {escaped(report.run)}", "", f"{report.n:,} question{'' if report.n == 1 else 's'}.", ""]
    lines += [f"- {escaped(line)}" for line in report.headline]
    for table in tables(report):
        lines += ["", f"## {escaped(table.title)}", "", *_table(table)]
        if table.notes:
            lines += ["", *(f"- {escaped(note)}" for note in table.notes)]
    if report.warnings:
        lines += ["", "## Warnings", "", *(f"- {escaped(line)}" for line in report.warnings)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""`text` on one line, so that Markdown shows it as it is: no table, emphasis, link, mention, reference or HTML.

    >>> escaped("a|b <i> best_first _x_")
    'a\\|b &lt;i&gt; best_first \\_x\\_'
    """
    line = _ACTIVE.sub(_harmless, _METRIC.sub(r"\1", _CALLS.sub(_APART, plain(text))))
    leading = _LEADING.match(line)
    if leading is None:
        return line
    mark = leading[0]
    return f"{mark}\\{line[len(mark) :]}" if mark[0].isdigit() else f"\\{line}"


def _harmless(found: re.Match[str]) -> str:
    named = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}
    return named.get(found[0], f"\\{found[0]}")


def _table(table: Table) -> list[str]:
    aligned = ["---" if at < table.names else "---:" for at in range(len(table.columns))]
    rows = [table.columns, tuple(aligned), *table.rows]
    return [
        f"| {' | '.join(cell if number == 1 else escaped(cell) for cell in row)} |" for number, row in enumerate(rows)
    ]
