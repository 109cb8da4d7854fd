"""Settles which metrics of a check decide and which are told, and refuses those that cannot."""

from collections.abc import Sequence

from evaluation.check.config import Gate
from evaluation.design.grid_check import UNSELECTIVE
from evaluation.metrics import MetricSpec, parse_metric
from evaluation.toml_files import placed
from indexes.errors import RequestError


def ranking_gate(
    gate: Sequence[str] | None,
    metrics: Sequence[str] | None,
    margin: float,
    *,
    usual: Gate,
    ranked: int,
    where: str,
) -> Gate:
    """What is measured of rankings.

    Args:
        gate: metrics that decide; None: the usual ones.
        metrics: others that are told; None: the usual ones that do not decide.
        margin: the loss that is tolerated, as a fraction.
        usual: what is measured where nothing is said.
        ranked: how many passages are ranked.
        where: the file and the table, for messages.

    Raises:
        UnknownNameError: no such metric.
        RequestError: a metric stands twice, looks at more than the ranking, or behind its end.
    """
    deciding = usual.gate if gate is None else _printed(gate, f"{where}.gate", gates=True)
    others = tuple(metric for metric in usual.metrics if metric not in deciding)
    told = others if metrics is None else _printed(metrics, f"{where}.metrics")
    for metric in _each_once([*deciding, *told], where):
        if not metric.of_ranking:
            raise RequestError(
                f"{where}: '{metric}' does not look at the ranking alone; take recall@K, ndcg@K or mrr@K here, and "
                "name this one under [answers]"
            )
        if metric.k is not None and metric.k > ranked:
            raise RequestError(
                f"{where}: '{metric}' looks at {metric.k} passages, but retrieve ranks {ranked}; raise retrieve or "
                "lower the cutoff"
            )
    return Gate(deciding, told, margin)


def answer_gate(gate: Sequence[str], metrics: Sequence[str], margin: float, *, where: str) -> Gate:
    """What is measured of answers.

    Args:
        gate: metrics that decide.
        metrics: others that are told.
        margin: the loss that is tolerated, as a fraction.
        where: the file and the table, for messages.

    Raises:
        UnknownNameError: no such metric.
        RequestError: there is none, one stands twice, or one does not look at answers.
    """
    deciding, told = _printed(gate, f"{where}.gate", gates=True), _printed(metrics, f"{where}.metrics")
    if not deciding and not told:
        raise RequestError(f"{where}: gate and metrics are both empty; name a metric, or leave out all of [answers]")
    for metric in _each_once([*deciding, *told], where):
        if metric.of_ranking:
            raise RequestError(
                f"{where}: '{metric}' looks at the ranking alone, not at answers; name it under [retrieval]"
            )
    return Gate(deciding, told, margin)


def _printed(texts: Sequence[str], where: str, *, gates: bool = False) -> tuple[str, ...]:
    """Metrics as they print; those that gate can decide."""
    found = []
    for at, text in enumerate(texts):
        try:
            metric = parse_metric(text)
        except RequestError as error:
            raise placed(error, f"{where}[{at}]") from error
        if gates:
            _check_gating(metric, f"{where}[{at}]")
        found.append(str(metric))
    return tuple(found)


def _check_gating(metric: MetricSpec, where: str) -> None:
    if not metric.share:
        raise RequestError(
            f"{where}: '{metric}' is counted in {metric.unit}, and a margin is a share; name it under metrics"
        )
    if metric.name in UNSELECTIVE:
        done, other = UNSELECTIVE[metric.name]
        raise RequestError(
            f"{where}: '{metric}' does not apply where nothing is {done}, so the answers would choose which questions "
            f"count; take {other}, and name this one under metrics"
        )


def _each_once(metrics: Sequence[str], where: str) -> list[MetricSpec]:
    for at, metric in enumerate(metrics):
        if metric in metrics[:at]:
            raise RequestError(f"{where}: {metric!r} stands twice; drop one")
    return [parse_metric(metric) for metric in metrics]
