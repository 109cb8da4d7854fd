"""What a run rests on, in words for people, and in what two runs differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.run import Design, Manifest

_LONGEST = 120
_TIMES = ("began", "started", "when")


def facts(manifest: Manifest, clusters: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs: the models and the design, then what the manifest knows, nested names joined by a dot.

    Args:
        manifest: of the run.
        clusters: the cluster of each question; None: each is its own.
    """
    design = manifest.design
    found = [("experiment", design.name)]
    found += [("model", _model(design, subject.name)) for subject in design.subjects]
    found += [("samples", str(design.samples)), ("seed", str(design.seed)), ("examples", str(manifest.examples))]
    if clusters is not None:
        found.append(("clusters", f"{len(set(clusters)):,} of {len(clusters):,} questions, by source"))
    elif design.clusters == "source":
        found.append(("clusters", "each question its own: no two have the same source"))
    return (*found, *((name, _short(value)) for name, value in flattened(manifest.facts).items() if value is not None))


def differing(first: Manifest, second: Manifest) -> tuple[str, ...]:
    """What differs between two runs that might explain a difference, as "name: first → second"."""
    one, other = (_comparable(manifest) for manifest in (first, second))
    return tuple(
        f"{name}: {_short(one.get(name))} → {_short(other.get(name))}"
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    )


def flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as one, their names joined by dots."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flattened(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _comparable(manifest: Manifest) -> dict[str, Any]:
    design = manifest.design
    known: dict[str, Any] = {f"model {subject.name}": _model(design, subject.name) for subject in design.subjects}
    known |= {
        "samples": design.samples,
        "primary metric": design.primary,
        "seed": design.seed,
        "clusters": design.clusters,
    }
    return known | {name: value for name, value in flattened(manifest.facts).items() if name not in _TIMES}


def _model(design: Design, subject: str) -> str:
    choice = next(known.choice for known in design.subjects if known.name == subject)
    where = f" at {choice.base_url}" if choice.base_url else ""
    model = choice.model or ("whatever is served" if where else "extractive")
    return f"{model}{where}" if model == subject else f"{subject}: {model}{where}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
