"""Placement policies: in which order the model reads the selected passages."""

from rag.placement import policies as _policies  # noqa: F401 registers the built-in ones
from rag.placement import reference as _reference  # noqa: F401 registers the built-in ones
from rag.placement.placing import drawing, place
from rag.placement.registry import placement
from rag.placement.spec import PlacementSpec, parse_placement

__all__ = ["PlacementSpec", "drawing", "parse_placement", "place", "placement"]
