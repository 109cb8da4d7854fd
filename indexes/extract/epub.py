"""EPUB books: the chapters in reading order, each read as HTML."""

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from indexes.errors import ExtractionError
from indexes.extract.archives import check_archive
from indexes.extract.assembly import Assembly
from indexes.extract.dates import dated
from indexes.extract.decoding import decoded
from indexes.extract.extracted import Extracted, one_line
from indexes.extract.html import read_html


def read(path: Path) -> Extracted:
    """The text of all chapters.

    Raises:
        ExtractionError: a chapter is encrypted (DRM).
    """
    check_archive(path)
    with zipfile.ZipFile(path) as book:
        container = _xml(book, "META-INF/container.xml")
        package_name = _attributes(container, "rootfile", "full-path")[0]
        package = _xml(book, package_name)
        chapters = _chapters(package, posixpath.dirname(package_name))
        if "META-INF/encryption.xml" in book.namelist():
            locked = _attributes(_xml(book, "META-INF/encryption.xml"), "CipherReference", "URI")
            if not set(map(unquote, locked)).isdisjoint(chapters):
                raise ExtractionError("password-protected (its chapters are encrypted)")
        assembly = Assembly()
        for name in chapters:
            chapter = read_html(decoded(book.read(name)))
            assembly.add(chapter.text, headings=chapter.headings)
    return assembly.extracted(title=_stated(package, "title"), metadata=dated(_stated(package, "date")))


def _xml(book: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    return etree.fromstring(book.read(name), parser)


def _attributes(tree: etree._Element, tag: str, name: str) -> list[str]:
    return [str(element.get(name)) for element in tree.iterfind(f".//{{*}}{tag}") if element.get(name)]


def _chapters(package: etree._Element, folder: str) -> list[str]:
    """Names of the chapters in the archive, in reading order."""
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    spine = (items.get(entry) for entry in _attributes(package, "itemref", "idref"))
    return [
        posixpath.normpath(posixpath.join(folder, unquote(str(item.get("href")))))
        for item in spine
        if item is not None and "html" in str(item.get("media-type"))
    ]


def _stated(package: etree._Element, tag: str) -> str | None:
    return one_line(package.findtext(f".//{{http://purl.org/dc/elements/1.1/}}{tag}") or "") or None
