from collections.abc import Iterator

import pytest

from indexes.errors import RagError, RequestError
from rag.checkup.finding import Finding, failed, told

FINE = Finding("thing", "ok", "it is there")


@pytest.mark.parametrize(
    ("error", "found", "remedy"),
    [
        (RequestError("no index; build one"), "no index", "build one"),
        (RagError("it said: a; b; set it right"), "it said: a; b", "set it right"),
        (RagError("broken"), "broken", None),
        (PermissionError(13, "Permission denied", "/etc/x"), "Permission denied: '/etc/x'", None),
        (OSError("nothing there"), "nothing there", None),
    ],
)
def test_a_failure_is_split_into_what_is_and_what_to_do(error: RagError | OSError, found: str, remedy: str) -> None:
    assert failed("thing", error) == Finding("thing", "failure", found, remedy)


def test_what_raises_ends_as_a_failure_behind_what_was_found() -> None:
    def look() -> Iterator[Finding]:
        yield FINE
        raise RagError("it broke; mend it")

    assert [*told("thing", look())] == [FINE, Finding("thing", "failure", "it broke", "mend it")]


def test_a_defect_is_not_taken_for_a_finding() -> None:
    def look() -> Iterator[Finding]:
        yield FINE
        raise KeyError("x")

    with pytest.raises(KeyError):
        list(told("thing", look()))
