"""The few lines of a passage that hold most of a query's words, with these in bold."""

import re

from rich.console import Console
from rich.text import Text

from cli.printable import printable

_STOP_WORDS = {
    "a", "about", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does",
    "for", "from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "me", "my", "of", "on", "or",
    "our", "should", "so", "than", "that", "the", "their", "them", "there", "these", "they", "this", "those", "to",
    "us", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with",
    "would", "you", "your",
}  # fmt: skip
_SUFFIX = "(?:['’]s|ing|ed|es|s|e)"
_WRAPPED = re.compile(r"(?<=[^\n]{60})\n(?=[\w`(\"“]|\*\*)")
"""A break inside a paragraph, by the look of it: the line before is long, and the next is no list item."""
_LONGEST = 20_000
"""Characters looked at: a passage of one endless word can be long."""


def words_pattern(query: str) -> re.Pattern[str] | None:
    """Matches the words of `query` in their common English forms, whatever their case; None where it has none.

    >>> words_pattern("What is baked in Paris?").findall("Bakes and BAKING, not parishes; paris.")
    ['Bakes', 'BAKING', 'paris']
    """
    words = dict.fromkeys(re.findall(r"\w+", query.lower()))
    telling = [word for word in words if word not in _STOP_WORDS] or [*words]
    stems = sorted({re.sub(rf"(?<=\w{{3}}){_SUFFIX}$", "", word) for word in telling}, key=len, reverse=True)
    if not stems:
        return None
    # scripts without spaces have no word boundaries, and \b none beside a letter
    parts = [stem if stem[0] >= "\u2e80" else rf"\b{stem}{_SUFFIX}?\b" for stem in stems[:50]]
    return re.compile("|".join(parts), re.IGNORECASE)


def excerpt(text: str, words: re.Pattern[str] | None, *, console: Console, width: int, lines: int) -> list[Text]:
    """At most `lines` lines out of `text`, wrapped to `width`; "…" stands for what is left out.

    Args:
        text: of a passage, untrusted.
        words: what to look for, of `words_pattern`.
        console: knows how wide characters are.
        width: in columns.
        lines: how many.
    """
    whole = Text(_WRAPPED.sub(" ", printable(text[:_LONGEST])))
    if words:
        whole.highlight_regex(words, "bold")
    wrapped = [line for line in whole.wrap(console, width - 2, tab_size=4) if line.plain.strip()]
    found = [{match.lower() for match in words.findall(line.plain)} if words else set() for line in wrapped]
    starts = range(max(len(wrapped) - lines, 0) + 1)
    first = max(starts, key=lambda start: (len(set().union(*found[start : start + lines])), -start))
    shown = wrapped[first : first + lines]
    for line in shown:
        line.rstrip()
    if shown and first > 0:
        shown[0] = Text("… ").append_text(shown[0])
    if shown and first + lines < len(wrapped):
        shown[-1].append(" …")
    return shown
