"""A record of a dataset: untrusted JSON whose fields are checked as they are taken, and the place it stands at."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from reprlib import Repr
from typing import TypeVar

from indexes.errors import RequestError

_SURROGATES = re.compile("[\ud800-\udfff]")
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxdict = _SHORT.maxlist = 3

_T = TypeVar("_T")


def shown(value: object) -> str:
    """`value` as Python writes it, but never long: for messages."""
    return _SHORT.repr(value)


def listed(names: Sequence[str]) -> str:
    """Some names for a message, at most a dozen of them."""
    return ", ".join(shown(name) for name in names[:12]) + (", ..." if len(names) > 12 else "") or "none"


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON object, or one within it.

    Attributes:
        fields: its members, unchecked.
        file: that it stands in, for messages.
        number: where in the file: "line 3", "record 3".
        path: where in the record: "" at its top, else as "ctxs[2].".
    """

    fields: Mapping[str, object]
    file: str
    number: str
    path: str = ""

    def error(self, message: str) -> RequestError:
        """The error that says where."""
        return RequestError(f"{self.file}, {self.number}: {message}")

    def text(self, key: str, *, blank: bool = False) -> str:
        """The text under `key`, in which halves of surrogate pairs are U+FFFD.

        Args:
            key: of the field.
            blank: whether it may be empty or of space only.
        """
        return self.as_text(key, self._value(key), blank=blank)

    def texts(self, key: str, *, empty: bool = False) -> tuple[str, ...]:
        """The texts in the list under `key`, none of them blank.

        Args:
            key: of the field.
            empty: whether there may be none.
        """
        return tuple(self.as_text(name, item) for name, item in self.each(key, empty=empty))

    def flag(self, key: str) -> bool:
        """The truth value under `key`."""
        return self._typed(key, bool, "true or false")

    def whole(self, key: str) -> int:
        """The whole number under `key`."""
        return self._typed(key, int, "a whole number")

    def records(self, key: str) -> tuple["Record", ...]:
        """The objects in the list under `key`, at least one."""
        return tuple(self.inner(name, item) for name, item in self.each(key))

    def each(self, key: str, *, empty: bool = False) -> tuple[tuple[str, object], ...]:
        """The items of the list under `key`, whatever they are, each with its name: ``ctxs[2]``.

        Args:
            key: of the field.
            empty: whether there may be none.
        """
        found: list[object] = self._typed(key, list, "a list")
        if not found and not empty:
            raise self.error(f"'{self.path}{key}' is an empty list; it must hold at least one item")
        return tuple((f"{key}[{index}]", item) for index, item in enumerate(found))

    def inner(self, name: str, value: object) -> "Record":
        """`value`, where it is an object, as a record within this one that messages call `name`."""
        return Record(self.typed(name, value, dict, "an object"), self.file, self.number, f"{self.path}{name}.")

    def as_text(self, name: str, value: object, *, blank: bool = False) -> str:
        """`value`, where it is text; blank text only where that is allowed. Messages call it `name`."""
        found = self.typed(name, value, str, "text")
        if not blank and not found.strip():
            raise self.wrong(name, "text that is not blank", found)
        return found if found.isascii() else _SURROGATES.sub("\ufffd", found)

    def only(self, known: Sequence[str]) -> None:
        """Refuses keys that are not among the known ones."""
        if unknown := [key for key in self.fields if key not in known]:
            where = f" in {self.path.rstrip('.')!r}" if self.path else ""
            raise self.error(f"unknown key {shown(unknown[0])}{where}; known: {', '.join(known)}")

    def typed(self, name: str, value: object, wanted: type[_T], words: str) -> _T:
        """`value`, where it is a `wanted` (a bool is no int); else the error that `name` must be `words`."""
        if isinstance(value, wanted) and (wanted is not int or not isinstance(value, bool)):
            return value
        raise self.wrong(name, words, value)

    def wrong(self, name: str, words: str, found: object) -> RequestError:
        """The error that `name` must be `words`, and is `found`."""
        return self.error(f"'{self.path}{name}' must be {words}, found {shown(found)}")

    def _value(self, key: str) -> object:
        if key not in self.fields:
            raise self.error(f"'{self.path}{key}' is missing; its keys are {listed(list(self.fields))}")
        return self.fields[key]

    def _typed(self, key: str, wanted: type[_T], words: str) -> _T:
        return self.typed(key, self._value(key), wanted, words)


def content_id(content: object) -> str:
    """An id for a record that has none: 16 hex digits of a hash of `content`, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
