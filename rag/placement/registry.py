"""The placement policies by name: the built-in ones, and those that plugins register by the same decorator."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, overload

from indexes.errors import RequestError, UnknownNameError
from rag.plugins import load_plugins

Parameter = int | float | str | bool
PolicyFunction = Callable[..., Sequence[int]]
Needs = Literal["ranks", "metadata"]

ENTRY_POINTS = "rag.placements"
"""The entry-point group: a plugin names its module there; loading that registers its policies."""

_F = TypeVar("_F", bound=PolicyFunction)


@dataclass(frozen=True, slots=True)
class Policy:
    """A registered placement policy.

    Attributes:
        function: takes ranked passages, best first, and gives their indices in prompt order; pure.
        needs: "metadata" where the order depends on which documents the passages come from.
        defaults: each parameter's default, in the order of the signature; a value must be of its default's type.
    """

    name: str
    function: PolicyFunction
    needs: Needs
    defaults: Mapping[str, Parameter]


_policies: dict[str, Policy] = {}


@overload
def placement(function: _F, /) -> _F: ...


@overload
def placement(*, needs: Needs) -> Callable[[_F], _F]: ...


def placement(function: _F | None = None, /, *, needs: Needs = "ranks") -> _F | Callable[[_F], _F]:
    """Registers a function ``(passages, *, parameters with defaults) -> indices`` as the policy of its name.

    `passages` are `RankedPassage`, best first. A parameter out of range is a ValueError, raised whatever the
    passages, also for none: that is how a request is checked before anything slow.

    Args:
        function: the policy, where the decorator is used bare.
        needs: "metadata" keeps the policy out of drawings, which have no documents.

    Raises:
        RequestError: the name is taken, or the signature is another.
    """

    def register(function: _F) -> _F:
        name = function.__name__
        if name in _policies:
            first, second = _policies[name].function.__module__, function.__module__
            raise RequestError(f"placement {name!r} is registered twice, by {first} and {second}; rename one")
        _policies[name] = Policy(name, function, needs, _defaults(function))
        return function

    return register if function is None else register(function)


def policy(name: str) -> Policy:
    """The policy called `name`; plugins are loaded if it is not a built-in one.

    Raises:
        UnknownNameError: there is none of that name.
        RequestError: a plugin does not load.
    """
    if name not in _policies:
        load_plugins(ENTRY_POINTS, "placement")
    if name not in _policies:
        raise UnknownNameError("placement", name, _policies)
    return _policies[name]


def all_policies() -> dict[str, Policy]:
    """All policies by name, plugins included, in the order of registration."""
    load_plugins(ENTRY_POINTS, "placement")
    return dict(_policies)


def _defaults(function: PolicyFunction) -> dict[str, Parameter]:
    signature = list(inspect.signature(function).parameters.values())
    if not signature or signature[0].kind is inspect.Parameter.KEYWORD_ONLY:
        raise RequestError(f"placement {function.__name__!r} must take the passages as its first argument")
    for parameter in signature[1:]:
        if parameter.kind is not parameter.KEYWORD_ONLY or type(parameter.default) not in (int, float, str, bool):
            raise RequestError(
                f"placement {function.__name__!r}: its parameter {str(parameter)!r} must be keyword-only and have an "
                "int, float, str or bool as default"
            )
    return {parameter.name: parameter.default for parameter in signature[1:]}
