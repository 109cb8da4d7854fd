"""What tests of verbatim answers quote, with llama.cpp and with vLLM."""

import json
import re
from collections.abc import Iterator

from rag.refusal import REFUSAL

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')

NASTY = (
    'He said "no\\way \\n" twice.',
    r"Look into C:\temp\new and \\server\x41\u0041 for it",
    "A tab\there, a\nline break\r\nand a bell\x07 in it.",
    "Emoji 😀👩\u200d👩\u200d👧 are “fine”, naïve — and so is \ue000.",
    "Later work [3] agrees with </think> and <|im_end|> entirely.",
    '[a-z]+ {2,3} ::= "root" | line+ # no comment, (a|b)*',
    "| Paris | is in | France |",
    "东京是日本的首都。",
    "`code` with one ` too many in it",
)
"""Sentences that a grammar, its escapes or a tokenizer might stumble over."""


def allowed(grammar: str) -> Iterator[str]:
    """Each line that a grammar allows, read off its rules for passages."""
    for rule in grammar.splitlines()[2:]:
        *sentences, label = (json.loads(literal) for literal in _LITERAL.findall(rule))
        for sentence in sentences:
            yield sentence + label


def quoting(grammar: str) -> str:
    """`grammar` without the refusal: whatever is asked, the model has to quote."""
    return grammar.replace(f'"{REFUSAL}" | ', "")
