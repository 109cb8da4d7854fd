"""Verdicts in words: what a comparison, a position effect, an interaction or an order sensitivity shows."""

from typing import Literal

from evaluation.analysis.numbers import interval_points, number, p_value, percent, points
from evaluation.analysis.values import Comparison, Interaction, OrderSensitivity, PositionEffect
from evaluation.statistics.interval import Interval
from evaluation.statistics.missing import INCOMPLETE
from rag.models.catalogue import EXTRACTIVE, TwinKind
from rag.opening import ModelChoice

SIGNIFICANT = 0.05
UNDERPOWERED = 0.05
"""A contrast that detects only differences above 5 points is labelled: orders seldom matter more than that in what is
published, and it is the margin of the regression gate."""
EXTRACTIVE_WORDS = "the model is extractive: it does not read passages in order, so order cannot matter there"

Direction = Literal["higher", "lower", "no difference shown"]
Shape = Literal["not flat", "not flat, but by less than the margin", "flat", "neither shown"]

_TWINS: dict[TwinKind, str] = {
    "no_think": "the same weights with their thinking closed (no_think)",
    "same_base": "a model tuned from the same base (same_base)",
    "related": "a related model (related)",
}


def is_extractive(choice: ModelChoice) -> bool:
    """Whether no language model answers."""
    return choice.base_url is None and choice.model in (None, EXTRACTIVE)


def direction(difference: float, p: float) -> Direction:
    """What a test says; p is the adjusted one where there are several."""
    if p >= SIGNIFICANT:
        return "no difference shown"
    return "higher" if difference > 0 else "lower"


def shape(p: float, *, flat: bool) -> Shape:
    """What the test of any effect and that of flatness say together."""
    if p < SIGNIFICANT:
        return "not flat, but by less than the margin" if flat else "not flat"
    return "flat" if flat else "neither shown"


def comparison_verdict(
    stands: str, *, detectable: float | None, interval: Interval | None, share: bool = True, primary: bool = True
) -> str:
    """The verdict of a comparison.

    Args:
        stands: a `Direction`, or `INCOMPLETE`.
        detectable: the difference that would have been detected, at .05 divided by the number of comparisons; None:
            none at all, or unknown.
        interval: of the difference; tells the power where too little varies for `detectable`.
        share: the metric is a share; costs have no threshold of power.
        primary: the metric decides; others are labelled as secondary.
    """
    label = "" if primary else " (secondary metric)"
    if stands == INCOMPLETE:
        return _incomplete("the verdict") + label
    words = stands
    if stands == "no difference shown" and detectable is not None:
        words += f"; this run could have shown {_size(detectable, share)}"
    return words + (_power_label(stands, detectable, interval) if share else "") + label


def comparison_sentence(comparison: Comparison, *, share: bool = True) -> str:
    """A comparison in one line, its verdict at the end."""
    if comparison.difference is None or comparison.interval is None or comparison.p is None:
        return f"{comparison.arm} vs {comparison.baseline}: {comparison.verdict}"
    amount = points(comparison.difference) if share else _signed(comparison.difference)
    within = interval_points(comparison.interval) if share else _plain(comparison.interval)
    return (
        f"{comparison.arm} vs {comparison.baseline}: {amount} {within}, "
        f"{_p(comparison.p, comparison.p_adjusted)}, n = {comparison.n}: {comparison.verdict}"
    )


def position_verdict(stands: str, *, margin: float, bound: float, n: int, needed: int | None) -> str:
    """The verdict of a position effect.

    Args:
        stands: a `Shape`, or `INCOMPLETE`.
        margin: within which flatness was asked about.
        bound: of the largest difference.
        n: questions.
        needed: questions that would show flatness; None: that cannot be said, as nothing differs.
    """
    most = f"at most {_size(bound)} between any two positions"
    if stands == INCOMPLETE:
        return _incomplete("whether it is flat")
    if stands == "flat":
        return f"flat within {_size(margin)} ({most})"
    if stands == "not flat":
        return "not flat: the position of the evidence matters"
    if stands != "neither shown":
        return f"not flat, but by less than {_size(margin)} ({most})"
    words = f"neither an effect of the position nor flatness within {_size(margin)} is shown"
    if needed is None:
        return f"{words}; underpowered: too little differs to say how many questions it takes"
    return f"{words}, which takes about {needed:,} questions; underpowered" if needed > n else words


def position_sentence(effect: PositionEffect) -> str:
    """A position effect in one line, its verdict at the end."""
    edges = ""
    if effect.edge_minus_middle is not None and effect.edge_interval is not None:
        edges = f"; edges − middle {points(effect.edge_minus_middle)} {interval_points(effect.edge_interval)}"
    return (
        f"{effect.series}: spread {_size(effect.spread)} over {len(effect.points)} positions "
        f"({_size(effect.flat_spread)} if flat), {_p(effect.p, effect.p_adjusted)}{edges}; n = {effect.n}: "
        f"{effect.verdict}"
    )


def interaction_verdict(stands: str, *, p_logit: float | None, detectable: float | None, interval: Interval) -> str:
    """The verdict of an interaction; `stands` is a `Direction` or `INCOMPLETE`."""
    if stands == INCOMPLETE:
        return _incomplete("the verdict")
    if stands == "no difference shown":
        could = "" if detectable is None else f"; this run could have shown {_size(detectable)}"
        return f"no interaction shown{could}{_power_label(stands, detectable, interval)}"
    words = f"the edge–middle gap of the reasoning model is {'larger' if stands == 'higher' else 'smaller'}"
    if p_logit is None:
        words += "; on the logit scale it could not be fitted"
    elif p_logit >= SIGNIFICANT:
        words += f"; not shown on the logit scale ({p_value(p_logit)}), so a ceiling may make it"
    return words + _power_label(stands, detectable, interval)


def interaction_sentence(interaction: Interaction) -> str:
    """An interaction in one line: which twin, the numbers, the verdict."""
    logit = "" if interaction.p_logit is None else f" (logit {p_value(interaction.p_logit)})"
    return (
        f"reasoning × position, {interaction.reasoning} vs its twin {interaction.twin}, {_TWINS[interaction.kind]}: "
        f"{points(interaction.difference)} {interval_points(interaction.interval)}, "
        f"{_p(interaction.p, interaction.p_adjusted)}{logit}, n = {interaction.n}: {interaction.verdict}"
    )


def order_verdict(p: float, *, missing: int) -> str:
    """The verdict of an order sensitivity, by the adjusted p; outcomes that are missing leave it open."""
    if missing:
        return _incomplete("the verdict")
    found = "the order changes outcomes" if p < SIGNIFICANT else "no effect of the order beyond the noise of repeats"
    return f"{found}, over complete questions"


def order_sentence(order: OrderSensitivity) -> str:
    """An order sensitivity in one line, its verdict at the end."""
    return (
        f"{order.series}, {order.permutations} orders × {order.repeats} samples: {percent(order.between)} of pairs "
        f"differ between orders, {percent(order.within)} within one, {_p(order.p, order.p_adjusted)}, n = {order.n}: "
        f"{order.verdict}"
    )


def _incomplete(what: str) -> str:
    return f"{INCOMPLETE}: {what} hangs on outcomes that are missing; run it again to ask for them"


def _power_label(stands: str, detectable: float | None, interval: Interval | None) -> str:
    shown = detectable
    if shown is None and interval is not None:
        shown = max(-interval.low, interval.high)
    if shown is not None and shown <= UNDERPOWERED:
        return ""
    if stands != "no difference shown":
        return "; underpowered: differences that so few questions show tend to look larger than they are"
    return (
        "; underpowered" if detectable is not None else "; underpowered: too little differs to say what it could show"
    )


def _p(p: float, adjusted: float | None) -> str:
    if adjusted is None or p_value(adjusted) == p_value(p):
        return p_value(p)
    return f"{p_value(p)}, adjusted {p_value(adjusted)}"


def _size(difference: float, share: bool = True) -> str:
    return points(abs(difference)).removeprefix("+") if share else number(abs(difference))


def _signed(difference: float) -> str:
    return number(difference) if difference <= 0 else f"+{number(difference)}"


def _plain(interval: Interval) -> str:
    return f"[{number(interval.low)}, {number(interval.high)}]"
