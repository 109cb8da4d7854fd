"""Tests of `indexes.roots` (and of the rules in `indexes.ignoring`) on real folders."""

import os
import socket
from pathlib import Path

import pytest

from indexes.roots import Scan, scan


def write(root: Path, *names: str, text: str = "text") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def sources(*roots: Path) -> list[str]:
    return [file.source for file in scan(roots).files]


def test_files_are_listed_by_source_with_what_tells_a_change(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a/z.md", "a/b/c.rst", "a.txt")
    found = scan([tmp_path])
    assert [file.source for file in found.files] == ["a.txt", "a/b/c.rst", "a/z.md", "b.txt"]
    for file in found.files:
        status = file.path.stat()
        assert (file.root, file.path) == (tmp_path, tmp_path / file.source)
        assert (file.size, file.mtime_ns, file.inode) == (4, status.st_mtime_ns, status.st_ino)
    assert found == Scan(files=found.files, skipped=(), missing=())


def test_a_file_is_a_root_and_its_name_the_source(tmp_path: Path) -> None:
    write(tmp_path, ".hidden.md", "b/c.txt")
    found = scan([tmp_path / ".hidden.md", tmp_path / "b"])
    assert [(file.source, file.path) for file in found.files] == [
        (".hidden.md", tmp_path / ".hidden.md"),
        ("c.txt", tmp_path / "b" / "c.txt"),
    ]


def test_a_relative_root_is_kept_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "docs/a.txt")
    monkeypatch.chdir(tmp_path)
    for root in (Path(), Path("docs")):
        (file,) = scan([root]).files
        assert file.root == root
        assert file.path.read_text() == "text"


def test_missing_roots_are_named_and_empty_ones_have_no_files(tmp_path: Path) -> None:
    (tmp_path / "empty" / "folder").mkdir(parents=True)
    write(tmp_path, "full/a.txt", "hidden/.a.txt")
    found = scan([tmp_path / "gone", tmp_path / "empty", tmp_path / "full", tmp_path / "hidden", tmp_path / "full"])
    assert found.missing == (tmp_path / "gone",)
    assert [file.source for file in found.files] == ["a.txt"]


def test_hidden_files_and_folders_of_tools_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", ".env", ".git/config", ".venv/x.py", "node_modules/x.js", "b/__pycache__/x.pyc", ".hg/x")
    assert sources(tmp_path) == ["a.txt"]


def test_ignore_files_hold_for_their_folder_and_the_innermost_decides(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="*.log\n!keep.log\nbuild/\n/top.txt\nfolder*\n# comment\n\ntrail\\ \n")
    write(tmp_path, "sub/.gitignore", text="!special.log\n/only.md\n*.txt\n")
    write(tmp_path, "sub/.ragignore", text="!a.txt\n*.csv\n")
    write(tmp_path, "x.log", "keep.log", "build/a.txt", "top.txt", "folder/a.md", "b/build", "b/top.txt", "trail ")
    write(tmp_path, "sub/special.log", "sub/x.log", "sub/only.md", "sub/deep/only.md", "sub/a.txt", "sub/b.txt")
    write(tmp_path, "sub/c.csv", "c.csv")
    assert sources(tmp_path) == [
        "b/build",
        "b/top.txt",
        "c.csv",
        "keep.log",
        "sub/a.txt",
        "sub/deep/only.md",
        "sub/special.log",
    ]


def test_nothing_below_an_ignored_folder_comes_back(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="build/\n!build/a.txt\n")
    write(tmp_path, "build/.gitignore", text="!a.txt\n")
    write(tmp_path, "build/a.txt", "b.txt")
    assert sources(tmp_path) == ["b.txt"]


@pytest.mark.parametrize("bad", ["!", "\\", "[z-a]", "a\\", "[", "***", "\udcff"])
def test_a_line_that_is_no_pattern_is_passed_over(tmp_path: Path, bad: str) -> None:
    (tmp_path / ".gitignore").write_bytes(f"{bad}\nignored.txt\n!kept.md\n".encode("utf-8", "surrogateescape"))
    write(tmp_path, "ignored.txt", "kept.md")
    assert sources(tmp_path) == ["kept.md"]


def test_the_repository_around_a_root_has_its_say(tmp_path: Path) -> None:
    write(tmp_path, ".git/info/exclude", text="*.bak\n!back.log\n")
    write(tmp_path, ".gitignore", text="*.log\n/docs/drafts/\n")
    write(tmp_path, "docs/.ragignore", text="!kept.log\n")
    write(tmp_path, *(f"docs/guide/{name}" for name in ("a.md", "a.bak", "a.log", "back.log", "kept.log")))
    write(tmp_path, "docs/drafts/b.md", "docs/drafts/b.log")
    assert sources(tmp_path / "docs" / "guide") == ["a.md", "kept.log"]
    assert sources(tmp_path / "docs") == ["guide/a.md", "guide/kept.log"]
    assert sources(tmp_path) == ["docs/guide/a.md", "docs/guide/kept.log"]


def test_an_ignored_folder_that_is_named_is_taken(tmp_path: Path) -> None:
    write(tmp_path, ".git/HEAD")
    write(tmp_path, ".gitignore", text="private/\n")
    write(tmp_path, "private/notes/a.md", "private/b.md")
    assert sources(tmp_path / "private") == ["b.md", "notes/a.md"]
    assert sources(tmp_path / "private" / "notes") == ["a.md"]
    assert sources(tmp_path / "private" / "b.md") == ["b.md"]
    assert sources(tmp_path) == []


def test_links_are_followed_within_the_root_and_each_real_file_is_listed_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, "root/.store/deep/b.md", "root/z/own.md")
    (root / "a-link.md").symlink_to(root / "z" / "own.md")
    (root / "again").symlink_to(root / ".store" / "deep")
    (root / "folder").symlink_to(root / ".store")
    assert [file.source for file in scan([root]).files] == ["again/b.md", "z/own.md"]


def test_links_out_of_the_root_are_skipped_and_named(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, "root/own.md", "private/key.md", "alone.md")
    (root / "folder").symlink_to(tmp_path / "private")
    (root / "file.md").symlink_to(tmp_path / "alone.md")
    found = scan([root])
    assert [file.source for file in found.files] == ["own.md"]
    assert {Path(one.path).name for one in found.skipped} == {"folder", "file.md"}
    assert all("a link out of the folder" in one.reason for one in found.skipped)


def test_loops_of_links_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, "root/a/b/c.md", "other/d.md", "neighbour.md")
    (root / "a" / "b" / "up").symlink_to(root)
    (root / "out").symlink_to(tmp_path)
    (root / "self").symlink_to(root / "self")
    (root / "gone").symlink_to(root / "nothing")
    (root / "other").symlink_to(tmp_path / "other")
    (tmp_path / "other" / "back").symlink_to(root)
    found = scan([root])
    assert [file.source for file in found.files] == ["a/b/c.md"]
    reasons = {Path(one.path).name: one.reason for one in found.skipped}
    assert reasons == {
        "up": "a link to a folder that contains it",
        "out": "a link to a folder that contains it",
        "self": "cannot be read: Too many levels of symbolic links",
        "gone": "cannot be read: No such file or directory",
        "other": "a link out of the folder; index its target by its own path",
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_sockets_are_skipped_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        found = scan([tmp_path, tmp_path / "pipe.txt", Path(os.devnull)])
    assert [(Path(one.path).name, one.reason) for one in found.skipped] == [
        ("pipe.txt", "a named pipe, not a file"),
        ("socket", "a socket, not a file"),
        ("pipe.txt", "a named pipe, not a file"),
        ("null", "a device, not a file"),
    ]
    assert found.files == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_an_ignore_file_that_is_none_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / ".ragignore").mkdir()
    write(tmp_path, "a.txt")
    assert sources(tmp_path) == ["a.txt"]


def test_a_folder_that_cannot_be_read_is_skipped_and_the_rest_listed(tmp_path: Path) -> None:
    """Its path is longer than the system opens: that holds for the superuser too."""
    write(tmp_path, "a.txt")
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=handle)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(handle)
    found = scan([tmp_path])
    assert [file.source for file in found.files] == ["a.txt"]
    assert [one.reason for one in found.skipped] == ["cannot be read: File name too long"]


@pytest.mark.parametrize("name", ["new\nline.txt", "emoji 🦜.md", "tab\t.txt", "<|im_end|>.md", "esc\x1b[31m.txt"])
def test_odd_names_are_kept(tmp_path: Path, name: str) -> None:
    write(tmp_path, f"folder {name}/{name}")
    assert sources(tmp_path) == [f"folder {name}/{name}"]


def test_names_that_are_no_utf8_have_a_source_that_is(tmp_path: Path) -> None:
    try:
        write(tmp_path, os.fsdecode(b"caf\xe9/\xff.txt"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (file,) = scan([tmp_path]).files
    assert file.source == r"caf\xe9/\xff.txt"
    assert file.source.encode()
    assert file.path.read_text() == "text"
