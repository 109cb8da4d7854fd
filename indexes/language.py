"""Notices documents that the embedder was not made for: mostly non-English text under an English model."""

from collections.abc import Sequence

from indexes.documents import Document

PROSE = frozenset({"txt", "md", "rst", "html", "htm", "pdf", "docx", "pptx", "epub"})
SAMPLE_CHARACTERS = 1000
FEWEST_CHARACTERS = 100

ENGLISH_MODELS = (
    "all-MiniLM-L6-v2",
    "all-MiniLM-L12-v2",
    "all-mpnet-base-v2",
    "multi-qa-",
    "-en",
    "msmarco-",
)
MULTILINGUAL = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"


def language_warning(documents: Sequence[Document], embedder: str) -> str | None:
    """A warning if most of the prose among `documents` is not English and `embedder` is an English model."""
    if not any(mark in embedder for mark in ENGLISH_MODELS):
        return None
    samples = [
        document.text[:SAMPLE_CHARACTERS]
        for document in documents
        if dict(document.metadata).get("type") in PROSE and len(document.text) >= FEWEST_CHARACTERS
    ]
    if not samples:
        return None
    import py3langid

    languages = [py3langid.classify(sample)[0] for sample in samples]
    foreign = [language for language in languages if language != "en"]
    if len(foreign) * 2 <= len(languages):
        return None
    most = max(sorted(set(foreign)), key=foreign.count)
    return (
        f"{len(foreign)} of {len(languages)} documents looked at are not English (mostly {most!r}), but {embedder} "
        f"is an English model; start anew with a multilingual one: --embedder {MULTILINGUAL} --replace"
    )
