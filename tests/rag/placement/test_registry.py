"""Registration: the decorator, its refusals, and a plugin that is really installed."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from indexes.errors import RequestError
from indexes.passages import Passage, RankedPassage
from rag.placement import parse_placement, place, placement, registry

ROOT = Path(__file__).parents[3]

PLUGIN = """
from rag.placement import placement

@placement
def swapped_pairs(passages, *, offset: int = 0):
    if offset not in (0, 1):
        raise ValueError(f"offset must be 0 or 1, found {offset}")
    order = list(range(len(passages)))
    for at in range(offset, len(order) - 1, 2):
        order[at], order[at + 1] = order[at + 1], order[at]
    return order
"""


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy, so that what a test registers goes away with it."""
    monkeypatch.setattr(registry, "_policies", dict(registry._policies))


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str], Path]:
    """Installs a plugin package of the given code; gives the folder to put on the path."""

    def install(code: str) -> Path:
        info = "swapped_pairs-1.0.dist-info"
        wheel = tmp_path / "swapped_pairs-1.0-py3-none-any.whl"
        with ZipFile(wheel, "w") as archive:
            archive.writestr("swapped_pairs.py", code)
            archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: swapped-pairs\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/entry_points.txt", "[rag.placements]\nswapped_pairs = swapped_pairs\n")
            archive.writestr(f"{info}/RECORD", "")
        target = tmp_path / "site"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True)
        return target

    return install


def python(*arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )


@pytest.mark.slow
def test_an_installed_plugin_is_found_and_keeps_the_contract(plugin: Callable[[str], Path]) -> None:
    site = plugin(PLUGIN)
    code = (
        "from rag.placement import drawing, parse_placement; "
        "print(parse_placement('swapped_pairs'), drawing(5)['swapped_pairs'])"
    )
    assert python("-c", code, path=site).stdout == "swapped_pairs(offset=0) (2, 1, 4, 3, 5)\n"
    contract = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "swapped_pairs",
        "tests/rag/placement/test_contract.py",
    )
    run = python(*contract, path=site)
    assert "2 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.slow
def test_a_broken_plugin_is_named_and_does_not_hinder_the_built_in_policies(plugin: Callable[[str], Path]) -> None:
    site = plugin("1 / 0")
    assert python("-c", "from rag.placement import parse_placement as p; p('edges')", path=site).returncode == 0
    run = python("-c", "from rag.placement import parse_placement as p; p('swapped_pairs')", path=site)
    assert "RequestError: the placement plugin 'swapped_pairs'" in run.stderr
    assert "repair or uninstall it" in run.stderr


@pytest.mark.usefixtures("own_registry")
def test_a_name_can_be_registered_once() -> None:
    def edges(passages: Sequence[RankedPassage]) -> list[int]:
        return []

    with pytest.raises(RequestError, match=r"'edges' is registered twice, by rag\.placement\.policies and "):
        placement(edges)


@pytest.mark.usefixtures("own_registry")
def test_parameters_without_a_default_are_refused() -> None:
    def by_luck(passages: Sequence[RankedPassage], *, luck: int) -> list[int]:
        return []

    with pytest.raises(RequestError, match="'luck: int' must be keyword-only and have an int"):
        placement(by_luck)


@pytest.mark.usefixtures("own_registry")
def test_a_policy_without_passages_is_refused() -> None:
    def alone() -> list[int]:
        return []

    with pytest.raises(RequestError, match="'alone' must take the passages as its first argument"):
        placement(alone)


@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("order", [[0, 0], [0], [0, 2], [0, 1, 2], ["a", "b"], None, [-1, 0]])
def test_a_policy_that_does_not_permute_is_named(order: list[int]) -> None:
    def crooked(passages: Sequence[RankedPassage]) -> list[int]:
        return order if passages else []

    placement(crooked)
    two = [RankedPassage(Passage(str(rank), "", "", "", None, None, 0, 0), rank, 0.0) for rank in (1, 2)]
    with pytest.raises(RequestError, match="placement 'crooked' must give each index from 0 to 1 once, found"):
        place(two, parse_placement("crooked"))


def test_listing_policies_loads_nothing_heavy() -> None:
    code = (
        "import sys; from rag.placement import drawing; drawing(10); "
        "print(sorted({'numpy', 'torch', 'faiss', 'openai', 'llama_index', 'sentencex'} & set(sys.modules)))"
    )
    assert python("-c", code, path=ROOT).stdout == "[]\n"
