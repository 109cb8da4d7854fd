"""From a grid to what a run compares: models and arms in a fixed order, with names."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import product
from typing import Any

from evaluation.arms import CLOSED_BOOK, GOLD_ONLY, Arm, Length, Subject
from evaluation.design.grid import ArmChoice, Grid, SamplingChoice
from evaluation.design.grid_check import checked
from evaluation.design.naming import named
from evaluation.run import Design
from indexes.errors import RequestError
from rag.models.catalogue import Model, TwinKind, known_model
from rag.opening import sampling_of

MOST_TRIALS = 100_000
"""More than that is done only where it is confirmed."""


def design(
    grid: Grid,
    *,
    reasons: Callable[[Subject], bool],
    examples: int | None = None,
    confirm_above: int | None = MOST_TRIALS,
    catalogue: Mapping[str, Model] | None = None,
) -> Design:
    """The models and arms of `grid`.

    Models come in the order of the grid, and within each: lengths, layouts, thinking budgets, placements (the
    baseline first), then the bounds of each budget; the A/A arm is the last of all. A model that does not think has
    no budgets. With twins, one that does gets the budget 0 too, if it has it not.

    The baseline of the run is its only series' baseline placement, or where there is one placement alone the first
    arm; where there are several series of several placements, each is compared with its own first.

    Sampling is the same for all arms: what the grid says, else what suits the first model. All arms may write as much
    as the one that needs the most room for its thinking and its answer.

    Args:
        grid: is checked.
        reasons: whether a model thinks before it answers.
        examples: how many there are; None: not known yet, the grid's own `n` is taken.
        confirm_above: most trials; None: any number was confirmed.
        catalogue: of models, which knows the kinds of twins; None: our own.

    Raises:
        RequestError: no model, no cell, too many trials, or the grid is wrong in another way.
    """
    grid = checked(grid)
    if not grid.subjects:
        raise RequestError(f"{grid.origin} names no model; give one by --model, or a table [models.NAME]")
    subjects = tuple(_subject(subject, grid, catalogue) for subject in grid.subjects)
    budgets = {subject.name: _budgets(grid.arms, reasons(subject)) for subject in subjects}
    if len(grid.arms.think_budgets) > 1 and not any(map(reasons, subjects)):
        raise RequestError(
            f"{grid.origin}: arms.think_budgets: none of the models thinks ({', '.join(budgets)}), so budgets would "
            "make equal arms; name a reasoning model, or drop the budgets"
        )
    _check_size(grid, budgets, examples=examples, confirm_above=confirm_above)
    subjects = _sampled(subjects, budgets, grid.sampling, catalogue)
    arms = [arm for subject in subjects for arm in _arms_of(subject.name, budgets[subject.name], grid.arms)]
    series = sum(map(len, budgets.values())) * len(grid.arms.lengths) * len(grid.arms.layouts)
    if grid.arms.repeat:
        arms.append(replace(arms[0], copy=1))
    names = named(arms)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RequestError(f"{grid.origin}: two arms would both be called {twice!r}; rename a model")
    return Design(
        name=grid.name,
        subjects=subjects,
        arms=tuple(replace(arm, name=name) for arm, name in zip(arms, names, strict=True)),
        samples=grid.arms.samples,
        baseline=names[0] if series == 1 or len(grid.arms.placements) == 1 else None,
        primary=grid.metrics.primary,
        secondary=grid.metrics.secondary,
        margin=grid.metrics.margin,
        seed=grid.arms.seed,
        clusters=grid.metrics.clusters,
    )


def _subject(subject: Subject, grid: Grid, catalogue: Mapping[str, Model] | None) -> Subject:
    """With the kind of its twin, from the catalogue where that knows it."""
    if subject.twin_of is None:
        return subject
    other = next(one for one in grid.subjects if one.name == subject.twin_of)
    kind = _known_kind(subject, other, catalogue)
    where = f"{grid.origin}: models.{subject.name}.kind"
    if kind is None and subject.kind is None:
        raise RequestError(
            f"{where}: the catalogue does not say what kind of twin {subject.name!r} is of {other.name!r}; say "
            'kind = "same_base" (tuned from exactly the same base) or kind = "related"'
        )
    if kind is not None and subject.kind not in (None, kind):
        raise RequestError(
            f"{where} is {subject.kind!r}, but the catalogue says {kind!r} of {subject.choice.model!r} and "
            f"{other.choice.model!r}; drop it, or correct the catalogue"
        )
    return replace(subject, kind=kind or subject.kind)


def _known_kind(subject: Subject, other: Subject, catalogue: Mapping[str, Model] | None) -> TwinKind | None:
    twin, model = (known_model(one.choice.model, catalogue) if one.choice.model else None for one in (subject, other))
    if twin is None or model is None:
        return None
    for entry, name in ((model, twin.name), (twin, model.name)):
        for known in entry.twins:
            if known.name == name and known.kind != "no_think":
                return known.kind
    return None


def _budgets(arms: ArmChoice, reasons: bool) -> tuple[int | None, ...]:
    if not reasons:
        return (None,)
    return arms.think_budgets if 0 in arms.think_budgets or not arms.twins else (*arms.think_budgets, 0)


def _check_size(
    grid: Grid, budgets: Mapping[str, tuple[int | None, ...]], *, examples: int | None, confirm_above: int | None
) -> None:
    arms = grid.arms
    series = sum(map(len, budgets.values()))
    bounds = series * (arms.closed_book + arms.gold_only)
    count = series * len(arms.placements) * len(arms.lengths) * len(arms.layouts) + bounds + arms.repeat
    if examples is None:
        examples = grid.data.n or 1
    if examples < 1:
        raise RequestError(f"{grid.origin}: there are no examples to ask; choose others by data.tags or another file")
    trials = count * arms.samples * examples
    if confirm_above is not None and trials > confirm_above:
        raise RequestError(
            f"{grid.origin} makes {trials:,} trials ({count:,} arms, {arms.samples:,} samples, {examples:,} examples), "
            f"more than {confirm_above:,}; make it smaller, or confirm by --yes"
        )


def _sampled(
    subjects: tuple[Subject, ...],
    budgets: Mapping[str, tuple[int | None, ...]],
    said: SamplingChoice,
    catalogue: Mapping[str, Model] | None,
) -> tuple[Subject, ...]:
    """The models with one sampling for all arms; seeds and thinking budgets are not theirs but the arms'."""
    choices = [replace(subject.choice, **_said(said), seed=None, think_budget=None) for subject in subjects]
    entries = [known_model(choice.model, catalogue) if choice.model else None for choice in choices]
    first = sampling_of(choices[0], entries[0])
    rooms = {
        sampling_of(replace(choice, think_budget=budget), entry).max_tokens
        for subject, choice, entry in zip(subjects, choices, entries, strict=True)
        for budget in budgets[subject.name]
    }
    common: dict[str, Any] = {"max_tokens": max(rooms)}
    if len(subjects) > 1:
        common |= {"temperature": first.temperature, "top_p": first.top_p}
    return tuple(
        replace(subject, choice=replace(choice, **common)) for subject, choice in zip(subjects, choices, strict=True)
    )


def _said(said: SamplingChoice) -> dict[str, Any]:
    return {name: value for name, value in asdict(said).items() if value is not None}


def _arms_of(subject: str, budgets: tuple[int | None, ...], arms: ArmChoice) -> list[Arm]:
    first = arms.baseline or arms.placements[0]
    placements = (first, *(placement for placement in arms.placements if placement != first))
    bounds = [name for name, wanted in ((CLOSED_BOOK, arms.closed_book), (GOLD_ONLY, arms.gold_only)) if wanted]
    return [
        *(
            Arm("", subject, placement, length, budget, layout)
            for length, layout, budget, placement in product(arms.lengths, arms.layouts, budgets, placements)
        ),
        *(Arm("", subject, bound, Length(), budget, arms.layouts[0]) for budget, bound in product(budgets, bounds)),
    ]
