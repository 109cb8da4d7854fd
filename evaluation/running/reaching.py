"""Looks whether the servers of an experiment are there, before anything else takes its time."""

from collections.abc import Iterable

from evaluation.arms import Subject
from indexes.errors import RequestError


def check_reachable(subjects: Iterable[Subject]) -> None:
    """Asks each endpoint what it serves; one that has no such list is there nonetheless.

    What a run is made of, the model's tokenizer and context too, must not hang on a server that was down when it began.

    Raises:
        RequestError: one does not answer, is not ready, or refuses the key.
    """
    choices = {(subject.choice.base_url, subject.choice.api_key): subject.choice for subject in subjects}
    for choice in choices.values():
        if choice.base_url is None:
            continue
        from rag.endpoints.endpoint import REFUSALS, Endpoint, says_no, served_models

        try:
            served_models(Endpoint(choice.base_url, choice.api_key, timeout=choice.timeout))
        except RequestError as error:
            if not (isinstance(error.__cause__, REFUSALS) and says_no(error.__cause__)):
                raise
