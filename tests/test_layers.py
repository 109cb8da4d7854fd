"""The architecture as tests: who may import whom, and what is public."""

import ast
import importlib
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("indexes", "rag", "evaluation", "cli")
"""From the lowest to the highest; an import may skip a layer downward and never goes up."""

HEAVY = {
    "faiss": ("indexes/vectors.py",),
    "bm25s": ("indexes/lexical.py",),
    "onnxruntime": ("indexes/embedder/",),
    "torch": ("indexes/embedder/",),
    "sentence_transformers": ("indexes/embedder/", "indexes/reranker.py"),
    "openai": ("rag/endpoints/exchange.py", "rag/endpoints/endpoint.py"),
    "xllamacpp": ("rag/local.py",),
    "llama_index": ("rag/llamaindex.py",),
    "altair": ("evaluation/report/figures/",),
    "vl_convert": ("evaluation/report/figures/",),
    "statsmodels": ("evaluation/statistics/",),
    "ir_measures": ("evaluation/metrics/",),
    "huggingface_hub": ("rag/models/hub.py", "rag/tokens.py", "indexes/embedder/"),
}
"""Heavy libraries and the one place where each may be imported."""


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", [layer for layer in LAYERS if (ROOT / layer).is_dir()])
def test_imports_never_go_up(package: str) -> None:
    higher = set(LAYERS[LAYERS.index(package) + 1 :])
    for path in sources(package):
        assert not {name.split(".")[0] for name in imported(path)} & higher, path


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_library_is_imported_in_one_place(library: str) -> None:
    for package in LAYERS:
        for path in sources(package):
            if library in {name.split(".")[0] for name in imported(path)}:
                place = path.relative_to(ROOT).as_posix()
                assert place.startswith(HEAVY[library]), f"{place} imports {library}"


@pytest.mark.parametrize("package", ["indexes", "rag", "evaluation"])
def test_door_names_what_it_has(package: str) -> None:
    door = importlib.import_module(package)
    assert list(door.__all__) == sorted(set(door.__all__))
    for name in door.__all__:
        assert getattr(door, name).__doc__ or not callable(getattr(door, name)), name
    assert set(door.__all__) <= set(dir(door))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = door.no_such_name


def test_doors_load_nothing_heavy() -> None:
    code = f"import sys, indexes, rag, evaluation; print(*({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_no_file_is_longer_than_one_noun_needs() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for layer in LAYERS for path in sources(layer)}
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}
    ordered = sorted(length for path, length in lengths.items() if path.name != "__init__.py")
    assert ordered[len(ordered) // 2] <= 120


def test_rooms_of_the_evaluation_do_not_need_each_other_in_circles() -> None:
    needs: dict[str, set[str]] = {}
    for path in sources("evaluation"):
        room = path.relative_to(ROOT / "evaluation").parts[0].removesuffix(".py")
        others = {name.split(".")[1] for name in imported(path) if name.startswith("evaluation.")}
        needs.setdefault(room, set()).update(others - {room})
    list(TopologicalSorter(needs).static_order())  # raises for a circle, and names it
