"""Untrusted text made safe to show: what a terminal would obey becomes something to see instead."""

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides, isolates
    "\ud800-\udfff]"  # lone surrogates, as in file names that are not UTF-8
)


def printable(text: str) -> str:
    r"""`text` with every control character but tab and newline replaced by a visible one; its length is kept.

    C0 and DEL become their control pictures, the rest becomes the replacement character.

    >>> printable("\x1b[2J\u202egnp.exe")
    '␛[2J�gnp.exe'
    """
    return _CONTROL.sub(_picture, text)


def one_line(text: str) -> str:
    r"""`printable` text on one line, runs of white space folded to one space.

    >>> one_line("first\n   second\x07")
    'first second␇'
    """
    return printable(" ".join(text.split()))


def filename(text: str) -> str:
    r"""`text` made `printable` and one line with no character lost or folded, as names of files need it.

    >>> filename("two  spaces\n.md")
    'two  spaces␊.md'
    """
    return printable(text).replace("\n", "␊").replace("\t", "␉")


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
