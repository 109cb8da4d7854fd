"""Random choices that are the same on any machine and with any library: all of them are taken from a hash."""

import struct
from hashlib import shake_256


def numbers(seed: int, purpose: str, count: int) -> tuple[int, ...]:
    """`count` numbers from 0 to 2**64 - 1; fewer of the same seed and purpose are the first of them."""
    return struct.unpack(f"<{count}Q", shake_256(f"{seed} {purpose}".encode()).digest(8 * count))


def chosen(seed: int, purpose: str, among: int, count: int) -> list[int]:
    """`count` different numbers below `among` in random order; fewer of them are the first of them.

    The beginning of a Fisher-Yates shuffle; only what has moved is held.
    """
    moved: dict[int, int] = {}
    found = []
    for place, number in enumerate(numbers(seed, purpose, count)):
        other = place + number % (among - place)
        found.append(moved.get(other, other))
        moved[other] = moved.get(place, place)
    return found
