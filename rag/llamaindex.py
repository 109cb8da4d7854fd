"""Adapters for LlamaIndex: a placement policy as a node postprocessor, an index of ours as a retriever.

The one place that imports `llama_index`; nothing else of `rag` imports this module.
"""

from collections.abc import Sequence

from indexes.index import Index
from indexes.passages import Passage, RankedPassage
from indexes.ranking import Mode, rank
from rag.placement import parse_placement, place

try:
    from llama_index.core.bridge.pydantic import field_validator
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ImportError as error:
    raise ImportError(
        f"rag.llamaindex needs llama-index-core ({error}); install it: pip install 'reasoning-rag[llamaindex]'"
    ) from error

_SHOWN = ("source", "title", "page", "heading")
"""The metadata that LlamaIndex puts before a passage in prompts; the rest is for filters and placements."""

_SOURCES = ("source", "file_path", "file_name")
"""Where a node may say which document it comes from, the first that is there."""


class PlacementPostprocessor(BaseNodePostprocessor):
    """Puts the retrieved nodes in the order of a placement policy; adds, drops and rescores none.

    Ranks are the incoming order, best first, so it belongs behind whatever reranks or drops nodes. Policies that need
    documents or dates find them in the nodes' metadata: the document under `source`, `file_path` or `file_name`, the
    date under the policy's own key, as in ``newest_last(key='last_modified_date')``.

    Attributes:
        placement: a policy with its parameters, such as ``edges`` or ``shuffled(seed=7)``; checked and completed.
    """

    placement: str = "edges"

    @field_validator("placement")
    @classmethod
    def _check(cls, text: str) -> str:
        return str(parse_placement(text))

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises it."""
        return "PlacementPostprocessor"

    def _postprocess_nodes(
        self,
        nodes: list[NodeWithScore],
        query_bundle: QueryBundle | None = None,  # noqa: ARG002 - LlamaIndex gives it to all
    ) -> list[NodeWithScore]:
        ranked = [
            RankedPassage(_passage(node), rank, 0.0 if node.score is None else node.score)
            for rank, node in enumerate(nodes, start=1)
        ]
        return [nodes[placed.rank - 1] for placed in place(ranked, parse_placement(self.placement))]


class RagRetriever(BaseRetriever):
    """Retrieves passages from an open index of ours, best first, as text nodes.

    A node has the passage's id, its verbatim text and, as metadata, source, title, page, heading, start, end and
    whatever the document carries, such as its date; what a passage lacks is left out.
    """

    def __init__(self, index: Index, *, k: int = 10, mode: Mode = "hybrid", where: Sequence[str] = ()) -> None:
        """Retrieves from `index`, which stays the caller's to close.

        Args:
            index: an open index.
            k: how many passages.
            mode: "dense", "lexical" or "hybrid".
            where: filters ``key=pattern``, all of which must hold.
        """
        super().__init__()
        self._index = index
        self._k = k
        self._mode: Mode = mode
        self._where = tuple(where)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        ranking = rank(self._index, query_bundle.query_str, k=self._k, mode=self._mode, where=self._where)
        return [NodeWithScore(node=_node(ranked.passage), score=ranked.score) for ranked in ranking.passages]


def _node(passage: Passage) -> TextNode:
    own = {key: getattr(passage, key) for key in ("source", "title", "page", "heading", "start", "end")}
    metadata = dict(passage.metadata) | {key: value for key, value in own.items() if value not in (None, "")}
    hidden = [key for key in metadata if key not in _SHOWN]
    return TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )


def _passage(scored: NodeWithScore) -> Passage:
    """As much of a passage as placement policies look at; made of any node."""
    node = scored.node
    source = next((str(node.metadata[key]) for key in _SOURCES if key in node.metadata), node.ref_doc_id or "")
    start = getattr(node, "start_char_idx", None) or 0
    end = getattr(node, "end_char_idx", None) or start
    metadata = tuple(sorted((str(key), str(value)) for key, value in node.metadata.items()))
    return Passage(node.node_id, node.get_content(), source, source, None, None, start, end, metadata=metadata)
