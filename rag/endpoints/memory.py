"""What was found out about endpoints, kept from one command to the next for as long as it can be trusted."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import get_args

from rag.endpoints.capabilities import Constraint, Dialect
from rag.endpoints.endpoint import Endpoint
from rag.folders import write_json
from rag.thinking import Thinks

FORMAT = 1
"""Of the facts and how they are found out."""
TRUSTED = 24 * 3600.0
"""Seconds for which a server that does not say when it was started is taken to be the same."""
OF_THE_MODEL = frozenset({"thinks", "reasons", "separates", "context"})
"""Facts that are not kept for such a server that is one's own: it may have another model under any name by now."""

_SOUND: Mapping[str, Callable[[object], bool]] = {
    "dialect": lambda fact: fact in (None, *get_args(Dialect)),
    "thinks": lambda fact: fact in get_args(Thinks),
    "context": lambda fact: fact is None or (type(fact) is int and fact > 0),
    "constraint": lambda fact: fact in (None, *get_args(Constraint)),
    **dict.fromkeys(
        ("reasons", "separates", "budget_field", "zero", "switch_works", "cached", "samples"),
        lambda fact: isinstance(fact, bool),
    ),
}


def recall(folder: Path, endpoint: Endpoint, model: str, server: str | None, started: str | None) -> dict[str, object]:
    """The facts kept for `model` at `endpoint`; none where the server was started anew since, or too long ago.

    Args:
        folder: where they are kept.
        endpoint: where.
        model: as the endpoint calls it.
        server: what the server calls itself.
        started: when it was started, in its own words; None where it does not tell.
    """
    try:
        kept = json.loads(_file(folder, endpoint, model).read_text(encoding="utf-8"))
        same = kept["format"] == FORMAT and kept["server"] == server and kept["started"] == started
        fresh = started is not None or 0 <= time.time() - kept["written"] < TRUSTED
        facts = {name: fact for name, fact in kept["facts"].items() if name in _SOUND and _SOUND[name](fact)}
        if started is None and facts.get("dialect"):
            facts = {name: fact for name, fact in facts.items() if name not in OF_THE_MODEL}
        return facts if same and fresh else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # absent, or damaged: it is found out again
        return {}


def remember(
    folder: Path,
    endpoint: Endpoint,
    model: str,
    server: str | None,
    started: str | None,
    facts: Mapping[str, object],
) -> None:
    """Keeps `facts` as JSON; where that fails they are found out again next time."""
    kept = {"format": FORMAT, "server": server, "started": started, "written": time.time(), "facts": dict(facts)}
    with suppress(OSError):
        write_json(_file(folder, endpoint, model), kept)


def _file(folder: Path, endpoint: Endpoint, model: str) -> Path:
    return folder / f"{sha256(f'{endpoint.shown} {model}'.encode()).hexdigest()[:16]}.json"
