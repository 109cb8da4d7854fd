"""Evidence: the sentences that bear out what an answer cites."""

from hypothesis import given
from hypothesis import strategies as st

from indexes.embedder.hashing import HashingEmbedder
from rag.answer import Evidence
from rag.grounding.citations import check_citations
from rag.grounding.evidence import evidence
from tests.rag.contexts import context_of

TEXTS = (
    "Soil is brown. The sky is blue because air scatters short waves. It was Rayleigh who explained it.",
    "Grass is green. Chlorophyll absorbs red and blue\n  light, and reflects the rest.",
)
CONTEXT = context_of(*TEXTS)


def found(answer: str) -> tuple[Evidence, ...]:
    return evidence(answer, check_citations(answer, CONTEXT), CONTEXT, HashingEmbedder())


def test_evidence_is_the_sentence_nearest_to_what_is_said() -> None:
    (first,) = found("That the sky is blue comes from air [1].")
    assert first == Evidence(
        label=1,
        passage_id="0000000000000001",
        source="doc1.md",
        start=100 + TEXTS[0].index("The sky"),
        end=100 + TEXTS[0].index(" It was"),
        text="The sky is blue because air scatters short waves.",
    )


def test_each_label_is_held_against_its_own_sentence() -> None:
    first, second = found("Rayleigh explained it [1]. Chlorophyll reflects [2].")
    assert first.text == "It was Rayleigh who explained it."
    assert second.text == "Chlorophyll absorbs red and blue light, and reflects the rest."


def test_offsets_point_at_the_verbatim_text() -> None:
    (item,) = found("Chlorophyll absorbs light [2].")
    assert " ".join(TEXTS[1][item.start - 100 : item.end - 100].split()) == item.text


def test_a_quotation_is_its_own_evidence() -> None:
    (item,) = found('Of soil it says "It was Rayleigh" and that the soil is brown [1].')
    assert item.text == "It was Rayleigh who explained it."


def test_a_quotation_of_two_sentences_has_both_as_evidence() -> None:
    answer = 'It says "Soil is brown. The sky is blue because air scatters" [1].'
    assert [item.text for item in found(answer)] == [
        "Soil is brown.",
        "The sky is blue because air scatters short waves.",
    ]


def test_a_wrong_quotation_does_not_choose_the_evidence() -> None:
    (item,) = found('The sky is blue, as "nobody at all has ever said" [1].')
    assert item.text == "The sky is blue because air scatters short waves."


def test_unknown_labels_have_no_evidence() -> None:
    assert found("So it is [9].") == ()


@given(st.text(alphabet='ab. \n*_`"[1]…', max_size=80), st.text(alphabet='ab. "*…', max_size=40))
def test_any_passage_and_any_quotation_can_be_read(text: str, quote: str) -> None:
    context = context_of(text)
    answer = f'"{quote}" [1]'
    for item in evidence(answer, check_citations(answer, context), context, HashingEmbedder()):
        assert item.text == " ".join(text[item.start - 100 : item.end - 100].split())
