"""The JSON object of a check; its names are stable, fields may be added."""

from typing import Any

from evaluation.check.outputs.stage_table import stages_of
from evaluation.check.outputs.words import failures
from evaluation.check.values import Against, Checked, MetricVerdict, StageVerdict


def contract(checked: Checked, *, exit_status: int) -> dict[str, Any]:
    """What `checked` says as plain values, without ``schema_version``; what is not known is None.

    Shares, differences and margins are fractions. Without a baseline ``stages`` hold the values of now, and nothing
    has changed.
    """
    against = checked.baseline
    return {
        "verdict": checked.verdict,
        "exit_status": int(exit_status),
        "n": int(checked.n),
        "stages": [_stage(one) for one in stages_of(checked)],
        "changed": list(against.changed) if against else [],
        "changes": list(against.changes) if against else [],
        "added": list(against.added) if against else [],
        "removed": list(against.removed) if against else [],
        "assertions": [
            {"question": one.question, "wanted": one.wanted, "found": one.found, "held": one.held}
            for one in checked.assertions
        ],
        "infrastructure_failures": int(checked.infrastructure_failures),
        "failures": [{"error": reason, "n": count} for reason, count in failures(checked)],
        "unasked": int(checked.unasked),
        "confirmed": checked.confirmed,
        "missing": [{"question": question, "gold": gold} for question, gold in checked.missing],
        "baseline": {"blessed": against.blessed, "reason": against.reason} if against else None,
        "anchor": _anchor(checked.anchor),
        "warnings": list(checked.warnings),
        "path": checked.path,
    }


def _anchor(anchor: Against | None) -> dict[str, Any] | None:
    if anchor is None:
        return None
    return {
        "blessed": anchor.blessed,
        "reason": anchor.reason,
        "stages": [_stage(one) for one in anchor.stages],
        "changed": list(anchor.changed),
        "added": list(anchor.added),
        "removed": list(anchor.removed),
    }


def _stage(one: StageVerdict) -> dict[str, Any]:
    return {"stage": one.stage, "verdict": one.verdict, "metrics": [_metric(metric) for metric in one.metrics]}


def _metric(one: MetricVerdict) -> dict[str, Any]:
    return {
        "name": one.name,
        "gates": bool(one.gates),
        "n": int(one.n),
        "baseline": _number(one.baseline),
        "current": _number(one.current),
        "difference": _number(one.difference),
        "low": _number(one.low),
        "high": _number(one.high),
        "p_adjusted": _number(one.p_adjusted),
        "margin": _number(one.margin),
        "gained": len(one.gained),
        "lost": len(one.lost),
        "gained_ids": list(one.gained),
        "lost_ids": list(one.lost),
        "verdict": one.verdict,
        "basis": one.basis,
    }


def _number(value: float | None) -> float | None:
    """A plain float: JSON knows none of numpy's."""
    return None if value is None else float(value)
