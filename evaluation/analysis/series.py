"""Which arms belong together: baselines and their arms, positions of the evidence, twins, permutations, repeats."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from evaluation.arms import BOUNDS, Arm, Length
from evaluation.design.naming import thinking
from evaluation.run import Design
from rag.models.catalogue import TwinKind
from rag.prompt import Layout

Axis = Literal["placement", "think_budget", "subject", "length", "layout"]
AXES: tuple[Axis, ...] = ("placement", "think_budget", "subject", "length", "layout")
"""What may differ between an arm and its baseline; of several, the first decides."""

_ORACLE = re.compile(r"(gold_\w+)\((position|depth)=([-+.\w]+)\)")
_SHUFFLED = re.compile(r"shuffled\(seed=-?[0-9]+\)")


class Settings(NamedTuple):
    """What is held fixed in a series."""

    subject: str
    length: Length
    think_budget: int | None
    layout: Layout


class Pair(NamedTuple):
    """An arm and what it is compared with, by name, and in what they differ."""

    baseline: str
    arm: str
    axis: Axis


@dataclass(frozen=True, slots=True)
class PositionSeries:
    """Arms that differ only in where the evidence stands.

    Attributes:
        label: for people: "r1 20 passages".
        oracle: the name of the placement.
        unit: what its parameter is.
        at: its parameter in each arm, ascending.
        arms: by name, in the order of `at`.
    """

    label: str
    settings: Settings
    oracle: str
    unit: Literal["position", "depth"]
    at: tuple[float, ...]
    arms: tuple[str, ...]


class Twins(NamedTuple):
    """A series of a reasoning model, and the same of its twin."""

    reasoning: PositionSeries
    twin: PositionSeries
    kind: TwinKind


class Permutations(NamedTuple):
    """Arms that differ only in the seed of their shuffling, by name."""

    label: str
    arms: tuple[str, ...]


def settings_of(arm: Arm) -> Settings:
    """What the arm shares with others of its series."""
    return Settings(arm.subject, arm.length, arm.think_budget, arm.layout)


def pairs(design: Design) -> tuple[Pair, ...]:
    """Which arms are compared with which, in the order of the design.

    With a baseline, an arm's partner is the arm that differs from it in one axis alone, in which it is as the
    baseline is: of several, that of the first of `AXES`. A model that has one thinking budget only is compared with
    the baseline's model at the baseline's.

    Without a baseline, the first arm of each series is the partner of its others; and its own is the arm that differs
    from it in one other axis alone, in which that has what comes first: the model's first thinking budget, the model
    that it is the twin of, the first length or layout. So each arm but the very first is compared once.

    Bounds and repeats are not compared. All pairs together are one family, over which p are adjusted.
    """
    arms = [arm for arm in design.arms if arm.copy == 0 and arm.placement not in BOUNDS]
    baseline = next((arm for arm in arms if arm.name == design.baseline), None)
    if baseline is not None:
        return tuple(pair for arm in arms if (pair := _partner(arm, baseline, arms)) is not None)
    twin_of = {subject.name: subject.twin_of for subject in design.subjects}
    found = []
    for arm in arms:
        first = next(other for other in arms if settings_of(other) == settings_of(arm))
        pair = _across(arm, arms, twin_of) if first is arm else Pair(first.name, arm.name, "placement")
        if pair is not None:
            found.append(pair)
    return tuple(found)


def _across(arm: Arm, arms: Sequence[Arm], twin_of: Mapping[str, str | None]) -> Pair | None:
    """The first arm of a series beside that of another one."""
    known = {replace(other, name=""): other for other in arms}
    mine = [other for other in arms if other.subject == arm.subject]
    model = twin_of[arm.subject]
    for axis in AXES[1:]:
        if axis == "subject":
            theirs = [other.think_budget for other in arms if other.subject == model]
            if model is None or not theirs:
                continue
            budget = theirs[0] if len({other.think_budget for other in mine}) == 1 else arm.think_budget
            wanted = replace(arm, name="", subject=model, think_budget=budget)
        else:
            wanted = replace(arm, name="", **{axis: getattr(mine[0], axis)})
        partner = known.get(wanted)
        if partner is not None and partner is not arm:
            return Pair(partner.name, arm.name, axis)
    return None


def _partner(arm: Arm, baseline: Arm, arms: Sequence[Arm]) -> Pair | None:
    for axis in AXES:
        if getattr(arm, axis) == getattr(baseline, axis):
            continue
        wanted = replace(arm, **{axis: getattr(baseline, axis)})
        if axis == "subject" and len({other.think_budget for other in arms if other.subject == arm.subject}) == 1:
            wanted = replace(wanted, think_budget=baseline.think_budget)
        for other in arms:
            if replace(other, name="") == replace(wanted, name=""):
                return Pair(other.name, arm.name, axis)
    return None


def position_series(design: Design) -> tuple[PositionSeries, ...]:
    """The series of at least two positions of the evidence, in the order of the design."""
    groups: dict[tuple[Settings, str, str], dict[float, str]] = {}
    for arm in design.arms:
        found = _ORACLE.fullmatch(arm.placement)
        if found is not None and arm.copy == 0:
            groups.setdefault((settings_of(arm), found[1], found[2]), {})[float(found[3])] = arm.name
    families = {(oracle, unit) for _, oracle, unit in groups}
    return tuple(
        PositionSeries(
            f"{label_of(settings, design)} {oracle}" if len(families) > 1 else label_of(settings, design),
            settings,
            oracle,
            "position" if unit == "position" else "depth",
            tuple(sorted(at)),
            tuple(at[where] for where in sorted(at)),
        )
        for (settings, oracle, unit), at in groups.items()
        if len(at) > 1
    )


def twins(design: Design, series: Sequence[PositionSeries]) -> tuple[Twins, ...]:
    """Each series of a reasoning model with those of its twins: at least three positions, all else the same.

    A twin is the same model with thinking budget 0, or a model that is declared to be one; the latter with the same
    thinking budget, or with its own if it has one only.
    """
    subjects = {subject.name: subject for subject in design.subjects}
    budgets: dict[str, set[int | None]] = {}
    for arm in design.arms:
        budgets.setdefault(arm.subject, set()).add(arm.think_budget)
    found = []
    for one in series:
        thinks = one.settings
        for other in series:
            quiet = other.settings
            same = one.oracle == other.oracle and one.at == other.at and len(one.at) > 2
            same = same and (thinks.length, thinks.layout) == (quiet.length, quiet.layout)
            if not same or thinks.think_budget == 0:
                continue
            twin = subjects[quiet.subject]
            if quiet.subject == thinks.subject:
                if quiet.think_budget == 0:
                    found.append(Twins(one, other, "no_think"))
            elif twin.twin_of == thinks.subject and (
                quiet.think_budget == thinks.think_budget or len(budgets[twin.name]) == 1
            ):
                found.append(Twins(one, other, twin.kind or "related"))
    return tuple(found)


def permutations(design: Design, *, least: int) -> tuple[Permutations, ...]:
    """The series with at least so many shuffled arms, in the order of the design."""
    groups: dict[Settings, list[str]] = {}
    for arm in design.arms:
        if arm.copy == 0 and _SHUFFLED.fullmatch(arm.placement):
            groups.setdefault(settings_of(arm), []).append(arm.name)
    return tuple(
        Permutations(label_of(settings, design), tuple(arms)) for settings, arms in groups.items() if len(arms) >= least
    )


def repeated(design: Design) -> tuple[tuple[Arm, Arm], ...]:
    """Each A/A arm behind the arm that it repeats."""
    originals = {replace(arm, name=""): arm for arm in design.arms if arm.copy == 0}
    again = ((originals.get(replace(arm, name="", copy=0)), arm) for arm in design.arms if arm.copy == 1)
    return tuple((original, arm) for original, arm in again if original is not None)


def label_of(settings: Settings, design: Design) -> str:
    """A series in words: model and length, and what else varies in the design."""
    mine = {arm.think_budget for arm in design.arms if arm.subject == settings.subject}
    layouts = {arm.layout for arm in design.arms}
    parts = [
        settings.subject,
        str(settings.length),
        thinking(settings.think_budget) if len(mine) > 1 else "",
        settings.layout if len(layouts) > 1 else "",
    ]
    return " ".join(filter(None, parts))
