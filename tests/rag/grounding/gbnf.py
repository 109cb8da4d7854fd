"""A reader of the small part of GBNF that our grammars use: literals, names, groups, choices, options."""

import re

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\w-]+|[()|?])')
_ESCAPED = re.compile(r"\\(.)")
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Grammar:
    """Says which texts a grammar accepts."""

    def __init__(self, text: str) -> None:
        lines = [line.split(" ::= ", 1) for line in text.rstrip("\n").split("\n")]
        self._rules = {name: _tokens(body) for name, body in lines}

    def accepts(self, text: str) -> bool:
        return len(text) in self._rule("root", text, {0})

    def _rule(self, name: str, text: str, starts: set[int]) -> set[int]:
        ends, at = self._choices(self._rules[name], 0, text, starts)
        assert at == len(self._rules[name]), f"{name}: nothing may stand behind the rule"
        return ends

    def _choices(self, tokens: list[str], at: int, text: str, starts: set[int]) -> tuple[set[int], int]:
        found, at = self._sequence(tokens, at, text, starts)
        while tokens[at : at + 1] == ["|"]:
            more, at = self._sequence(tokens, at + 1, text, starts)
            found = found | more
        return found, at

    def _sequence(self, tokens: list[str], at: int, text: str, starts: set[int]) -> tuple[set[int], int]:
        ends = starts
        while at < len(tokens) and tokens[at] not in "|)":
            before = ends
            if tokens[at] == "(":
                ends, at = self._choices(tokens, at + 1, text, before)
                assert tokens[at] == ")"
            elif tokens[at][0] == '"':
                literal = _ESCAPED.sub(lambda found: _CHARACTERS[found[1]], tokens[at][1:-1])
                ends = {start + len(literal) for start in before if text.startswith(literal, start)}
            else:
                ends = self._rule(tokens[at], text, before)
            at += 1
            if tokens[at : at + 1] == ["?"]:
                ends, at = ends | before, at + 1
        return ends, at


def _tokens(body: str) -> list[str]:
    tokens, at = [], 0
    while at < len(body.rstrip()):
        found = _TOKEN.match(body, at)
        assert found, f"not GBNF: {body[at : at + 40]!r}"
        tokens.append(found[1])
        at = found.end()
    return tokens
