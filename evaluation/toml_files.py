"""Files in TOML that people write: their tables checked, each mistake said by file and key, values written again."""

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from indexes.errors import RequestError, UnknownNameError

PATHS = ("./", "../", "~", "/")
"""How a name begins that means a path."""


class Table(BaseModel):
    """A table of a file; its fields are the keys that are known.

    Attributes:
        hints: keys that one might expect here, and what to do instead.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    hints: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, table: object) -> object:
        unknown = [key for key in table if key not in cls.model_fields] if isinstance(table, dict) else []
        if unknown:
            found = {"key": unknown[0], "known": list(cls.model_fields), "hint": cls.hints.get(unknown[0])}
            raise PydanticCustomError("unknown_key", "unknown key", found)
        return table


_T = TypeVar("_T", bound=Table)


def _url(url: str) -> str:
    if not re.match(r"https?://[^\s/]", url):
        raise ValueError("must look like 'http://127.0.0.1:8000/v1'")
    return url


Text = Annotated[str, Field(min_length=1, max_length=4096)]
Count = Annotated[int, Field(ge=1)]
Url = Annotated[Text, AfterValidator(_url)]


def text_of(content: bytes, origin: str) -> str:
    """The file's text.

    Args:
        content: of the file.
        origin: what to call the file in messages.

    Raises:
        RequestError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{origin} is not UTF-8; save it as UTF-8") from error


def tables_of(text: str, model: type[_T], origin: str) -> _T:
    """What the file says, checked.

    Args:
        text: TOML.
        model: the tables and keys that it may have.
        origin: what to call the file in messages.

    Raises:
        UnknownNameError: a key is not known, or a value that must be one of a few is another.
        RequestError: it is no TOML, or a value cannot be.
    """
    try:
        return model.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RequestError(f"{origin} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise _refusal(error, origin) from error


def placed(error: RequestError, where: str) -> RequestError:
    """The same error, whose message says where."""
    error.args = (f"{where}: {error}",)
    return error


def refuse_credentials(url: str | None, where: str, because: str) -> None:
    """Refuses an address with a user name or password in it.

    Raises:
        RequestError: it has one; the message does not repeat it.
    """
    if "@" in (url or "").partition("//")[2].partition("/")[0]:
        raise RequestError(
            f"{where} must hold no user name and password, because {because}; set RAG_API_KEY, which none does"
        )


def path_in(folder: Path, text: str) -> Path:
    """The absolute path that a file in `folder` means by `text`; ``~`` is the home folder.

    Raises:
        RequestError: it begins with the name of a user that there is not.
    """
    expanded = os.path.expanduser(text)  # noqa: PTH111 to a Path, ./~ is ~
    if expanded.startswith("~"):
        raise RequestError(f"{text!r} has no home folder; write ./{text} for a file of that name")
    return Path(os.path.abspath(folder / expanded))  # noqa: PTH100 not resolve(): paths are those that the user knows


def written_value(value: object) -> str:
    """A string, number, truth value or tuple of such as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(written_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _basic_string(value) if isinstance(value, str) else repr(value)


def _basic_string(text: str) -> str:
    """As in JSON, but that the delete character is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _refusal(error: ValidationError, origin: str) -> RequestError:
    first = error.errors(include_url=False)[0]
    where, kind = _key_path(first["loc"]), first["type"]
    if kind == "unknown_key":
        context = first["ctx"]
        within = f"[{where}] of {origin}" if where else f"the top level of {origin}"
        hint = f"; {context['hint']}" if context["hint"] else ""
        return UnknownNameError("key", context["key"], context["known"], hint=f"it stands in {within}{hint}")
    if kind == "literal_error":
        expected: str = first["ctx"]["expected"]
        known = [word.strip("' ") for part in expected.split(" or ") for word in part.split(",")]
        return UnknownNameError(where, str(first["input"]), known, hint=f"it stands in {origin}")
    wanted = _WANTED.get(kind) or first["msg"].removeprefix("Value error, ")
    found = "a table" if isinstance(first["input"], dict) else re.sub(r"//[^/]*@", "//...@", repr(first["input"]))
    return RequestError(f"{origin}: {where} {wanted.replace('Input should ', 'must ')}, found {found[:200]}")


_WANTED = {
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list in [ ]",
    "model_type": "must be a table",
    "dict_type": "must be a table",
}


def _key_path(loc: Sequence[int | str]) -> str:
    """As TOML writes it: ``arms.passages[1]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")
