import errno
import json

import pytest
import typer

from cli.exits import exit_status
from indexes.errors import ExtractionError, IndexMissingError, RagError, RequestError


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (RequestError("no index; run\n  `rag index`"), 2, "rag: no index; run `rag index`\n"),
        (IndexMissingError("\x1b[2Jgone"), 2, "rag: ␛[2Jgone\n"),
        (RagError("no reply"), 1, "rag: no reply\n"),
        (ExtractionError("broken"), 1, "rag: broken\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 1, "rag: No space left on device: '/x'\n"),
        (KeyError("x"), 1, "rag: internal error: KeyError('x'); run again with --debug for the traceback\n"),
        (KeyboardInterrupt(), 130, "rag: interrupted\n"),
        (typer.Exit(3), 3, ""),
    ],
)
def test_an_error_becomes_a_status_and_one_line(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise error

    assert exit_status(work) == status
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", line)


def test_work_that_ends_well_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(lambda: print("result")) == 0
    assert capsys.readouterr() == ("result\n", "")


def test_debug_shows_the_traceback_before_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise RequestError("wrong")

    assert exit_status(work, debug=True) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("rag: wrong\n")


def test_unexpected_error_with_json_leaves_an_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error", "file")

    assert exit_status(fail, as_json=True) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"schema_version": 1, "error": "Input/output error: 'file'"}


def test_wrong_request_with_json_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> None:
        raise RequestError("wrong")

    assert exit_status(refuse, as_json=True) == 2
    assert capsys.readouterr().out == ""
