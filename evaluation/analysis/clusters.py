"""Which questions of a run are not independent of one another, where its design counts them by their source."""

from evaluation.run import Run


def clusters_of(run: Run) -> tuple[str, ...] | None:
    """The cluster of each question, in the order of the run; None where each question is its own.

    By source, that is the document of the best ranked gold candidate, found by retrieval or not; a question without
    gold is its own cluster.
    """
    if run.manifest.design.clusters == "question":
        return None
    clusters = tuple(_source(run, example.id) for example in run.examples())
    return clusters if len(set(clusters)) < len(clusters) else None


def _source(run: Run, example: str) -> str:
    for candidate in run.candidates(example).candidates:
        if candidate.kind in ("gold", "unretrieved"):
            return f"source {candidate.ranked.passage.source}"
    return f"question {example}"
