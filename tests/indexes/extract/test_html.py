"""Tests of `indexes.extract.html`."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import ExtractionError
from indexes.extract import extract
from indexes.extract.html import read_html

PAGE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html><head><title>The
 page</title><style>p {}</style></head><body><nav>Menu</nav>Before
<h1>First <b>heading</b></h1><p>A para&shy;graph &amp; more.</p><script>code()</script>
<ul><li>item <h2>In a list</h2></li></ul>
<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td><td>36</td></tr></table>
<h2> </h2><h3>Last<br>one</h3><template>hidden</template><footer>Imprint</footer></body></html>"""


def test_visible_text_with_headings_title_and_table_rows(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (document,) = extract(tmp_path / "a.html", "a.html")
    assert document.title == "The page"
    assert not document.own_lines
    assert [(h.level, h.title) for h in document.headings] == [(1, "First heading"), (2, "In a list"), (3, "Last one")]
    for heading in document.headings:
        assert " ".join(document.text[heading.start :].split()).startswith(heading.title)
    assert "Name\tAge" in document.text
    assert "Ada\t36" in document.text
    for hidden in ("Menu", "code()", "Imprint", "hidden", "p {}"):
        assert hidden not in document.text


def test_the_encoding_declared_in_the_page_counts(tmp_path: Path) -> None:
    page = '<meta charset="iso-8859-7"><p>Η γρήγορη καφέ αλεπού πηδάει πάνω από το σκυλί'
    (tmp_path / "a.htm").write_bytes(page.encode("iso-8859-7"))
    (document,) = extract(tmp_path / "a.htm", "a.htm")
    assert document.text == "Η γρήγορη καφέ αλεπού πηδάει πάνω από το σκυλί"


def test_a_page_without_visible_text_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><script>let x = 1;</script><!-- nothing --></html>")
    with pytest.raises(ExtractionError, match=r"^empty$"):
        extract(tmp_path / "a.html", "a.html")


def test_a_text_beyond_the_parsers_usual_limit_of_10_mb_is_not_lost() -> None:
    assert len(read_html("<p>" + "word " * 2_200_000).text) == 10_999_999


def test_words_of_neighbouring_elements_never_join() -> None:
    page = "<dl><dt>a<dd>b</dl><section>c</section><table><caption>d</caption><tr><td>e<td>f</table>g<hr>h"
    assert read_html(page).text.split() == list("abcdefgh")


def test_the_title_is_the_pages_and_not_a_drawings() -> None:
    assert read_html("<body>text<svg><title>drawing</title></svg></body>").title is None


def test_endless_nesting_is_an_error_and_not_lost_text() -> None:
    assert "inside" in read_html("<div>" * 200 + "inside").text
    with pytest.raises(ExtractionError, match="nested too deeply"):
        read_html("<div>" * 100_000 + "inside")


def test_one_long_cell_does_not_widen_every_row() -> None:
    page = f"<table><tr><td>{'x' * 10_000}</td></tr>{'<tr><td>a</td><td>b</td></tr>' * 1_000}</table>"
    assert len(read_html(page).text) < 20_000


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><p>text &x;</p>'
    assert "the secret" not in read_html(page).text


WORDS = st.text("ab \n\té🦜", max_size=8)
TAGS = ["p", "div", "b", "li", "td", "pre", "span", "q", "h1", "h2", "h3", "h4", "h5", "h6"]
ELEMENTS = st.tuples(st.sampled_from(TAGS), WORDS).map(lambda part: "<{0}>{1}</{0}>".format(*part))
LOOSE = ["<ul>", "</ul>", "<ol>", "</ol>", "<table>", "<tr>", "<td>", "</table>", "<br>", "<pre>", "<h2>", "</h2>"]
PARTS = st.one_of(WORDS, ELEMENTS, st.sampled_from(LOOSE))


@given(st.lists(PARTS, max_size=12).map("".join))
def test_headings_stand_in_order_where_they_start(page: str) -> None:
    found = read_html(page)
    assert [h.start for h in found.headings] == sorted(h.start for h in found.headings)
    for heading in found.headings:
        assert not found.text[heading.start].isspace()
        assert " ".join(found.text[heading.start :].split()).startswith(heading.title)


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["p", "div", "li", "b"])), min_size=1, max_size=6))
def test_no_heading_takes_a_neighbours_words(shape: list[tuple[int, str]]) -> None:
    page = "".join(f"<h{n}>head{i}</h{n}><{tag}>body{i}</{tag}>" for i, (n, tag) in enumerate(shape))
    assert [h.title for h in read_html(page).headings] == [f"head{i}" for i in range(len(shape))]
