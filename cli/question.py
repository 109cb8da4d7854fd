"""The question as it was typed, or as it comes from stdin."""

import sys


def read_question(typed: str) -> str:
    """`typed`; where that is ``-``, all of stdin. Bytes that are not UTF-8 are replaced."""
    if typed == "-":
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip()
    return typed.encode("utf-8", "replace").decode()
