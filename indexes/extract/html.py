"""HTML: the visible text as inscriptis lays it out, without navigation and footers; h1 to h6 as headings."""

from pathlib import Path
from typing import Any

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display, WhiteSpace
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from indexes.documents import Heading
from indexes.errors import ExtractionError
from indexes.extract.decoding import read_text
from indexes.extract.extracted import Extracted, one_line

_HIDDEN = ("nav", "footer", "noscript", "template", "svg")
# What a browser puts on lines of its own, beyond what inscriptis knows of: else neighbours' words would join
_BLOCKS = (
    *("section", "search", "form", "fieldset", "legend", "details", "summary", "dialog", "center", "menu", "hr"),
    *("dl", "dt", "dd", "table", "caption", "tr", "option", "textarea", "button"),
)


def read(path: Path) -> Extracted:
    """The visible text of a page."""
    return read_html(read_text(path))


def read_html(source: str) -> Extracted:
    """The visible text of HTML or XHTML source; empty where nothing is visible.

    Raises:
        ExtractionError: elements are nested too deeply.
    """
    # As bytes: of a str with an encoding declaration lxml wants nothing. Without `huge_tree` it would drop,
    # silently, texts over 10 MB and whatever stands deeper than 256 elements.
    parser = HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        tree = document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        page = Inscriptis(tree, _CONFIG)
    except etree.ParserError:
        return Extracted("")
    except RecursionError as error:
        raise ExtractionError("its elements are nested too deeply") from error
    laid_out = page.get_text()
    text = laid_out.strip()
    shift = len(laid_out) - len(laid_out.lstrip())
    headings = []
    for start, end, level in page.get_annotations():
        words = laid_out[start:end]
        if words.strip():
            offset = start + len(words) - len(words.lstrip()) - shift
            headings.append(Heading(offset, int(level), one_line(words)))
    return Extracted(
        text,
        title=one_line(tree.findtext("head/title") or "") or None,
        headings=tuple(sorted(headings, key=lambda heading: heading.start)),
    )


def _keep(*_: Any) -> None:
    """Lets an element stand as its CSS says."""


def _end_cell(state: Any) -> None:
    """Ends a table's cell with a tab.

    Inscriptis' own tables pad every cell to the widest of its column: a page of one long cell
    and many rows would grow without bound.
    """
    cell = state.tags[-1]
    cell.canvas.write(cell, "\t", WhiteSpace.pre)


_CONFIG = ParserConfig(
    css={
        **STRICT_CSS_PROFILE,
        **{tag: HtmlElement(display=Display.none) for tag in _HIDDEN},
        **{tag: HtmlElement(display=Display.block) for tag in _BLOCKS},
    },
    annotation_rules={f"h{level}": [str(level)] for level in range(1, 7)},
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping=dict.fromkeys(("table", "tr", "td", "th"), _keep),
        end_tag_mapping={"table": _keep, "td": _end_cell, "th": _end_cell},
    ),
)
