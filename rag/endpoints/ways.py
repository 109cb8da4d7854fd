"""How a reply is asked for, by what is wanted of its thinking and its answer and what the endpoint can do."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from rag.endpoints.capabilities import Constraint
from rag.endpoints.probes import BUDGET_FIELD, Probes
from rag.sampling import before_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_BUDGET = "this endpoint cannot bound the thinking: it may take as many tokens as it likes"
NO_CLOSING = "this endpoint cannot leave the thinking out: the model thinks before it answers"
NO_CONSTRAINT = "this endpoint cannot constrain an answer to the words of the passages: they are checked instead"
NO_THOUGHT = "this model does not think before it answers, so a thinking budget changes nothing"


@dataclass(frozen=True, slots=True)
class Way:
    """How a reply is asked for.

    Attributes:
        api: "chat" is one request with messages; "ids" one or two with token ids, between which we close the thinking.
        fields: of a chat request, beyond the usual.
        thoughts: most tokens of thinking; 0: none; None: not bounded by us, or not to begin by us.
        constraint: the field by which the answer follows the prompt's grammar.
        warnings: what is wanted and cannot be had.
    """

    api: Literal["chat", "ids"] = "chat"
    fields: "Mapping[str, object]" = field(default_factory=lambda: MappingProxyType({}))
    thoughts: int | None = None
    constraint: Constraint | None = None
    warnings: tuple[str, ...] = ()


def choose_way(probes: Probes, *, budget: int | None, constrained: bool, reply_tokens: int) -> Way:
    """The best way that the endpoint has; what it cannot do is left out, with a warning.

    Args:
        probes: asked for what is needed only; they raise what an endpoint may raise.
        budget: most tokens of thinking; 0: none; None: as many as the model likes.
        constrained: the answer has to follow a grammar.
        reply_tokens: most tokens of thinking and answer together.
    """
    if not constrained:
        return _free(probes, budget)
    constraint = probes.constraint
    if constraint is None:
        way = _free(probes, budget)
        return Way(way.api, way.fields, way.thoughts, None, (*way.warnings, NO_CONSTRAINT))
    if not probes.reasons:
        return Way("ids", constraint=constraint, warnings=(NO_THOUGHT,) if budget else ())
    thoughts = before_answer(reply_tokens) if budget is None else budget
    return Way("ids", thoughts=thoughts, constraint=constraint)


def _free(probes: Probes, budget: int | None) -> Way:
    if budget is None:
        return Way()
    if not probes.reasons:
        return Way(warnings=(NO_THOUGHT,) if budget else ())
    how = probes.budget if budget else probes.no_think
    match how:
        case "server":
            return Way(fields={BUDGET_FIELD: budget}, thoughts=budget)
        case "template":
            return Way(fields={"chat_template_kwargs": probes.switch}, thoughts=0)
        case "two_step" | "closed_block":
            return Way("ids", thoughts=budget)
        case None:
            return Way(warnings=(NO_BUDGET if budget else NO_CLOSING,))
