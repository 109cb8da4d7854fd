"""Blocks: JSON values of untrusted text, deflated and in base64, each in an inert script element of the page."""

import json
from base64 import b64encode
from typing import IO
from zlib import compress


def block(name: str, value: object) -> str:
    """An element with the id `name` that holds `value`; in base64 nothing can close it early.

    Args:
        name: unique in its page.
        value: what JSON can say; floats are finite.
    """
    said = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = b64encode(compress(said.encode("utf-8", "replace"))).decode("ascii")
    return f'<script type="application/octet-stream" id="{name}">{packed}</script>\n'


class Blocks:
    """Writes values by number, so many to a block: number n is item n modulo `size` of the block n // `size`."""

    def __init__(self, file: IO[str], name: str, size: int) -> None:
        """No values yet.

        Args:
            file: where the blocks go.
            name: of them all; block 3 of "trial" is the element "trial-3".
            size: values in a block.
        """
        self._file, self._name, self._size = file, name, size
        self._waiting: list[object] = []
        self._written = 0

    def __len__(self) -> int:
        return self._written * self._size + len(self._waiting)

    def add(self, value: object) -> None:
        """Writes a value, some time before `close` has ended."""
        self._waiting.append(value)
        if len(self._waiting) == self._size:
            self.close()

    def close(self) -> None:
        """Writes what is waiting; nothing may be added afterwards unless the last block is full."""
        if self._waiting:
            self._file.write(block(f"{self._name}-{self._written}", self._waiting))
            self._written += 1
            self._waiting = []
