"""Checks what an answer cites against the passages it was given: labels, and quotations word by word."""

import re
from collections.abc import Mapping, Sequence

from indexes.passages import Passage
from indexes.sentences import Span
from rag.answer import Citation, Origin
from rag.context import Context
from rag.grounding.labels import Claim, find_claims, find_marks, is_quotable
from rag.neutral import fold

_ELLIPSIS = re.compile(r"…|\.{3,}|\[(?:…|\.{3})\]")
_EMPHASIS = str.maketrans("", "", "*_`")
_EDGES = " .,;:!?>-–•\"'“”«»()"


def check_citations(answer_text: str, context: Context) -> tuple[Citation, ...]:
    """The citations that a model wrote, in order, one for each label and quotation.

    A quotation is what stands in quotation marks beside a label, or a whole statement that is the passage's own
    words. Typographic variants, white space and emphasis marks are folded; left-out words may be marked by "...".
    Whatever number stands in brackets is a citation: those of the passages are not in the prompt (`rag.neutral`).
    """
    passages = {slot.position: slot.ranked.passage for slot in context.slots}
    texts = {position: comparable(passage.text) for position, passage in passages.items()}
    found: dict[tuple[int, str | None], Citation] = {}
    for claim in find_claims(answer_text, find_marks(answer_text)):
        for label, quote in _cited(claim, texts):
            reason = _reason(label, quote, texts)
            passage = passages.get(label)
            found.setdefault((label, quote), cite(label, passage, quote, origin="model", reason=reason))
    return tuple(found.values())


def has_valid_citation(citations: Sequence[Citation]) -> bool:
    """Whether the model itself cited at least once a passage that is there, and quoted it rightly if it quoted."""
    return any(citation.origin == "model" and citation.verified for citation in citations)


def cite(label: int, passage: Passage | None, quote: str | None, *, origin: Origin, reason: str | None) -> Citation:
    """A citation of `passage`, None where no passage has that label; `reason` says what is wrong with it."""
    verified = None if origin == "attributed" else reason is None
    if passage is None:
        return Citation(label, origin, None, None, None, None, None, None, None, quote, verified, reason)
    return Citation(
        label=label,
        origin=origin,
        passage_id=passage.id,
        source=passage.source,
        title=passage.title,
        page=passage.page,
        heading=passage.heading,
        start=passage.start,
        end=passage.end,
        quote=quote,
        verified=verified,
        reason=reason,
    )


def comparable(text: str) -> str:
    """`text` as quotations are compared: folded, without marks of emphasis, white space as single spaces."""
    return " ".join(fold(text).translate(_EMPHASIS).split())


def places(quote: str, text: str) -> list[Span]:
    """Where the parts of `quote` around its ellipses stand, one after the other, in a `comparable` text.

    Empty where one of them does not stand there verbatim. The case of a part's first letter and punctuation at its
    ends may differ, as quoting within a sentence requires.
    """
    found: list[Span] = []
    for piece in _ELLIPSIS.split(quote):
        part, at = comparable(piece).strip(_EDGES), found[-1].end if found else 0
        if part:
            starts = [text.find(variant, at) for variant in (part, part[0].swapcase() + part[1:])]
            start = min((start for start in starts if start >= 0), default=None)
            if start is None:
                return []
            found.append(Span(start, start + len(part)))
    return found


def _cited(claim: Claim, texts: Mapping[int, str]) -> list[tuple[int, str | None]]:
    """Each label of the claim with what it quotes; a quotation goes to the first label whose passage has it."""
    pairs: list[tuple[int, str | None]] = []
    whole = [
        (label, statement)
        for statement in claim.statements
        for label in claim.labels
        if is_quotable(statement) and places(statement, texts.get(label, ""))
    ]
    if whole:
        pairs.append(whole[0])
    else:
        for quote in claim.quotes:
            near = claim.labels if quote.adjacent else (*claim.labels, *claim.neighbours)
            label = next((label for label in near if places(quote.text, texts.get(label, ""))), near[0])
            pairs.append((label, quote.text))
    quoting = {label for label, _ in pairs}
    return [*pairs, *((label, None) for label in claim.labels if label not in quoting)]


def _reason(label: int, quote: str | None, texts: Mapping[int, str]) -> str | None:
    if label not in texts:
        known = f"it has [1] to [{len(texts)}]" if texts else "it has none"
        return f"the context has no passage [{label}]; {known}"
    if quote is None or places(quote, texts[label]):
        return None
    elsewhere = [position for position, text in texts.items() if places(quote, text)]
    where = f"; they stand in [{elsewhere[0]}]" if elsewhere else ""
    return f"the quoted words are not in passage [{label}]{where}"
