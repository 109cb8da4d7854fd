"""Which generator was asked for: its name with all its parameters; prints, parses back, compares equal."""

import ast
import math
from dataclasses import dataclass

from evaluation.datasets.record import shown
from evaluation.generators.registry import Generator, Parameter, find_generator
from indexes.errors import RequestError


@dataclass(frozen=True, slots=True)
class GeneratorSpec:
    """A choice of generator and parameters, made by `parse_generator`; it prints with every parameter.

    Attributes:
        parameters: all of the generator's, defaults filled in, in the order of its signature.
    """

    name: str
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.parameters)})"


def parse_generator(text: str) -> GeneratorSpec:
    """The spec that `text` writes: ``kv``, ``kv(keys=300)``; parameters left out take their defaults.

    Whether the values are in range shows when examples are generated.

    >>> from evaluation.generators import parse_generator
    >>> str(parse_generator("kv(keys=300)"))
    'kv(keys=300, examples=100, seed=0)'

    Raises:
        UnknownNameError: no such generator.
        RequestError: not of that form, or a parameter is unknown or of another type.
    """
    name, bracket, _ = text.strip().partition("(")
    chosen = find_generator(name.strip())
    given = _written(text) if bracket else {}
    if unknown := [key for key in given if key not in chosen.defaults]:
        takes = ", ".join(chosen.defaults) or "none"
        raise RequestError(f"generator {chosen.name!r} has no parameter {unknown[0]!r}; it takes {takes}")
    return GeneratorSpec(
        chosen.name, tuple((key, _typed(chosen, key, given.get(key, usual))) for key, usual in chosen.defaults.items())
    )


def _written(text: str) -> dict[str, object]:
    """The parameters in ``name(key=value, ...)``."""
    unreadable = RequestError(
        f"generator {shown(text)} cannot be read; write a name, or name(parameter=value, ...) with numbers or quoted "
        "strings, such as kv(keys=300)"
    )
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            raise unreadable
        values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise unreadable from error
    if len(values) < len(call.keywords):  # repeated, or **
        raise unreadable
    return values


def _typed(chosen: Generator, key: str, value: object) -> Parameter:
    wanted = type(chosen.defaults[key])
    if wanted is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is not wanted or (isinstance(value, float) and not math.isfinite(value)):
        raise RequestError(f"generator {chosen.name!r}: {key} must be of type {wanted.__name__}, found {shown(value)}")
    return value
