"""Which metric was asked for: its name, with its cutoff if it has one; prints, parses back, scores."""

import math
import re
from dataclasses import dataclass

from evaluation.metrics.registry import Finding, Metric, Unit, Unscored, find_metric
from evaluation.scores import Case, Score
from indexes.errors import RequestError

_ROUNDING = 1e-9
_CUTOFF = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A checked choice of metric and cutoff, made by `parse_metric`; it prints as ``sub_span`` or ``recall@5``.

    Attributes:
        k: the cutoff; None for a metric without one.
    """

    name: str
    k: int | None = None

    def __str__(self) -> str:
        return self.name if self.k is None else f"{self.name}@{self.k}"

    @property
    def binary(self) -> bool:
        """Its values are 0 and 1 only."""
        return find_metric(self.name).binary

    @property
    def higher_is_better(self) -> bool:
        """Whether more of it is good."""
        return find_metric(self.name).higher_is_better

    @property
    def what(self) -> str:
        """What it measures, in one line for people."""
        return find_metric(self.name).what

    @property
    def unit(self) -> Unit:
        """Of its values."""
        return find_metric(self.name).unit

    @property
    def share(self) -> bool:
        """Its values are shares, from 0 to 1."""
        return self.unit == "share"

    @property
    def of_ranking(self) -> bool:
        """Whether all trials of an example that have an outcome get the same score."""
        return find_metric(self.name).scope == "ranking"

    def score(self, case: Case) -> Score:
        """What the metric says of the case's trial.

        Raises:
            RequestError: the metric, a plugin's, gave what it must not: no number, not 0 or 1 though binary, or a share
            that is none.
        """
        trial = case.trial
        if trial.finish == "failed":
            return Score(str(self), None, "failed", trial.error or "the endpoint did not deliver")
        if trial.finish == "not_applicable":
            return Score(str(self), None, "not_applicable", trial.reason or "the arm cannot be had for this example")
        if trial.finish == "dry_run":
            return Score(str(self), None, "not_applicable", "no model was asked")
        chosen = find_metric(self.name)
        found: Finding = chosen.function(case) if self.k is None else chosen.function(case, k=self.k)
        if isinstance(found, Unscored):
            return Score(str(self), 0.0 if found.status == "no_answer" else None, found.status, found.reason)
        return Score(str(self), self._checked(found, chosen))

    def _checked(self, found: object, chosen: Metric) -> float:
        if not isinstance(found, int | float) or not math.isfinite(found):
            raise RequestError(f"metric '{self}' must give a finite number or an Unscored, found {found!r}; repair it")
        if chosen.binary and found not in (0, 1):
            raise RequestError(f"metric '{self}' is registered as binary, found {found!r}; repair it")
        if chosen.unit == "share" and not -_ROUNDING <= found <= 1 + _ROUNDING:
            raise RequestError(
                f"metric '{self}' is registered as a share, found {found!r}; repair it, or give its unit"
            )
        return float(found)


def parse_metric(text: str) -> MetricSpec:
    """The spec that `text` writes: ``sub_span``, ``recall@5``.

    >>> str(parse_metric("recall@5"))
    'recall@5'

    Raises:
        UnknownNameError: no such metric.
        RequestError: a cutoff is missing, not wanted, or no whole number from 1 to 999999.
    """
    name, at, cutoff = text.strip().partition("@")
    chosen = find_metric(name)
    if not chosen.cutoff:
        if at:
            raise RequestError(f"metric {name!r} takes no cutoff, found {text!r}; write {name}")
        return MetricSpec(name)
    if not _CUTOFF.fullmatch(cutoff):
        wanted = f"metric {name!r} needs a cutoff, a whole number from 1 to 999999"
        raise RequestError(f"{wanted}; found {text!r}; write it as in {name}@5")
    return MetricSpec(name, int(cutoff))
