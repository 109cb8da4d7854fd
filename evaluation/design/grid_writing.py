"""Writes a grid as the file that declares it, so that a run can say what it was made of, flags included."""

from collections.abc import Mapping

from evaluation.arms import Subject
from evaluation.design.grid import Grid
from evaluation.design.grid_file import FREE
from evaluation.toml_files import written_value


def written(grid: Grid) -> str:
    """TOML that reads back as an equal grid; without comments, and without keys of endpoints."""
    data, arms, metrics = grid.data, grid.arms, grid.metrics
    by_tokens = any(length.tokens is not None for length in arms.lengths)
    tables: dict[str, Mapping[str, object]] = {
        "data": {
            **{key: getattr(data, key) for key in ("generate", "format", "split", "n", "contexts", "distractors")},
            "path": None if data.path is None else str(data.path.absolute()),
            **{key: getattr(data, key) for key in ("tags", "index", "retrieve", "mode", "reranker")},
        },
        **{f"models.{written_value(subject.name)}": _model(subject) for subject in grid.subjects},
        "arms": {
            "placements": arms.placements,
            "tokens" if by_tokens else "passages": tuple(
                length.tokens if by_tokens else length.passages for length in arms.lengths
            ),
            "think_budgets": tuple(FREE if budget is None else budget for budget in arms.think_budgets),
            **{key: getattr(arms, key) for key in ("twins", "layouts", "samples", "repeat", "closed_book")},
            **{key: getattr(arms, key) for key in ("gold_only", "baseline", "seed")},
        },
        "sampling": {key: getattr(grid.sampling, key) for key in ("temperature", "top_p", "max_tokens")},
        "metrics": {key: getattr(metrics, key) for key in ("primary", "secondary", "margin", "clusters")},
    }
    parts = [f"name = {written_value(grid.name)}\n", *(f"[{name}]\n{_pairs(table)}" for name, table in tables.items())]
    return "\n".join(parts)


def _model(subject: Subject) -> dict[str, object]:
    choice = subject.choice
    return {
        "model": choice.model,
        "base_url": choice.base_url,
        "timeout": choice.timeout,
        "twin_of": subject.twin_of,
        "kind": subject.kind,
    }


def _pairs(table: Mapping[str, object]) -> str:
    return "".join(f"{key} = {written_value(value)}\n" for key, value in table.items() if value is not None)
