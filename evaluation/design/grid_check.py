"""Checks a grid before anything loads, and writes its names in their one form."""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.arms import BOUNDS
from evaluation.design.grid import ArmChoice, DataChoice, Grid, MetricChoice
from evaluation.design.oracle import check_placements, parse_arm_placement
from evaluation.generators import parse_generator
from evaluation.metrics import MetricSpec, parse_metric
from evaluation.toml_files import placed, refuse_credentials
from indexes.errors import RequestError, UnknownNameError

UNSELECTIVE = {"citation_precision": ("cited", "citation_recall"), "refusal_precision": ("refused", "refusal_recall")}
"""Metrics of what an answer does, by what it must do for them to apply, and what counts all answers instead."""


def check_primary(text: str) -> MetricSpec:
    """The metric that `text` names, if it can decide between arms.

    Raises:
        UnknownNameError: no such metric.
        RequestError: it is not written as it should be, it is the same for all arms, or it applies only to some
            outcomes, which differ between arms.
    """
    metric = parse_metric(text)
    if metric.of_ranking:
        raise RequestError(
            f"'{metric}' looks at the ranking alone, which is the same for all arms, so it cannot decide between "
            "them; make it a secondary one"
        )
    if metric.name in UNSELECTIVE:
        done, other = UNSELECTIVE[metric.name]
        raise RequestError(
            f"'{metric}' does not apply where nothing is {done}, so an arm would choose by its answers which questions "
            f"count, and it cannot decide between arms; take {other}, and make this one secondary"
        )
    return metric


def checked(grid: Grid) -> Grid:
    """The grid with its placements and metrics as they print, so that equal ones are equal texts.

    Raises:
        UnknownNameError: a placement, metric or twin that is not known, or a baseline that is no placement of it.
        RequestError: something in the grid is out of range, said twice, or does not go with the rest; the message
            names the grid and the key.
    """
    origin = grid.origin
    if grid.data.contexts is None and grid.data.distractors is not None:
        grid = replace(grid, data=replace(grid.data, contexts="dataset"))  # only those have distractors to choose
    _check_data(grid.data, origin)
    _check_subjects(grid, origin)
    _check_room(grid, origin)
    _check_retrieved(grid, origin)
    return replace(grid, arms=_checked_arms(grid, origin), metrics=_checked_metrics(grid.metrics, origin))


def _check_data(data: DataChoice, origin: str) -> None:
    if data.path is not None and data.generate is not None:
        raise RequestError(f"{origin}: data.path and data.generate both name examples; take one of them")
    if data.generate is not None:
        for key in ("format", "split"):
            if getattr(data, key) is not None:
                raise RequestError(
                    f"{origin}: data.{key} says how a file is read, but data.generate makes examples; drop it"
                )
        try:
            parse_generator(data.generate)
        except RequestError as error:
            raise placed(error, f"{origin}: data.generate") from error
    if data.contexts == "retrieved" and data.distractors is not None:
        raise RequestError(
            f'{origin}: data.distractors goes with contexts = "dataset"; retrieved contexts bring their own: drop it'
        )
    if data.contexts == "dataset" and data.index is not None and data.distractors != "hard":
        raise RequestError(
            f'{origin}: data.index is not used with contexts = "dataset" unless distractors = "hard"; drop the index, '
            'or say contexts = "retrieved"'
        )
    for key, value in (("n", data.n), ("retrieve", data.retrieve)):
        if value is not None and value < 1:
            raise RequestError(f"{origin}: data.{key} must be at least 1, found {value!r}")


def _check_subjects(grid: Grid, origin: str) -> None:
    subjects = {subject.name: subject for subject in grid.subjects}
    for subject in grid.subjects:
        where = f"{origin}: models.{subject.name}"
        if not subject.name.isprintable() or subject.name != " ".join(subject.name.split()):
            raise RequestError(f"{origin}: {subject.name!r} cannot name a model in a report; use letters and digits")
        refuse_credentials(subject.choice.base_url, f"{where}.base_url", "a run stores it")
        if subject.twin_of is None:
            if subject.kind is not None:
                raise RequestError(f"{where}.kind is that of a twin; say of which model by twin_of, or drop it")
            continue
        if subject.twin_of not in subjects or subject.twin_of == subject.name:
            others = [name for name in subjects if name != subject.name]
            raise UnknownNameError("model", subject.twin_of, others, hint=f"it stands in {where}.twin_of")
        if subjects[subject.twin_of].twin_of is not None:
            raise RequestError(
                f"{where}.twin_of: {subject.twin_of!r} is a twin itself; name the model that both are twins of"
            )
        if subject.kind == "no_think":
            raise RequestError(
                f"{where}.kind: a twin of kind 'no_think' is the model itself, asked without its thinking; drop the "
                "model and say twins = true under [arms]"
            )
    _refuse_twice(
        "model", [repr(subject.choice) for subject in grid.subjects], f"{origin}: models", shown=list(subjects)
    )


def _checked_arms(grid: Grid, origin: str) -> ArmChoice:
    arms = grid.arms
    for key in ("placements", "lengths", "think_budgets", "layouts"):
        if not getattr(arms, key):
            shown = "passages" if key == "lengths" else key
            raise RequestError(f"{origin}: the grid has 0 cells, because arms.{shown} is empty; name at least one")
    if arms.samples < 1:
        raise RequestError(f"{origin}: the grid has 0 cells, because arms.samples is {arms.samples}; take 1 or more")
    placements = tuple(_placement(text, f"{origin}: arms.placements") for text in arms.placements)
    baseline = None if arms.baseline is None else _placement(arms.baseline, f"{origin}: arms.baseline")
    if baseline is not None and baseline not in placements:
        raise UnknownNameError("baseline", baseline, placements, hint=f"it stands in {origin}: arms.baseline")
    _refuse_twice("placement", placements, f"{origin}: arms.placements")
    _refuse_twice("length", [str(length) for length in arms.lengths], f"{origin}: arms")
    _refuse_twice("budget", [str(budget) for budget in arms.think_budgets], f"{origin}: arms.think_budgets")
    _refuse_twice("layout", arms.layouts, f"{origin}: arms.layouts")
    for length in arms.lengths:
        if (length.passages is None) == (length.tokens is None) or (length.passages or length.tokens or 0) < 1:
            raise RequestError(f"{origin}: a length is a number of passages or of tokens, at least 1, found {length!r}")
    for budget in arms.think_budgets:
        if budget is not None and budget < 0:
            raise RequestError(f"{origin}: arms.think_budgets must be at least 0 (0: no thinking), found {budget}")
    try:  # where whose contexts is not said yet, the default cannot be known before the examples are
        check_placements(map(parse_arm_placement, placements), grid.data.contexts or "retrieved", arms.lengths)
    except RequestError as error:
        raise placed(error, f"{origin}: arms.placements") from error
    return replace(arms, placements=placements, baseline=baseline)


def _check_room(grid: Grid, origin: str) -> None:
    room, largest = grid.sampling.max_tokens, max((budget or 0 for budget in grid.arms.think_budgets), default=0)
    if room is not None and largest >= room:
        raise RequestError(
            f"{origin}: arms.think_budgets: {largest} tokens of thinking leave none of the {room} of "
            "sampling.max_tokens for the answer; raise max_tokens or lower the budget"
        )


def _check_retrieved(grid: Grid, origin: str) -> None:
    data, longest = grid.data, max((length.passages or 0 for length in grid.arms.lengths), default=0)
    if (data.contexts == "retrieved" or data.distractors == "hard") and longest > data.retrieve:
        raise RequestError(
            f"{origin}: arms.passages asks for {longest} passages, but data.retrieve brings {data.retrieve}; raise "
            "retrieve, somewhat above the longest context"
        )


def _checked_metrics(metrics: MetricChoice, origin: str) -> MetricChoice:
    try:
        primary = str(check_primary(metrics.primary))
    except RequestError as error:
        raise placed(error, f"{origin}: metrics.primary") from error
    secondary = tuple(str(_metric(text, f"{origin}: metrics.secondary")) for text in metrics.secondary)
    _refuse_twice("metric", [primary, *secondary], f"{origin}: metrics")
    if not 0 < metrics.margin < 1:
        raise RequestError(f"{origin}: metrics.margin must be a fraction between 0 and 1, found {metrics.margin!r}")
    return replace(metrics, primary=primary, secondary=secondary)


def _placement(text: str, where: str) -> str:
    try:
        placement = str(parse_arm_placement(text))
    except RequestError as error:
        raise placed(error, where) from error
    if placement in BOUNDS:
        raise RequestError(f"{where}: {placement!r} is no placement but a bound; say {placement} = true under [arms]")
    return placement


def _metric(text: str, where: str) -> MetricSpec:
    try:
        return parse_metric(text)
    except RequestError as error:
        raise placed(error, where) from error


def _refuse_twice(kind: str, values: Sequence[str], where: str, *, shown: Sequence[str] | None = None) -> None:
    for at, value in enumerate(values):
        if value in values[:at]:
            first, second = ((shown or values)[i] for i in (values.index(value), at))
            same = f"{first!r} stands twice" if first == second else f"{first!r} and {second!r} are the same"
            raise RequestError(f"{where}: {same}; every {kind} makes arms of its own, so drop one")
