"""Counts and ages as people say them."""

from datetime import UTC, datetime

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def count_of(number: int, noun: str) -> str:
    """A number with its noun, which takes an s in the plural.

    >>> count_of(1, "document"), count_of(3633, "passage")
    ('1 document', '3,633 passages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def age_of(created: str, *, now: datetime | None = None) -> str:
    """How much time has passed since `created`, ISO 8601 with its time zone; "unknown" where it is not that.

    >>> age_of("2026-01-01T12:00:00+00:00", now=datetime(2026, 1, 3, 13, tzinfo=UTC))
    '2 days'
    """
    try:
        seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(created)).total_seconds()
    except (TypeError, ValueError):
        return "unknown"
    unit, length = next((one for one in _UNITS if seconds >= one[1]), _UNITS[-1])
    return count_of(max(int(seconds // length), 0), unit)
