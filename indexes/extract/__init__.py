"""From a file to documents: text with a map of pages and headings, whatever the format."""

from indexes.extract.extracted import RecordFields
from indexes.extract.extraction import SUFFIXES, extract

__all__ = ["SUFFIXES", "RecordFields", "extract"]
