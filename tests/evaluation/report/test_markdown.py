"""The report as Markdown: it says what the tables say, and names stay text."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evaluation.report.markdown import escaped, markdown
from evaluation.report.plain import plain
from evaluation.report.tables import tables
from tests.evaluation.report.building_text import HOSTILE, bare_report, full_report

GITHUB = MarkdownIt("gfm-like", {"linkify": False})


class Shown(HTMLParser):
    """The tags and the text that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in ("td", "th") and data.strip():
            self.cells[-1] += data


@pytest.mark.parametrize("name", ["edges", "shuffled(seed=7)", HOSTILE])
def test_the_document_has_the_tables_and_nothing_that_a_name_made(name: str) -> None:
    report = full_report(name)
    shown = Shown(GITHUB.render(markdown(report)))
    wanted = [text for table in tables(report) for row in (table.columns, *table.rows) for text in row]
    assert [cell.strip() for cell in shown.cells] == wanted
    assert set(shown.tags) == {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


def test_the_verdict_stands_first() -> None:
    lines = markdown(full_report()).splitlines()
    assert lines[:6] == [
        "# handbook",
        "",
        "441 questions.",
        "",
        "- edges vs best_first: no difference shown.",
        "- Flatness cannot be shown.",
    ]
    assert "| arm | share | 95 % | n |\n| --- | ---: | ---: | ---: |\n" in markdown(full_report())
    assert "## Warnings\n\n- edges: a warning\n" in markdown(full_report())


def test_a_run_without_trials_is_a_document_too() -> None:
    assert markdown(bare_report()) == "# empty\n\n0 questions.\n\n- Nothing has been asked yet.\n"


odd = st.text(alphabet=st.sampled_from("ab 1_*`[]()<>|~&!#+-=.:/@$\\\"'\n\tx;"), max_size=25)


def seen(html: str) -> str:
    return unescape(html).replace("\N{ZERO WIDTH SPACE}", "")


@given(text=odd)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    """As the item of a list and as a cell; white space may be folded, and what has no width be put between."""
    html = GITHUB.render(f"- x\n- {escaped(text)}\n")
    assert html.startswith("<ul>\n<li>x</li>\n<li>")
    inner = html.removeprefix("<ul>\n<li>x</li>\n<li>").removesuffix("</li>\n</ul>\n")
    assert "<" not in inner
    assert seen(inner) == plain(text)
    cell = GITHUB.render(f"| h | i |\n| --- | --- |\n| {escaped(text)} | z |\n")
    assert cell.count("<td>") == 2
    assert seen(cell.split("<td>")[1].split("</td>")[0]) == plain(text)
