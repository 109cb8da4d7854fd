"""The metrics by name: the built-in ones, and those that plugins register by the same decorator."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from indexes.errors import RequestError, UnknownNameError
from rag.plugins import load_plugins


@dataclass(frozen=True, slots=True)
class Unscored:
    """What a metric gives where it has no value of its own: no_answer scores 0, not_applicable does not count."""

    status: Literal["no_answer", "not_applicable"]
    reason: str


Finding = float | Unscored
MetricFunction = Callable[..., Finding]
Scope = Literal["trial", "ranking"]
Unit = Literal["share", "tokens", "seconds", "position"]

ENTRY_POINTS = "rag.metrics"
"""The entry-point group: a plugin names its module there; loading that registers its metrics."""

_F = TypeVar("_F", bound=MetricFunction)


@dataclass(frozen=True, slots=True)
class Metric:
    """A registered metric.

    Attributes:
        function: takes a `Case` whose trial has an outcome, and the cutoff `k` if it has one; pure.
        what: it measures, in one line for people.
        binary: its values are 0 and 1 only.
        higher_is_better: False for costs and for mishaps.
        scope: "ranking" where it looks at nothing but the ranking and the gold, so that all trials of an example
            have the same value.
        unit: of its values; shares are from 0 to 1 and are shown as percent.
        cutoff: it takes one, which is printed behind its name: ``recall@5``.
    """

    name: str
    function: MetricFunction
    what: str
    binary: bool
    higher_is_better: bool
    scope: Scope
    unit: Unit
    cutoff: bool


_metrics: dict[str, Metric] = {}


def metric(
    *,
    what: str,
    binary: bool = False,
    higher_is_better: bool = True,
    scope: Scope = "trial",
    unit: Unit = "share",
) -> Callable[[_F], _F]:
    """Registers a function ``(case) -> Finding`` or ``(case, *, k: int) -> Finding`` as the metric of its name.

    The function is asked only about trials that have an outcome: what failed or is not applicable is settled before.

    Args:
        what: it measures, in one line.
        binary: its values are 0 and 1 only.
        higher_is_better: whether more of it is good.
        scope: what it looks at, see `Metric`.
        unit: of its values.

    Raises:
        RequestError: the name is taken, or the signature is another.
    """

    def register(function: _F) -> _F:
        name = function.__name__
        if name in _metrics:
            first, second = _metrics[name].function.__module__, function.__module__
            raise RequestError(f"metric {name!r} is registered twice, by {first} and {second}; rename one")
        _metrics[name] = Metric(name, function, what, binary, higher_is_better, scope, unit, _has_cutoff(function))
        return function

    return register


def find_metric(name: str) -> Metric:
    """The metric called `name`; plugins are loaded if it is not a built-in one.

    Raises:
        UnknownNameError: there is none of that name.
        RequestError: a plugin does not load.
    """
    if name not in _metrics:
        load_plugins(ENTRY_POINTS, "metric")
    if name not in _metrics:
        raise UnknownNameError("metric", name, _metrics)
    return _metrics[name]


def all_metrics() -> dict[str, Metric]:
    """All metrics by name, plugins included, in the order of registration."""
    load_plugins(ENTRY_POINTS, "metric")
    return dict(_metrics)


def _has_cutoff(function: MetricFunction) -> bool:
    signature = list(inspect.signature(function).parameters.values())
    if not signature or signature[0].kind is inspect.Parameter.KEYWORD_ONLY:
        raise RequestError(f"metric {function.__name__!r} must take the case as its first argument")
    names = [parameter.name for parameter in signature[1:] if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    if len(signature) > 2 or (len(signature) == 2 and names != ["k"]):
        raise RequestError(f"metric {function.__name__!r} may take one parameter beside the case, keyword-only: k")
    return bool(names)
