from time import perf_counter

from cli.eval.conducted import describe
from evaluation.running.runner import Standing


def test_a_pace_tells_failures_tokens_and_what_was_cached() -> None:
    """500 tokens written in 10 s; 300 of 1,200 prompt tokens were cached."""
    standing = Standing(100, 20, failed=2, asked=20, prompt=1200, cached=300, completion=500, began=5.0)
    assert describe(standing, now=15.0) == "2 failed   50 tok/s   25% cached"


def test_what_a_server_does_not_count_is_left_out() -> None:
    assert describe(Standing(100, 20), now=perf_counter()) == ""
