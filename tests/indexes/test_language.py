import pytest

from indexes.documents import Document
from indexes.embedder.source import DEFAULT_EMBEDDER
from indexes.language import MULTILINGUAL, language_warning

GERMAN = (
    "Der Vertrag endet im März. Die Heizung wird in jedem Jahr im Oktober von der Firma aus dem Nachbarort gewartet. "
    * 2
)
ENGLISH = (
    "The contract ends in March. The heating is serviced every October by the company from the village nearby. " * 2
)


def documents(*texts: str, kind: str = "md") -> list[Document]:
    return [Document(f"{n}.{kind}", text, "title", metadata=(("type", kind),)) for n, text in enumerate(texts)]


def test_mostly_foreign_prose_under_an_english_model_names_a_multilingual_one() -> None:
    warning = language_warning(documents(GERMAN, GERMAN, ENGLISH), DEFAULT_EMBEDDER)
    assert warning is not None
    assert warning.startswith("2 of 3 documents looked at are not English (mostly 'de')")
    assert MULTILINGUAL in warning


def test_mostly_english_prose_is_fine() -> None:
    assert language_warning(documents(ENGLISH, ENGLISH, GERMAN), DEFAULT_EMBEDDER) is None


def test_code_and_tables_are_no_prose() -> None:
    assert language_warning(documents(GERMAN, kind="py"), DEFAULT_EMBEDDER) is None


def test_scraps_are_too_short_to_tell() -> None:
    assert language_warning(documents("Guten Tag!"), DEFAULT_EMBEDDER) is None


@pytest.mark.parametrize("model", [MULTILINGUAL, "intfloat/multilingual-e5-small", "hashing"])
def test_other_models_are_not_taken_for_english(model: str) -> None:
    assert language_warning(documents(GERMAN), model) is None
