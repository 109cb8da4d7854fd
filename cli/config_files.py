"""The TOML files that settings may stand in: one of the project, one of the user."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from indexes.errors import RequestError

PROJECT_FILE = "rag.toml"
USER_FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file that was looked at.

    Attributes:
        kind: whose it is.
        path: for a project without one: where it would be in the current folder.
        found: whether it is there.
        values: its top level, unchecked; empty where it is not there.
    """

    kind: Literal["project", "user"]
    path: Path
    found: bool
    values: Mapping[str, object] = field(default_factory=dict)


def config_files(*, folder: Path, user_folder: Path) -> tuple[ConfigFile, ConfigFile]:
    """The project's file, from `folder` or its nearest parent that has one, then the user's.

    Raises:
        RequestError: one cannot be read, or is not TOML.
    """
    above = (parent / PROJECT_FILE for parent in (folder, *folder.parents))
    project = next((path for path in above if path.is_file()), folder / PROJECT_FILE)
    return _read("project", project), _read("user", user_folder / USER_FILE)


def _read(kind: Literal["project", "user"], path: Path) -> ConfigFile:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return ConfigFile(kind, path, found=False)
    except OSError as error:
        raise RequestError(f"cannot read the {kind} settings {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RequestError(f"the {kind} settings {str(path)!r} are not UTF-8; save them as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"the {kind} settings {str(path)!r} are not valid TOML: {error}") from error
    return ConfigFile(kind, path, found=True, values=values)
