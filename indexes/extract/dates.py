"""Dates as documents state them, as ISO 8601 dates."""

import re
from datetime import date

from indexes.documents import Metadata

_DATE = re.compile(r"(?:D:)?(\d{4})([-/.]?)(\d{2})\2(\d{2})")


def iso_date(stated: object) -> str | None:
    """The date at the start of `stated`, year first; None where there is none.

    >>> iso_date("D:20250208122313Z"), iso_date("2024/05/01 10:00"), iso_date("1 May 2024")
    ('2025-02-08', '2024-05-01', None)
    """
    found = _DATE.match(str(stated).strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
    except ValueError:
        return None


def dated(*stated: object) -> Metadata:
    """The metadata "date" from the first of `stated` that is a date; empty where none is."""
    return next(((("date", day),) for day in map(iso_date, stated) if day), ())
