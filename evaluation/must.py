"""What an answer must be, whatever its score: the hard assertions of a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Must:
    """Assertions about the answer to one question; what is not said is not asserted.

    Attributes:
        cite: documents, each of which a verified citation must name, as gold sources are named.
        contain: texts that must stand in the answer; case and space do not count.
        not_contain: texts that must not.
        refuse: the question must be refused.
        max_tokens: most tokens that the reply may take, thinking included.
        max_seconds: most seconds from the request to its last token.
    """

    cite: tuple[str, ...] = ()
    contain: tuple[str, ...] = ()
    not_contain: tuple[str, ...] = ()
    refuse: bool = False
    max_tokens: int | None = None
    max_seconds: float | None = None
