"""`--retry-failed`: what infrastructure kept from being answered is asked again, and nothing else."""

from tests.cli.eval.endpoint import Endpoint
from tests.evaluation.check.building_projects import (
    DOWN,
    HARBOURS,
    N,
    Project,
    metric,
    rows,
    since,
    wrong_for,
)


def test_only_what_failed_is_asked_again_where_that_is_wanted(blessed: Project, server: Endpoint) -> None:
    server.answer = wrong_for("Kessel")
    server.status = lambda asked: 500 if asked in (2, 6) else 200
    assert blessed.check().infrastructure_failures == 2
    server.status = lambda asked: 500 if asked == N else 200  # one of them fails once more
    assert blessed.check(retry_failed=True).infrastructure_failures == 1
    checked = blessed.check(retry_failed=True)
    assert (checked.infrastructure_failures, len(rows(checked))) == (0, N)
    assert since(server, N) == ["Corva", "Gramel", "Corva"]
    assert metric(checked, "end_to_end", "sub_span").lost == ("kessel",)


def test_where_nothing_failed_everything_is_asked_and_that_is_said(blessed: Project, server: Endpoint) -> None:
    blessed.check()
    notes: list[str] = []
    assert blessed.check(retry_failed=True, note=notes.append).verdict == "pass"
    assert notes == ["nothing failed in the last run, so everything is asked"]
    assert since(server, N) == list(HARBOURS)


def test_after_a_server_that_was_down_everything_is_asked(blessed: Project, server: Endpoint) -> None:
    server.status = lambda asked: 500 if asked == 2 else 200
    blessed.check()
    blessed.configure(DOWN)
    assert blessed.check().infrastructure_failures == N
    blessed.answered_by(server)
    assert blessed.check(retry_failed=True).verdict == "pass"
    assert since(server, N) == list(HARBOURS)


def test_what_failed_over_former_passages_is_asked_again_too(blessed: Project, server: Endpoint) -> None:
    blessed.crowd("Aldin", "Brems", "Corva")
    server.status = lambda asked: 500 if asked == N + 1 else 200
    assert blessed.check().infrastructure_failures == 1
    server.status = lambda _: 200
    checked = blessed.check(retry_failed=True)
    assert (checked.verdict, checked.infrastructure_failures) == ("pass", 0)
    assert since(server, N + 3) == ["Brems"]


def test_a_check_that_is_not_to_retry_asks_everything_though_some_failed(blessed: Project, server: Endpoint) -> None:
    server.status = lambda asked: 500 if asked == 2 else 200
    assert blessed.check().infrastructure_failures == 1
    assert blessed.check().infrastructure_failures == 0
    assert since(server, N) == list(HARBOURS)


def test_what_failed_of_some_tags_is_asked_again_among_them(blessed: Project, server: Endpoint) -> None:
    server.status = lambda asked: 500 if asked == 2 else 200
    assert blessed.check(tags=("early",)).infrastructure_failures == 1
    assert blessed.check(tags=("early",), retry_failed=True).infrastructure_failures == 0
    assert since(server, 6) == ["Corva"]
