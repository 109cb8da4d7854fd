"""Numbers as people read them in reports and verdicts: percent, points, intervals, p values."""

import math

from evaluation.statistics.interval import Interval

_MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
"""What stands where there is no number."""


def percent(share: float) -> str:
    """A share as percent with one decimal.

    >>> percent(0.541)
    '54.1 %'
    """
    return f"{_hundredths(share)} %"


def points(difference: float) -> str:
    """A difference of shares in percentage points, signed.

    >>> points(0.011)
    '+1.1 points'
    """
    return f"{signed(difference)} points"


def signed(difference: float) -> str:
    """A difference of shares in percentage points, without the word.

    >>> signed(0.011), signed(0)
    ('+1.1', '0.0')
    """
    digits = _hundredths(difference)
    return digits if digits.startswith(_MINUS) or digits == "0.0" else f"+{digits}"


def interval_points(interval: Interval) -> str:
    """An interval of differences, in percentage points.

    >>> interval_points(Interval(0.004, 0.046))
    '[0.4, 4.6]'
    """
    return f"[{_hundredths(interval.low)}, {_hundredths(interval.high)}]"


def interval_percent(interval: Interval) -> str:
    """An interval of shares, in percent, without the sign.

    >>> interval_percent(Interval(0.5, 0.6))
    '[50.0, 60.0]'
    """
    return interval_points(interval)


def p_value(p: float) -> str:
    """A p value with two decimals, three below .1 and none below .001.

    >>> p_value(0.54), p_value(0.0312), p_value(0.0002)
    ('p = .54', 'p = .031', 'p < .001')
    """
    short = short_p(p)
    return f"p {short}" if short[0] in "<>" else f"p = {short}"


def short_p(p: float) -> str:
    """A p value without its letter, for the column of a table; rounded, but never to 0 or 1 where it is neither.

    >>> short_p(0.54), short_p(0.0002), short_p(1), short_p(0.999)
    ('.54', '< .001', '1', '> .99')
    """
    if p < 0.001:
        return "< .001"
    if p >= 0.995:
        return "1" if p == 1 else "> .99"
    digits = f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"
    return digits.removeprefix("0")


def number(value: float) -> str:
    """A mean of a count or a time: whole from 100 upwards, else one decimal, two below 1.

    >>> number(1234.5), number(12.34), number(0.456)
    ('1,234', '12.3', '0.46')
    """
    size = abs(value)
    if not math.isfinite(value):
        raise ValueError(f"a number to print must be finite, found {value!r}")
    text = f"{value:,.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 0.995 or size < 0.005 else f"{value:.2f}"
    return "0.0" if text == "-0.0" else text.replace("-", _MINUS)


def signed_number(value: float) -> str:
    """A difference of counts or times, signed.

    >>> signed_number(12.34), signed_number(0)
    ('+12.3', '0.0')
    """
    text = number(value)
    return text if text.startswith(_MINUS) or not text.strip("0.") else f"+{text}"


def interval_numbers(interval: Interval) -> str:
    """An interval of counts, times or their differences.

    >>> interval_numbers(Interval(812, 1034.5))
    '[812, 1,034]'
    """
    return f"[{number(interval.low)}, {number(interval.high)}]"


def _hundredths(share: float) -> str:
    """100 × `share` with one decimal and a real minus sign; no sign on what rounds to 0."""
    if not math.isfinite(share):
        raise ValueError(f"a number to print must be finite, found {share!r}")
    digits = f"{100 * share:.1f}"
    return "0.0" if digits == "-0.0" else digits.replace("-", _MINUS)
