"""Checking citations: labels are resolved, quotations verified word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Citation
from rag.grounding.citations import check_citations, has_valid_citation, places
from rag.neutral import fold
from tests.rag.contexts import context_of

TEXTS = (
    "The sky is blue because air scatters short waves. It was Rayleigh who explained it.",
    "Grass is green. Chlorophyll absorbs red and blue light,\n  and reflects the rest.",
    "The heart's so-called “pacemaker” is the **sinus node**. Later work [1] agrees with it entirely.",
)


CONTEXT = context_of(*TEXTS)


def outline(answer: str) -> list[tuple[int, str | None, bool | None]]:
    return [(c.label, c.quote, c.verified) for c in check_citations(answer, CONTEXT)]


def only(answer: str) -> Citation:
    (citation,) = check_citations(answer, CONTEXT)
    return citation


def test_a_known_label_resolves_to_its_passage() -> None:
    citation = only("Air scatters light [1].")
    assert citation == Citation(
        label=1,
        origin="model",
        passage_id="0000000000000001",
        source="doc1.md",
        title="Document 1",
        page=4,
        heading="Top",
        start=100,
        end=100 + len(TEXTS[0]),
        quote=None,
        verified=True,
        reason=None,
    )


def test_an_unknown_label_is_flagged_and_has_no_passage() -> None:
    citation = only("Air scatters light [7].")
    assert (citation.label, citation.verified, citation.passage_id, citation.start) == (7, False, None, None)
    assert citation.reason == "the context has no passage [7]; it has [1] to [3]"


def test_any_label_is_unknown_to_an_empty_context() -> None:
    (citation,) = check_citations("So it is [1].", context_of())
    assert citation.reason == "the context has no passage [1]; it has none"


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("[1]", [1]),
        ("[ 1 ]", [1]),
        ("[1, 2]", [1, 2]),
        ("[1; 2]", [1, 2]),
        ("[1][2]", [1, 2]),
        ("[1], [2]", [1, 2]),
        ("[1-3]", [1, 2, 3]),
        ("[1–3]", [1, 2, 3]),
        ("[3-1]", [3, 1]),
        ("[1-2, 3]", [1, 2, 3]),
        ("[1-999]", [1, 999]),
        ("【2】", [2]),
        ("[2](https://example.org)", [2]),
        ("[0]", [0]),
        ("[2019]", []),
        ("[note]", []),
        ("`cells[1]`", []),
        ("\n```\nx = cells[1]\n```\n", []),
        ("\n```\nx = cells[1]", []),
    ],
)
def test_marks_are_read_in_every_usual_spelling(written: str, labels: list[int]) -> None:
    assert [label for label, _, _ in outline(f"Much depends on it {written}.")] == labels


@pytest.mark.parametrize(
    "answer",
    [
        'It says "The sky is blue because air scatters short waves" [1].',
        'It says "The sky is blue because air scatters short waves." [1]',
        'It says "air scatters  short\twaves" [1].',
        'It says "air scatters short waves," and more [1].',
        'It says "It was Rayleigh ... explained it" [1].',
        "It says “air scatters short waves” [1].",
        "It says «air scatters short waves» [1].",
        "It says „air scatters short waves“ [1].",
        'It says "Air scatters short waves" [1].',
        'It says "**air scatters** short waves" [1].',
        'As [1] puts it, "air scatters short waves".',
        '[1] says "air scatters short waves".',
        'It says "air scatters short waves [1]."',
        'It says "The sky is blue because air scatters short waves. It was Rayleigh who explained it." [1]',
    ],
)
def test_a_verbatim_quotation_is_verified(answer: str) -> None:
    citation = only(answer)
    assert citation.label == 1
    assert citation.verified is True
    assert citation.quote is not None
    assert '"' not in citation.quote


def test_a_quotation_that_stands_nowhere_is_flagged() -> None:
    citation = only('It says "the sky is green because of moss" [1].')
    assert (citation.verified, citation.passage_id) == (False, "0000000000000001")
    assert citation.quote == "the sky is green because of moss"
    assert citation.reason == "the quoted words are not in passage [1]"


def test_a_quotation_of_another_passage_names_that_passage() -> None:
    citation = only('It says "absorbs red and blue light, and reflects" [1].')
    assert citation.verified is False
    assert citation.reason == "the quoted words are not in passage [1]; they stand in [2]"


def test_words_left_out_must_keep_their_order() -> None:
    assert only('It says "explained it ... Rayleigh" [1].').verified is False


def test_each_quotation_goes_to_the_label_beside_it() -> None:
    answer = 'One says "air scatters short waves" [1], the other "Grass is green" [2].'
    assert outline(answer) == [(1, "air scatters short waves", True), (2, "Grass is green", True)]


def test_swapped_labels_are_flagged() -> None:
    answer = 'One says "air scatters short waves" [2], the other "Chlorophyll absorbs red" [1].'
    assert [verified for _, _, verified in outline(answer)] == [False, False]


def test_labels_before_their_quotations_are_understood() -> None:
    answer = 'While [1] says "air scatters short waves", [2] says "Chlorophyll absorbs red".'
    assert {pair for pair in outline(answer) if pair[1]} == {
        (1, "air scatters short waves", True),
        (2, "Chlorophyll absorbs red", True),
    }
    assert all(verified for _, _, verified in outline(answer))


def test_a_quotation_behind_several_labels_goes_to_the_passage_that_has_it() -> None:
    assert outline('It says "Chlorophyll absorbs red" [1][2].') == [
        (2, "Chlorophyll absorbs red", True),
        (1, None, True),
    ]


def test_scare_quotes_are_no_quotations() -> None:
    assert outline('The "azure" sky [1].') == [(1, None, True)]


def test_a_statement_in_the_words_of_the_passage_is_a_quotation() -> None:
    answer = "It was Rayleigh who explained it. [1] Chlorophyll absorbs red and blue light, and reflects the rest. [2]"
    assert outline(answer) == [
        (1, "It was Rayleigh who explained it.", True),
        (2, "Chlorophyll absorbs red and blue light, and reflects the rest.", True),
    ]


def test_a_verbatim_statement_may_hold_quotation_marks_of_its_own() -> None:
    answer = 'The heart\'s so-called "pacemaker" is the sinus node. [3]'
    assert outline(answer) == [(3, 'The heart\'s so-called "pacemaker" is the sinus node.', True)]


def test_a_reference_list_cites_too() -> None:
    assert outline("It is blue.\n\n[1]: Document 1\n[2]: Document 2") == [(1, None, True), (2, None, True)]


def test_repeated_citations_are_given_once() -> None:
    assert outline("Blue it is [1]. Truly so [1]. And that is that [1][1].") == [(1, None, True)]


def test_a_number_as_a_prompt_shows_it_in_a_passage_is_no_citation() -> None:
    assert outline("Later work ⟦1⟧ agrees with it entirely. [3]") == [
        (3, "Later work ⟦1⟧ agrees with it entirely.", True),
    ]


def test_a_citation_counts_whatever_numbers_the_passages_hold() -> None:
    context = context_of("Rust gives memory safety.", "They say: memory safety. [1] Others say more.")
    assert [c.label for c in check_citations("Rust gives memory safety. [1]", context)] == [1]


def test_an_answer_without_a_valid_citation_says_so() -> None:
    assert not has_valid_citation(check_citations("Blue.", CONTEXT))
    assert not has_valid_citation(check_citations("Blue [9].", CONTEXT))
    assert not has_valid_citation(check_citations('"Blue as a green thing" [1].', CONTEXT))
    assert has_valid_citation(check_citations("Blue [9]. Blue [1].", CONTEXT))


@given(st.text())
def test_whatever_a_model_writes_is_read(answer: str) -> None:
    for citation in check_citations(answer, CONTEXT):
        assert citation.verified is (citation.reason is None)


@given(st.text(alphabet='ab .\n"“”[]12,-`*…', max_size=60))
def test_labels_alone_decide_which_passage_is_named(answer: str) -> None:
    for citation in check_citations(answer, CONTEXT):
        assert (citation.passage_id is not None) == (citation.label in {1, 2, 3})


@given(st.sampled_from(TEXTS), st.data())
def test_every_stretch_of_a_passage_stands_in_it(text: str, data: st.DataObject) -> None:
    words = text.split()
    start = data.draw(st.integers(0, len(words) - 3))
    end = data.draw(st.integers(start + 3, len(words)))
    assert places(" ".join(words[start:end]), " ".join(fold(text).replace("*", "").split()))
