"""The generators by name."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from evaluation.examples import Example
from indexes.errors import RequestError, UnknownNameError

Parameter = int | float | str
GeneratorFunction = Callable[..., tuple[Example, ...]]

_F = TypeVar("_F", bound=GeneratorFunction)


@dataclass(frozen=True, slots=True)
class Generator:
    """A registered generator.

    Attributes:
        function: makes examples from its parameters alone; pure.
        defaults: each parameter's default, in the order of the signature; a value must be of its default's type.
    """

    name: str
    function: GeneratorFunction
    defaults: Mapping[str, Parameter]


_generators: dict[str, Generator] = {}


def generator(function: _F) -> _F:
    """Registers a function ``(*, parameters with defaults) -> examples`` as the generator of its name.

    Equal parameters must give equal examples, on any machine. A parameter out of range is a ValueError, raised before
    anything slow.

    Raises:
        RequestError: the name is taken, or the signature is another.
    """
    name = function.__name__
    if name in _generators:
        first, second = _generators[name].function.__module__, function.__module__
        raise RequestError(f"generator {name!r} is registered twice, by {first} and {second}; rename one")
    _generators[name] = Generator(name, function, _defaults(function))
    return function


def find_generator(name: str) -> Generator:
    """The generator called `name`.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in _generators:
        raise UnknownNameError("generator", name, _generators)
    return _generators[name]


def all_generators() -> dict[str, Generator]:
    """All generators by name, in the order of registration."""
    return dict(_generators)


def _defaults(function: GeneratorFunction) -> dict[str, Parameter]:
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind is not parameter.KEYWORD_ONLY or type(parameter.default) not in (int, float, str):
            raise RequestError(
                f"generator {function.__name__!r}: its parameter {str(parameter)!r} must be keyword-only and have an "
                "int, float or str as default"
            )
    return {parameter.name: parameter.default for parameter in parameters}
