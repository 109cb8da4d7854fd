from .between import compare_runs as compare_runs
from .reporting import analyse as analyse
