"""What `.gitignore` and `.ragignore` files leave out."""

# ruff: noqa: PTH113, PTH118
# Paths are strings here, as in `roots`.

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".ragignore")
"""In one folder the later file has the last word."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that one folder sets for what is below it."""

    folder: str
    spec: "GitIgnoreSpec"


def ignored(path: str, rules: Sequence[Rules], *, folder: bool) -> bool:
    """Whether `path` is to be left out: the innermost rules that say anything about it decide.

    Args:
        path: absolute, below the folder of every one of `rules`.
        rules: outermost folder first.
        folder: whether `path` is a folder; some patterns hold for folders only.
    """
    for rule in reversed(rules):
        relative = path[len(rule.folder) :].lstrip(os.sep) + ("/" if folder else "")
        verdict = rule.spec.check_file(relative).include
        if verdict is not None:
            return verdict
    return False


def rules_in(folder: str, names: Iterable[str]) -> tuple[Rules, ...]:
    """The rules that `folder` sets: none or one.

    Args:
        folder: an absolute path.
        names: its regular files, as far as they are known: other ignore files are not looked for.

    Raises:
        OSError: an ignore file cannot be read.
    """
    present = set(names)
    return _rules(folder, [os.path.join(folder, name) for name in IGNORE_FILES if name in present])


def rules_above(root: str) -> tuple[Rules, ...]:
    """The rules for what is below `root` set by the git repository around it, from its top down to `root`.

    None where they leave out `root` itself: whoever names an ignored folder wants it.

    Raises:
        OSError: an ignore file cannot be read.
    """
    folders = [root, *map(str, Path(root).parents)]
    top = next((folder for folder in folders if os.path.lexists(os.path.join(folder, ".git"))), None)
    if top is None:
        return ()
    rules = _rules(top, [os.path.join(top, ".git", "info", "exclude")])
    for folder in reversed(folders[1 : folders.index(top) + 1]):
        rules += rules_in(folder, IGNORE_FILES)
    return () if root != top and ignored(root, rules, folder=True) else rules


def _rules(folder: str, files: Iterable[str]) -> tuple[Rules, ...]:
    lines = [line for file in files if os.path.isfile(file) for line in _lines(file)]
    if not lines:
        return ()
    from pathspec import GitIgnoreSpec  # here: loading it takes longer than most scans
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    patterns = []
    for line in lines:
        with suppress(ValueError, re.error):  # what is no pattern is passed over, as git does
            patterns.append(GitIgnoreSpecPattern(line))
    return (Rules(folder, GitIgnoreSpec(patterns)),)


def _lines(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
