import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "torch", "faiss", "llama_index", "openai", "numpy", "pydantic", "sentence_transformers", "onnxruntime",
    "transformers", "bm25s",
}  # fmt: skip
RUN = "import sys; from cli.app import main; sys.argv[0] = 'rag'; main()"

Rag = Callable[..., Any]


@pytest.mark.parametrize("arguments", [["--help"], ["placements"], ["placements", "-k", "5", "--json"]])
def test_light_commands_load_nothing_heavy(arguments: list[str]) -> None:
    script = f"import atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {RUN}"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert not HEAVY & loaded


def test_a_reader_that_has_enough_ends_it_quietly() -> None:
    command = [sys.executable, "-c", RUN, "placements", "--json", "-k", "30000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_an_encoding_without_the_bars_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "placements"],
        cwd=ROOT, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert b"best_first              ??????????   1 2 3" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are a matter of Unix")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colour_unless_it_declines(variables: dict[str, str], coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", RUN, "placements"]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment |= {"TERM": "xterm", **variables}
    with subprocess.Popen(command, cwd=ROOT, stdout=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # Linux ends a closed pseudo terminal by an error
            while piece := os.read(ours, 4096):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    assert (b"\x1b[1;36m" in shown or b"\x1b[36m" in shown) is coloured


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], []])
def test_help_names_the_commands(rag: Rag, arguments: list[str]) -> None:
    outcome = rag(*arguments)
    assert (outcome.status, outcome.err) == (0, "")
    assert {"placements", "config"} <= set(outcome.out.split())


def test_every_command_has_help_with_examples(rag: Rag) -> None:
    from typer.main import get_command

    from cli.app import app

    for name in get_command(app).commands:  # type: ignore[attr-defined]  # it is a group
        outcome = rag(name, "--help")
        assert outcome.status == 0
        assert f"\nExamples:\n  rag {name}" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["placement"], "unknown command 'placement'; did you mean 'placements'? "),
        (["--nope"], "no such option: --nope; see `rag --help`"),
        (["placements", "--jsn"], "no such option: --jsn; did you mean '--json'? see `rag placements --help`"),
        (["placements", "-k"], "option '-k' requires an argument; see `rag placements --help`"),
        (["placements", "-k", "x"], "invalid value for '-k': a whole number is wanted, 'x' found; see"),
        (["eval", "ab", "-k", "0"], "invalid value for '-k': a whole number of at least 1 is wanted, '0' found; see"),
        (["placements", "4"], "got unexpected extra argument(s) (4); see `rag placements --help`"),
        (["placements", "\x1b[2J"], "got unexpected extra argument(s)"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(rag: Rag, arguments: list[str], line: str) -> None:
    outcome = rag(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"rag: {line}")
    assert outcome.err.count("\n") == 1
    assert "\x1b" not in outcome.err


@pytest.mark.parametrize("arguments", [["--debug", "placements", "-k", "0"], ["placements", "-k", "0", "--debug"]])
def test_debug_is_understood_anywhere(rag: Rag, arguments: list[str]) -> None:
    assert rag(*arguments).err.startswith("Traceback")


def test_debug_can_be_set_in_the_environment(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_DEBUG", "1")
    assert rag("placements", "-k", "0").err.startswith("Traceback")


def test_what_follows_two_dashes_is_no_option(rag: Rag) -> None:
    assert rag("placements", "--", "--debug").err == (
        "rag: got unexpected extra argument(s) (--debug); see `rag placements --help`\n"
    )


def test_version_is_that_of_the_distribution(rag: Rag) -> None:
    assert rag("--version").out == f"rag {version('reasoning-rag')}\n"
