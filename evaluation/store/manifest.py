"""The manifest of a run as JSON, without any key of an endpoint, and as the one row of its table."""

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from evaluation.arms import Arm, Length, Subject
from evaluation.run import Design, Manifest
from evaluation.store.errors import DamageError
from evaluation.store.rows import checksum
from rag.opening import ModelChoice


def manifest_to_json(manifest: Manifest) -> str:
    """The manifest's stored form; `api_key` of the subjects' choices is left out.

    Raises:
        TypeError: a fact is no JSON value.
    """
    values = asdict(manifest)
    for subject in values["design"]["subjects"]:
        del subject["choice"]["api_key"]
    return json.dumps(values)


def manifest_from_json(text: str) -> Manifest:
    """The manifest that `manifest_to_json` stored; equal to it but for the keys.

    Raises:
        ValueError: it is no JSON.
        KeyError, TypeError: it is not complete, or has what is not known.
    """
    values: dict[str, Any] = json.loads(text)
    design = values.pop("design")
    subjects = tuple(_subject(**subject) for subject in design.pop("subjects"))
    arms = tuple(_arm(**arm) for arm in design.pop("arms"))
    secondary = tuple(design.pop("secondary"))
    return Manifest(design=Design(subjects=subjects, arms=arms, secondary=secondary, **design), **values)


def insert_manifest(database: sqlite3.Connection, stored: str) -> None:
    """Puts what `manifest_to_json` made into a new database."""
    database.execute("INSERT INTO manifest (manifest, checksum) VALUES (?, ?)", (stored, checksum(stored)))


def read_manifest(database: sqlite3.Connection) -> Manifest:
    """The manifest in a run's database.

    Raises:
        DamageError: it is not there, not whole, or not what this version knows.
    """
    row = database.execute("SELECT manifest, checksum FROM manifest").fetchone()
    if row is None or checksum(row[0]) != row[1]:
        raise DamageError("its manifest has changed")
    try:
        return manifest_from_json(row[0])
    except (ValueError, KeyError, TypeError) as error:
        raise DamageError(f"its manifest cannot be read ({error})") from error


def _subject(choice: dict[str, Any], **rest: Any) -> Subject:
    return Subject(choice=ModelChoice(**choice), **rest)


def _arm(length: dict[str, Any], **rest: Any) -> Arm:
    return Arm(length=Length(**length), **rest)
