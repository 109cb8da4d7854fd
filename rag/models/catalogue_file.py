"""Reads a file of catalogue entries and says what is wrong with it, by file and entry."""

import tomllib
from collections.abc import Mapping
from math import inf
from typing import Any, get_args

from indexes.errors import RequestError, UnknownNameError
from rag.models.catalogue import Gguf, Model, Twin, TwinKind
from rag.sampling import Sampling
from rag.thinking import Thinks

_TEXTS = ("hub_id", "base", "base_source", "licence", "reasoning_parser", "package", "file", "install")
_REQUIRED: Mapping[str, type] = {"description": str, "reasoning": bool, "thinks": str}
_ENTRY: Mapping[str, type] = {
    **_REQUIRED,
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("context", "budget"), int),
    "memory_gb": float,
    **dict.fromkeys(("sampling", "switch", "gguf"), dict),
    "twins": list,
}
_SAMPLING: Mapping[str, type] = {"temperature": float, "top_p": float, "max_tokens": int, "seed": int}
_GGUF: Mapping[str, type] = {"repo": str, "file": str}
_TWIN: Mapping[str, type] = {"name": str, "kind": str}
_WANTED: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    list: "a list",
}


def with_entries(catalogue: Mapping[str, Model], entries: bytes, *, source: str) -> dict[str, Model]:
    """`catalogue` with the entries of a TOML file, which replace those of the same name.

    Args:
        catalogue: what there is, by name.
        entries: the content of the file: a table for each entry, whose keys are the attributes of `Model`.
        source: what to call the file in messages.

    Raises:
        UnknownNameError: an unknown key, way of thinking, kind of twin, or a twin that is in neither.
        RequestError: not TOML, or a value that is missing, of the wrong type or out of range.
    """
    try:
        tables = tomllib.loads(entries.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RequestError(f"the model catalogue {source!r} is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"the model catalogue {source!r} is not valid TOML: {error}") from error
    new = {name: _model(name, table, f"entry {name!r} of {source!r}") for name, table in tables.items()}
    merged = {**catalogue, **new}
    for model in new.values():
        _check_twins(model, merged, f"entry {model.name!r} of {source!r}")
    return merged


def _model(name: str, table: object, where: str) -> Model:
    values = _checked(table, _ENTRY, where, required=_REQUIRED)
    _one_of("way of thinking", values["thinks"], get_args(Thinks), where)
    for key in ("context", "budget", "memory_gb"):
        if key in values and not 0 < values[key] < inf:
            raise RequestError(f"{where}: {key} must be above 0, not {values[key]!r}")
    if "sampling" in values:
        wanted = _checked(values["sampling"], _SAMPLING, f"sampling in {where}")
        try:
            values["sampling"] = Sampling(**wanted)
        except RequestError as error:
            raise RequestError(f"sampling in {where}: {error}") from error
    if "gguf" in values:
        values["gguf"] = Gguf(**_checked(values["gguf"], _GGUF, f"gguf in {where}", required=_GGUF))
    if "switch" in values:
        values["switch"] = _switch(values["switch"], where)
    values["twins"] = tuple(
        Twin(**_checked(twin, _TWIN, f"a twin in {where}", required=_TWIN)) for twin in values.get("twins", ())
    )
    return Model(name=name, **values)


def _checked(table: object, types: Mapping[str, type], where: str, *, required: Mapping[str, type] = {}) -> Any:
    """A copy of `table`, whose keys are all among `types`, with values of those types."""
    if not isinstance(table, dict):
        raise RequestError(f"{where} must be a table, not {table!r}")
    for key, value in table.items():
        if key not in types:
            raise UnknownNameError("key", key, types, hint=f"it stands in {where}")
        if type(value) is not types[key] and not (types[key] is float and type(value) is int):
            raise RequestError(f"{where}: {key} must be {_WANTED[types[key]]}, not {value!r}")
    missing = [key for key in required if key not in table]
    if missing:
        raise RequestError(f"{where} lacks {missing[0]!r}; add it ({_WANTED[required[missing[0]]]})")
    return dict(table)


def _switch(table: Mapping[str, object], where: str) -> tuple[tuple[str, bool | str], ...]:
    for key, value in table.items():
        if not isinstance(value, bool | str):
            raise RequestError(f"switch in {where}: {key} must be true, false or text, not {value!r}")
    return tuple((key, value) for key, value in table.items() if isinstance(value, bool | str))


def _check_twins(model: Model, merged: Mapping[str, Model], where: str) -> None:
    for twin in model.twins:
        _one_of("kind of twin", twin.kind, get_args(TwinKind), where)
        _one_of("twin", twin.name, merged, where)
        if (twin.kind == "no_think") != (twin.name == model.name):
            raise RequestError(
                f"{where}: a twin of kind 'no_think' is the entry itself and no other is, but {twin.name!r} is "
                f"of kind {twin.kind!r}"
            )


def _one_of(kind: str, name: str, known: Any, where: str) -> None:
    if name not in known:
        raise UnknownNameError(kind, name, known, hint=f"it stands in {where}")
