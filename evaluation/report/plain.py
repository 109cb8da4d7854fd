"""Untrusted text on one line, with nothing that a terminal would obey."""

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    r"""`text` on one line: white space as single spaces, control characters as the replacement character.

    >>> plain("two\n lines\x1b[2J")
    'two lines�[2J'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
