"""Metrics: what is measured on a trial, each a pure function registered under the name by which it is asked for."""

from evaluation.metrics import accuracy as _accuracy  # noqa: F401 registers the built-in ones
from evaluation.metrics import citations as _citations  # noqa: F401 registers the built-in ones
from evaluation.metrics import contexts as _contexts  # noqa: F401 registers the built-in ones
from evaluation.metrics import costs as _costs  # noqa: F401 registers the built-in ones
from evaluation.metrics import finishes as _finishes  # noqa: F401 registers the built-in ones
from evaluation.metrics import refusals as _refusals  # noqa: F401 registers the built-in ones
from evaluation.metrics import retrieval as _retrieval  # noqa: F401 registers the built-in ones
from evaluation.metrics.registry import Finding, Unscored, all_metrics, metric
from evaluation.metrics.spec import MetricSpec, parse_metric

__all__ = ["Finding", "MetricSpec", "Unscored", "all_metrics", "metric", "parse_metric"]
