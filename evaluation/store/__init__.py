"""The store of runs: one SQLite file each, with the manifest, the rankings and one row per trial."""

from evaluation.store.opening import create_run, open_run, resume_run
from evaluation.store.recovery import Recovered, recover
from evaluation.store.schema import SUFFIX
from evaluation.store.store import RunStore

__all__ = ["SUFFIX", "Recovered", "RunStore", "create_run", "open_run", "recover", "resume_run"]
