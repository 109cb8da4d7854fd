"""The adapters inside real LlamaIndex query engines; the model is LlamaIndex's mock, which returns its prompt."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.build import build_index
from indexes.errors import RequestError, UnknownNameError
from indexes.index import Index
from indexes.ranking import rank
from indexes.recipe import Recipe
from tests.conftest import require_or_skip

if importlib.util.find_spec("llama_index") is None:
    require_or_skip("llamaindex", "the extra 'llamaindex' is not installed")

from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.llamaindex import PlacementPostprocessor, RagRetriever

PAGES = {
    "rivers.md": "# Rivers\n\nThe Seine flows through Paris.\n\n## Germany\n\nThe Spree flows through Berlin.\n",
    "towns.md": "# Towns\n\nParis lies on the Seine.\n",
    "birds.md": "# Birds\n\nRavens remember faces.\n",
}
QUESTION = "Which river flows through Paris?"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in PAGES.items():
        (docs / name).write_text(text, encoding="utf-8")
    build_index(tmp_path / "index", [docs], cache=tmp_path / "cache", recipe=Recipe(embedder="hashing"))
    with Index(tmp_path / "index", cache=tmp_path / "cache") as opened:
        yield opened


class Given(BaseRetriever):
    """Retrieves what it was given."""

    def __init__(self, nodes: list[NodeWithScore]) -> None:
        super().__init__()
        self._nodes = nodes

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self._nodes


def nodes(count: int, **metadata: list[str]) -> list[NodeWithScore]:
    """Nodes "passage 1" (best) to "passage n"; node i has the i-th value of each key of `metadata`."""
    return [
        NodeWithScore(
            node=TextNode(
                id_=f"n{number}",
                text=f"passage {number}",
                metadata={key: values[number - 1] for key, values in metadata.items()},
            ),
            score=1 / number,
        )
        for number in range(1, count + 1)
    ]


def prompt_of(retriever: BaseRetriever, *postprocessors: PlacementPostprocessor | SimilarityPostprocessor) -> str:
    """What the model of a query engine is sent."""
    engine = RetrieverQueryEngine.from_args(
        retriever, llm=MockLLM(), node_postprocessors=list(postprocessors), response_mode=ResponseMode.COMPACT
    )
    return str(engine.query(QUESTION))


def in_order(prompt: str, texts: list[str]) -> list[str]:
    """`texts` in the order in which the prompt holds them; all must be there."""
    return sorted(texts, key=prompt.index)


def ids(placed: list[NodeWithScore]) -> list[str]:
    return [scored.node.node_id for scored in placed]


@pytest.mark.parametrize(
    ("placement", "order"),
    [("best_first", [1, 2, 3, 4, 5]), ("edges", [1, 3, 5, 4, 2]), ("best_at(depth=1.0)", [2, 3, 4, 5, 1])],
)
def test_prompt_of_a_query_engine_has_the_order_of_the_policy(placement: str, order: list[int]) -> None:
    prompt = prompt_of(Given(nodes(5)), PlacementPostprocessor(placement=placement))
    assert in_order(prompt, [f"passage {number}" for number in range(1, 6)]) == [f"passage {n}" for n in order]


def test_placement_ranks_what_an_earlier_postprocessor_left() -> None:
    prompt = prompt_of(
        Given(nodes(4)), SimilarityPostprocessor(similarity_cutoff=0.3), PlacementPostprocessor(placement="best_last")
    )
    assert in_order(prompt, ["passage 1", "passage 2", "passage 3"]) == ["passage 3", "passage 2", "passage 1"]
    assert "passage 4" not in prompt


def test_our_index_answers_through_a_query_engine_in_the_order_of_the_policy(index: Index) -> None:
    ranked = [found.passage.text for found in rank(index, QUESTION).passages]
    assert len(ranked) == 4
    retriever = RagRetriever(index)
    assert in_order(prompt_of(retriever), ranked) == ranked
    assert in_order(prompt_of(retriever, PlacementPostprocessor(placement="best_last")), ranked) == ranked[::-1]


def test_prompt_names_source_and_heading_and_no_offsets(index: Index) -> None:
    prompt = prompt_of(RagRetriever(index, k=1, mode="lexical"))
    assert "source: rivers.md" in prompt
    assert "heading: Rivers" in prompt
    assert "start:" not in prompt


def test_nodes_and_scores_themselves_are_untouched() -> None:
    given = nodes(4)
    placed = PlacementPostprocessor(placement="edges_last").postprocess_nodes(given)
    assert [scored.score for scored in placed] == [1 / 2, 1 / 4, 1 / 3, 1]
    assert ids(given) == ["n1", "n2", "n3", "n4"]


def test_nodes_without_scores_are_placed_by_their_order() -> None:
    given = [NodeWithScore(node=scored.node) for scored in nodes(3)]
    assert ids(PlacementPostprocessor(placement="best_last").postprocess_nodes(given)) == ["n3", "n2", "n1"]


def test_no_nodes_stay_none() -> None:
    assert PlacementPostprocessor().postprocess_nodes([]) == []


@pytest.mark.parametrize("key", ["source", "file_path"])
def test_documents_are_told_apart_by_metadata(key: str) -> None:
    placer = PlacementPostprocessor(placement="source_order")
    assert ids(placer.postprocess_nodes(nodes(3, **{key: ["b", "a", "b"]}))) == ["n1", "n3", "n2"]


def test_dates_are_read_under_the_key_of_the_policy() -> None:
    placer = PlacementPostprocessor(placement="newest_last(key='last_modified_date')")
    given = nodes(3, last_modified_date=["2024-05-01", "2025-01-01", "2023-01-01"])
    assert ids(placer.postprocess_nodes(given)) == ["n3", "n1", "n2"]


def test_shuffle_is_that_of_the_same_passages_elsewhere(index: Index) -> None:
    """The seed covers the passage ids, and nodes keep those, so that LlamaIndex users compare like with like."""
    from rag.placement import parse_placement, place

    expected = place(rank(index, QUESTION, k=10).passages, parse_placement("shuffled(seed=7)"))
    placed = PlacementPostprocessor(placement="shuffled(seed=7)").postprocess_nodes(
        RagRetriever(index).retrieve(QUESTION)
    )
    assert ids(placed) == [ranked.passage.id for ranked in expected]


def test_spec_is_completed_and_survives_serialisation() -> None:
    placer = PlacementPostprocessor(placement="shuffled")
    assert placer.placement == "shuffled(seed=0)"
    assert PlacementPostprocessor.from_dict(placer.to_dict()).placement == "shuffled(seed=0)"


def test_unknown_placement_is_refused_when_it_is_made() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'middle'"):
        PlacementPostprocessor(placement="middel")


def test_retrieved_nodes_are_the_ranked_passages(index: Index) -> None:
    ranking = rank(index, QUESTION, k=3, mode="dense")
    found = RagRetriever(index, k=3, mode="dense").retrieve(QUESTION)
    assert [scored.score for scored in found] == [ranked.score for ranked in ranking.passages]
    for scored, ranked in zip(found, ranking.passages, strict=True):
        node, passage = scored.node, ranked.passage
        assert isinstance(node, TextNode)
        assert (node.node_id, node.text) == (passage.id, passage.text)
        assert node.metadata == {
            "source": passage.source,
            "title": passage.title,
            "heading": passage.heading,
            "start": passage.start,
            "end": passage.end,
            "type": "md",
        }


def test_filters_reach_the_index(index: Index) -> None:
    found = RagRetriever(index, where=["source=towns*"]).retrieve(QUESTION)
    assert {scored.node.metadata["source"] for scored in found} == {"towns.md"}


def test_empty_question_is_a_request_error(index: Index) -> None:
    with pytest.raises(RequestError, match="query is empty"):
        RagRetriever(index).retrieve(" ")


def test_without_llama_index_the_error_names_the_remedy() -> None:
    code = "import sys; sys.modules['llama_index'] = None; import rag.llamaindex"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: rag.llamaindex needs llama-index-core" in done.stderr
    assert "pip install 'reasoning-rag[llamaindex]'" in done.stderr
