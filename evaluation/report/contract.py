"""The JSON object of a report; its names are stable, fields may be added."""

from typing import Any

from evaluation.analysis.values import Comparison, Interaction, OrderSensitivity, PositionEffect, Report


def contract(report: Report) -> dict[str, Any]:
    """The report as plain values, without ``schema_version``; what is not known is None.

    Shares and differences are fractions. ``position`` and ``interaction`` have one entry in ``effects`` for each
    series or pair of series; they are None where a run has none.
    """
    return {
        "run": report.run,
        "n": int(report.n),
        "baseline": report.baseline,
        "primary_metric": report.primary_metric,
        "headline": list(report.headline),
        "cells": [
            {
                "arm": cell.arm,
                "metric": cell.metric,
                "value": _number(cell.value),
                "low": _number(cell.interval and cell.interval.low),
                "high": _number(cell.interval and cell.interval.high),
                "n": int(cell.n),
                "finish": {finish: int(count) for finish, count in cell.finish.items()},
            }
            for cell in report.cells
        ],
        "comparisons": [_comparison(one) for one in report.comparisons],
        "aa": report.repeat
        and {
            "arm": report.repeat.arm,
            "n": int(report.repeat.n),
            "flips": _number(report.repeat.flips),
            "difference": _number(report.repeat.difference),
            "p": _number(report.repeat.p),
        },
        "position": {"effects": [_position(one) for one in report.positions]} if report.positions else None,
        "interaction": {"effects": [_interaction(one) for one in report.interactions]} if report.interactions else None,
        "order_sensitivity": [_sensitivity(one) for one in report.sensitivity],
        "spent": [
            {
                "arm": one.arm,
                "thinking_tokens": _number(one.thinking),
                "answer_tokens": _number(one.answer),
                "seconds": _number(one.seconds),
                "cached_share": _number(one.cached),
            }
            for one in report.spent
        ],
        "excluded": {
            "not_applicable": int(report.excluded.not_applicable),
            "failed": int(report.excluded.failed),
        },
        "missing": int(report.missing),
        "warnings": list(report.warnings),
        "facts": dict(report.facts),
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "baseline": one.baseline,
        "arm": one.arm,
        "metric": one.metric,
        "primary": bool(one.primary),
        "n": int(one.n),
        "difference": _number(one.difference),
        "low": _number(one.interval and one.interval.low),
        "high": _number(one.interval and one.interval.high),
        "p": _number(one.p),
        "p_exact": _number(one.p_exact),
        "p_adjusted": _number(one.p_adjusted),
        "gained": int(one.gained),
        "lost": int(one.lost),
        "detectable": _number(one.detectable),
        "verdict": one.verdict,
    }


def _position(one: PositionEffect) -> dict[str, Any]:
    return {
        "series": one.series,
        "subject": one.subject,
        "length": one.length,
        "n": int(one.n),
        "points": [
            {
                "position": _whole(point.position),
                "label": point.label,
                "arm": point.arm,
                "value": _number(point.value),
                "low": _number(point.interval.low),
                "high": _number(point.interval.high),
                "n": int(point.n),
            }
            for point in one.points
        ],
        "spread": _number(one.spread),
        "flat_spread": _number(one.flat_spread),
        "p": _number(one.p),
        "p_adjusted": _number(one.p_adjusted),
        "margin": _number(one.margin),
        "flat": bool(one.flat),
        "bound": _number(one.bound),
        "edge_minus_middle": _number(one.edge_minus_middle),
        "edge_low": _number(one.edge_interval and one.edge_interval.low),
        "edge_high": _number(one.edge_interval and one.edge_interval.high),
        "edge_p": _number(one.edge_p),
        "primacy": _number(one.primacy),
        "recency": _number(one.recency),
        "slope": _number(one.slope),
        "verdict": one.verdict,
    }


def _interaction(one: Interaction) -> dict[str, Any]:
    return {
        "reasoning": one.reasoning,
        "twin": one.twin,
        "kind": one.kind,
        "length": one.length,
        "n": int(one.n),
        "difference": _number(one.difference),
        "low": _number(one.interval.low),
        "high": _number(one.interval.high),
        "p": _number(one.p),
        "p_adjusted": _number(one.p_adjusted),
        "p_logit": _number(one.p_logit),
        "detectable": _number(one.detectable),
        "verdict": one.verdict,
    }


def _sensitivity(one: OrderSensitivity) -> dict[str, Any]:
    return {
        "series": one.series,
        "n": int(one.n),
        "permutations": int(one.permutations),
        "repeats": int(one.repeats),
        "between": _number(one.between),
        "within": _number(one.within),
        "p": _number(one.p),
        "verdict": one.verdict,
    }


def _whole(value: float) -> int | float:
    """A whole number as one."""
    return int(value) if float(value).is_integer() else float(value)


def _number(value: float | None) -> float | None:
    """A plain float: JSON knows none of numpy's."""
    return None if value is None else float(value)
