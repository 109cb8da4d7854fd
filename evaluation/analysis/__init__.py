"""From the rows of a run to what they show: scoring, pairing, tests, and the verdicts in words."""

from evaluation.analysis.between import compare_runs
from evaluation.analysis.reporting import analyse

__all__ = ["analyse", "compare_runs"]
