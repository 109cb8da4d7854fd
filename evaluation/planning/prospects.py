"""What a number of questions can show of a design, before anything is asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.analysis.series import pairs, position_series, twins
from evaluation.run import Design
from evaluation.statistics.power import INTERACTION_SD, detectable, detectable_graded, flat_questions_needed

ALPHA = 0.05
"""The level that is shared out among the comparisons of a kind; the first of them is held to its share by Holm."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference between two arms that can be shown with 80 % power.

    Attributes:
        discordance: share of questions whose outcome differs between the arms.
        detectable: None: not even one as large as the discordance.
        flat_needed: questions that show flatness within the margin at that discordance; None where no positions are
            compared.
    """

    discordance: float
    detectable: float | None
    flat_needed: int | None = None


@dataclass(frozen=True, slots=True)
class Prospects:
    """What can be shown with 80 % power, taken one sample a question; several samples show somewhat less noise.

    Attributes:
        questions: how many.
        comparisons: arms that are compared with a baseline; differences are those that each shows at .05 divided by
            their number.
        differences: by discordance.
        positions: of the evidence, in the series with the most; 0 where they are not varied.
        margin: within which flatness is asked about.
        interactions: of reasoning × position that are tested, each at .05 divided by their number.
        interaction: the one that can be shown, at a discordance of 14 %; None where there is none to test, or there
            are too few questions.
    """

    questions: int
    comparisons: int
    differences: tuple[Difference, ...]
    positions: int
    margin: float
    interactions: int
    interaction: float | None


def prospects(design: Design, *, examples: int, discordance: Sequence[float]) -> Prospects:
    """What `examples` questions can show of `design`.

    Raises:
        RequestError: no examples, or a discordance that is no share.
    """
    compared = len(pairs(design))
    series = position_series(design)
    positions = max((len(one.at) for one in series), default=0)
    interactions = len(twins(design, series))
    return Prospects(
        questions=examples,
        comparisons=compared,
        differences=tuple(
            Difference(
                share,
                detectable(examples, share, alpha=ALPHA / max(1, compared)),
                flat_questions_needed(design.margin, share, positions) if positions else None,
            )
            for share in discordance
        ),
        positions=positions,
        margin=design.margin,
        interactions=interactions,
        interaction=detectable_graded(INTERACTION_SD, examples, alpha=ALPHA / interactions) if interactions else None,
    )
