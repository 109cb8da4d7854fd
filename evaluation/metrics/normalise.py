"""Answers as they are compared: in lower case, without punctuation, articles and superfluous space."""

import re
import string
from functools import lru_cache
from unicodedata import category

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"(?<![a-z0-9])(?:a|an|the)(?![a-z0-9])")


@lru_cache(maxsize=64)  # several metrics look at one answer, and many answers are held against one
def normalised(text: str) -> str:
    """`text` as the SQuAD evaluation normalises it, in the form that Lost in the Middle uses (nelson-liu, metrics.py).

    Lower case, then no ASCII punctuation, then no articles, then single spaces. What ends an article is what the
    `regex` package, which that form uses, takes for the end of a word: "a" before a combining accent is none.

    >>> normalised("The  Beatles' 2nd album, a-ha!")
    'beatles 2nd album aha'
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLE.sub(_space_for_word, bare).split())


def tokens(text: str) -> list[str]:
    """The words of `text`, normalised."""
    return normalised(text).split()


def _space_for_word(found: re.Match[str]) -> str:
    before, behind = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return found[0] if _in_word(before) or _in_word(behind) else " "


def _in_word(char: str) -> bool:
    """Whether a neighbour continues a word: letters, digits, marks, connectors and joiners do (UTS #18)."""
    if not char or char.isascii():
        return char.isalnum()
    return (
        char.isalpha()
        or char.isupper()
        or char.islower()
        or category(char) in {"Mn", "Mc", "Me", "Nd", "Nl", "Pc"}
        or char in "\u200c\u200d"
    )
