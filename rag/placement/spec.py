"""Which placement was asked for: a policy's name with all its parameters; prints, parses back, compares equal."""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass

from indexes.errors import RequestError
from rag.placement.registry import Parameter, Policy, policy


@dataclass(frozen=True, slots=True)
class PlacementSpec:
    """A checked choice of policy and parameters, made by `parse_placement`.

    It prints in one form, with every parameter, so that a stored one does not change with a default:
    ``edges``, ``shuffled(seed=0)``.

    Attributes:
        parameters: all of the policy's, defaults filled in, in the order of its signature.
    """

    name: str
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.parameters)})"


def parse_placement(text: str) -> PlacementSpec:
    """The spec that `text` writes: ``edges``, ``shuffled(seed=7)``; parameters left out take their defaults.

    >>> str(parse_placement("shuffled"))
    'shuffled(seed=0)'

    Raises:
        UnknownNameError: no such policy.
        RequestError: not of that form, or a parameter is unknown, of another type or out of range.
    """
    name, _, written = text.strip().partition("(")
    chosen = policy(name.strip())
    given = _keywords(text.strip()) if written else {}
    for key in given:
        if key not in chosen.defaults:
            takes = f"it takes {', '.join(chosen.defaults)}" if chosen.defaults else "it takes none"
            raise RequestError(f"placement {chosen.name!r} has no parameter {key!r}; {takes}")
    spec = PlacementSpec(
        chosen.name, tuple((key, _typed(chosen, key, given.get(key, chosen.defaults[key]))) for key in chosen.defaults)
    )
    try:
        chosen.function((), **dict(spec.parameters))
    except ValueError as error:
        raise RequestError(f"placement '{spec}': {error}") from error
    return spec


def _keywords(text: str) -> Mapping[str, object]:
    try:
        call = ast.parse(text, mode="eval").body
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
            if len(values) == len(call.keywords):  # neither repeated nor **
                return values
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        pass
    raise RequestError(
        f"placement {text!r} cannot be read; write a name, or name(parameter=value, ...) with numbers or quoted "
        "strings, such as shuffled(seed=7)"
    )


def _typed(chosen: Policy, key: str, value: object) -> Parameter:
    wanted = type(chosen.defaults[key])
    if wanted is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is not wanted or (isinstance(value, float) and not math.isfinite(value)):
        raise RequestError(f"placement {chosen.name!r}: {key} must be of type {wanted.__name__}, found {value!r}")
    return value
