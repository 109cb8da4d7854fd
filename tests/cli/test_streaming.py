import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.capture import CaptureResult

from cli.console import stderr, stdout
from cli.streaming import Stream, waiting
from rag.answer import Answer
from rag.answerer import Delta
from rag.context import Context
from tests.cli.conftest import Outcome
from tests.cli.scripted import Body, scripted

NO_CONTEXT = Context((), "edges", 0, "estimate")


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything on stdout and stderr so far."""

    capsys: pytest.CaptureFixture[str]
    seen: list[CaptureResult[str]] = field(default_factory=list)

    @property
    def out(self) -> str:
        self.seen.append(self.capsys.readouterr())
        return "".join(one.out for one in self.seen)

    @property
    def err(self) -> str:
        self.seen.append(self.capsys.readouterr())
        return "".join(one.err for one in self.seen)


@pytest.fixture
def piped(capsys: pytest.CaptureFixture[str]) -> Screen:
    return Screen(capsys)


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    for console in (stdout, stderr):
        console.cache_clear()  # it looks once whether it is on a terminal
    yield Screen(capsys)
    for console in (stdout, stderr):
        console.cache_clear()


@pytest.fixture(params=["terminal", "piped"])
def either(request: pytest.FixtureRequest) -> Screen:
    screen: Screen = request.getfixturevalue(request.param)
    return screen


def answer(text: str | None) -> Answer:
    return Answer("?", text, None, "answered" if text else "failed", "m", NO_CONTEXT)


def test_an_answer_is_printed_once(either: Screen) -> None:
    stream = Stream()
    stream.wait()
    for delta in (Delta("thinking", "Hm."), Delta("answer", "\n\n"), Delta("answer", "Par"), Delta("answer", "is.")):
        stream.show(delta)
    stream.end(answer("Paris."))
    assert either.out == "Paris.\n"
    assert "Hm." in either.err
    assert "the answer:" not in either.err


def test_a_terminal_is_given_the_answer_while_it_comes(terminal: Screen) -> None:
    Stream().show(Delta("answer", "Par"))
    assert terminal.out == "Par"


def test_a_pipe_is_given_no_answer_before_the_end(piped: Screen) -> None:
    stream = Stream()
    stream.show(Delta("answer", "Par"))
    assert piped.out == ""
    stream.end(answer(None))
    assert piped.out == ""


def test_what_was_shown_and_is_not_the_answer_is_said_to_be_thinking(terminal: Screen) -> None:
    stream = Stream()
    for delta in (Delta("answer", "Draft"), Delta("thinking", " wait."), Delta("answer", "Final.")):
        stream.show(delta)
    stream.end(answer("Final."))
    assert terminal.out.endswith("\nFinal.\n")
    assert "that was thinking; the answer:" in terminal.err


@pytest.mark.parametrize("kind", ["thinking", "answer", "provisional"])
@pytest.mark.parametrize("style", ["full", "counter"])
def test_waiting_is_shown_on_a_terminal_until_the_first_piece(terminal: Screen, kind: str, style: str) -> None:
    stream = Stream(style)  # type: ignore[arg-type]
    stream.wait()
    assert not _cursor_is_shown(terminal.err)
    stream.show(Delta(kind, "Hm. "))  # type: ignore[arg-type]
    assert _cursor_is_shown(terminal.err) == (style == "full" or kind == "answer")  # a counter lives on the same line
    stream.close()
    assert _cursor_is_shown(terminal.err)
    assert "waiting" not in terminal.err.rpartition("\x1b[2K")[2]


def test_nothing_is_waited_for_aloud_where_stderr_is_no_terminal(piped: Screen) -> None:
    stream = Stream()
    stream.wait()
    with waiting("looking for passages ..."):
        pass
    stream.close()
    assert piped.err == ""


@pytest.mark.slow
def test_ctrl_c_while_waiting_gives_the_terminal_back(rag: Callable[..., Outcome], project: Path) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "france.md").write_text("The capital of France is Paris.\n")
    assert rag("index", "docs", "--embedder", "hashing").status == 0
    asked, over = threading.Event(), threading.Event()

    def never(_: Body) -> list[dict[str, str]]:
        asked.set()
        over.wait()
        return [{"content": "Paris [1]."}]

    screen, end = pty.openpty()
    with scripted(never) as server:
        command = ["-c", "from cli.app import main; main()", "ask", "capital of France?", "--base-url", server.url]
        environment = {**os.environ, "TERM": "xterm"}
        process = subprocess.Popen([sys.executable, *command], stdout=end, stderr=end, env=environment)
        os.close(end)
        shown = ""
        while "waiting for the first words ..." not in shown:
            shown += _read(screen)
        asked.wait()
        process.send_signal(signal.SIGINT)
        while more := _read(screen):
            shown += more
        over.set()
    os.close(screen)
    assert process.wait() == 130
    assert shown.rstrip().endswith("rag: interrupted")
    assert _cursor_is_shown(shown)


def _read(screen: int) -> str:
    try:
        return os.read(screen, 65536).decode(errors="replace")
    except OSError:  # the other end is closed
        return ""


def _cursor_is_shown(text: str) -> bool:
    return text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l") > -1
